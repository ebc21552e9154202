// See sample_block.h; the header's bytes are in block_header.cc.
#include "format/row/sample_block.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "format/coding/varint.h"
#include "format/row/block_header.h"
#include "format/row/block_pieces.h"

namespace varve {
namespace {

Status CheckLast(const BlockPiece& piece, int64_t last_ms) {
  const bool fits =
      piece.ends_block ? last_ms == piece.limit_ms : last_ms <= piece.limit_ms;
  if (fits) return Status::OK();
  return Status::Corruption(
      "block: its timestamps end at " + std::to_string(last_ms) + ", not " +
      (piece.ends_block ? "at " : "before ") +
      std::to_string(piece.limit_ms + (piece.ends_block ? 0 : 1)));
}

void AppendPlainRange(const Slice& block, int64_t from_ms, int64_t to_ms,
                      SampleRun* run) {
  const char* p = block.data() + kBlockTagBytes;
  const char* const limit = block.data() + block.size();
  for (; p < limit; p += kPlainSampleBytes) {
    const auto t = static_cast<int64_t>(LoadLittle64(p));
    if (t < from_ms || t > to_ms) continue;
    run->Append(t, LoadLittle64(p + sizeof(int64_t)));
  }
}

}  // namespace

void BlockEncoder::Clear() {
  timestamp_directory_.clear();
  value_directory_.clear();
  timestamp_pieces_.clear();
  value_pieces_.clear();
  listed_ = 0;
}

// Its columns are valid until the next call.
BlockPiece BlockEncoder::EncodePiece(Profile profile, const int64_t* timestamps,
                                     const uint64_t* value_bits, size_t count) {
  timestamp_column_.clear();
  value_column_.clear();
  timestamp_encoder_.Encode(timestamps, count, profile, &timestamp_column_);
  value_encoder_.Encode(value_bits, count, profile, &value_column_);
  return {timestamp_column_, value_column_,         count,
          timestamps[0],     timestamps[count - 1], true};
}

void BlockEncoder::AppendPiece(const BlockPiece& piece, Directory directory) {
  timestamp_pieces_.append(piece.timestamp_column.data(),
                           piece.timestamp_column.size());
  value_pieces_.append(piece.value_column.data(), piece.value_column.size());
  if (directory == Directory::kNone) return;
  if (listed_ > 0) {
    AppendVarint(&timestamp_directory_,
                 static_cast<uint64_t>(piece.first_ms - listed_first_ms_));
  }
  if (directory == Directory::kCounts) {
    AppendVarint(&timestamp_directory_, piece.count);
  }
  AppendVarint(&timestamp_directory_, piece.timestamp_column.size());
  AppendVarint(&value_directory_, piece.value_column.size());
  listed_first_ms_ = piece.first_ms;
  ++listed_;
}

void BlockEncoder::EncodePieces(Profile profile, Directory directory,
                                const int64_t* timestamps,
                                const uint64_t* value_bits, size_t count) {
  for (size_t start = 0; start < count; start += kPieceSamplesMax) {
    AppendPiece(EncodePiece(profile, timestamps + start, value_bits + start,
                            std::min(kPieceSamplesMax, count - start)),
                directory);
  }
}

// All but content.timestamp_bytes is the caller's to say.
void BlockEncoder::Finish(const BlockSpec& spec, BlockContent content,
                          std::string* out) {
  content.timestamp_bytes =
      timestamp_directory_.size() + timestamp_pieces_.size();
  char header[kBlockHeaderBytesMax];
  const char* const end = EncodeBlockHeader(spec, content, header);
  const auto header_bytes = static_cast<size_t>(end - header);
  out->reserve(out->size() + header_bytes + timestamp_directory_.size() +
               timestamp_pieces_.size() + value_directory_.size() +
               value_pieces_.size());
  out->append(header, header_bytes);
  out->append(timestamp_directory_).append(timestamp_pieces_);
  out->append(value_directory_).append(value_pieces_);
}

void BlockEncoder::Encode(const BlockSpec& spec, const int64_t* timestamps,
                          const uint64_t* value_bits, size_t count,
                          std::string* out) {
  assert(count <= kBlockSamplesMax);
  assert(
      count == 0 ||
      (timestamps[0] >= spec.shape.BucketFirst(spec.bucket_start_ms) &&
       timestamps[count - 1] <= spec.shape.BucketLast(spec.bucket_start_ms)));
  char header[kBlockHeaderBytesMax + kConstantBytesMax];
  if (count <= 1) {
    const int64_t t = count == 0 ? 0 : timestamps[0];
    char* end = EncodeBlockHeader(spec, {count, t, t}, header);
    if (count == 1) end = ValueEncoder::EncodeOne(value_bits[0], end);
    out->append(header, static_cast<size_t>(end - header));
    return;
  }
  Clear();
  EncodePieces(spec.profile,
               count > kPieceSamplesMax ? Directory::kSizes : Directory::kNone,
               timestamps, value_bits, count);
  Finish(spec, {count, timestamps[0], timestamps[count - 1]}, out);
}

void BlockEncoder::Join(const BlockSpec& spec, const BlockPiece* pieces,
                        size_t piece_count, const int64_t* timestamps,
                        const uint64_t* value_bits, size_t count,
                        std::string* out) {
  assert(piece_count >= 1);
  assert(count > 0 ? timestamps[0] > pieces[piece_count - 1].limit_ms
                   : pieces[piece_count - 1].ends_block);
  BlockPiece last = pieces[piece_count - 1];
  size_t samples = count;
  for (size_t i = 0; i < piece_count; ++i) samples += pieces[i].count;
  assert(samples <= kBlockSamplesMax);
  const int64_t last_ms = count > 0 ? timestamps[count - 1] : last.limit_ms;
  const size_t more = (count + kPieceSamplesMax - 1) / kPieceSamplesMax;
  BlockPiece next;  // when there is one more
  if (more == 1) {
    next = EncodePiece(spec.profile, timestamps, value_bits, count);
  }
  const bool united = more == 1 && UnitePieces(&last, next);
  const size_t all_pieces = piece_count + (united ? 0 : more);
  const bool counted = all_pieces > 1;
  const Directory directory = counted ? Directory::kCounts : Directory::kNone;
  Clear();
  if (counted) AppendVarint(&timestamp_directory_, all_pieces);
  for (size_t i = 0; i + 1 < piece_count; ++i)
    AppendPiece(pieces[i], directory);
  AppendPiece(last, directory);
  if (more == 1 && !united) AppendPiece(next, directory);
  if (more > 1) {
    EncodePieces(spec.profile, directory, timestamps, value_bits, count);
  }
  const auto sizes = counted ? PieceSizes::kListed : PieceSizes::kFull;
  Finish(spec, {samples, pieces[0].first_ms, last_ms, 0, sizes}, out);
}

void AppendPlainBlock(const int64_t* timestamps, const uint64_t* value_bits,
                      size_t count, std::string* out) {
  assert(count >= 1);
  const size_t start = out->size();
  out->resize(start + kBlockTagBytes + count * kPlainSampleBytes);
  char* p = &(*out)[start];
  *p++ = static_cast<char>(kBlockMagic);
  *p++ = static_cast<char>(BlockForm::kPlain);
  for (size_t i = 0; i < count; ++i, p += kPlainSampleBytes) {
    StoreLittle64(p, static_cast<uint64_t>(timestamps[i]));
    StoreLittle64(p + sizeof(int64_t), value_bits[i]);
  }
}

Status BlockDecoder::Decode(const Slice& block, SampleRun* run) {
  return DecodeRange(block, INT64_MIN, INT64_MAX, run);
}

Status BlockDecoder::DecodeRange(const Slice& block, int64_t from_ms,
                                 int64_t to_ms, SampleRun* run) {
  int64_t timestamp_ms = 0;
  size_t header_bytes = 0;
  if (PeekSingle(block, &timestamp_ms, &header_bytes)) {
    if (timestamp_ms < from_ms || timestamp_ms > to_ms) return Status::OK();
    return DecodeSingle(
        Slice(block.data() + header_bytes, block.size() - header_bytes),
        timestamp_ms, run);
  }
  const Status status = PeekBlock(block, &header_);
  return status.ok() ? DecodeRange(block, header_, from_ms, to_ms, run)
                     : status;
}

Status BlockDecoder::DecodeRange(const Slice& block, const BlockHeader& header,
                                 int64_t from_ms, int64_t to_ms,
                                 SampleRun* run) {
  if (header.form == BlockForm::kContainer) {
    return Status::InvalidArgument("block: a container has no columns");
  }
  if (header.sample_count == 0 || header.first_timestamp_ms > to_ms ||
      header.last_timestamp_ms < from_ms) {
    return Status::OK();
  }
  if (header.form == BlockForm::kPlain) {
    AppendPlainRange(block, from_ms, to_ms, run);
    return Status::OK();
  }
  if (header.sample_count == 1) {
    return DecodeSingle(
        Slice(block.data() + header.header_bytes, header.value_bytes),
        header.first_timestamp_ms, run);
  }
  const size_t size_before = run->size();
  const Status status = DecodePieces(block, header, from_ms, to_ms, run);
  if (!status.ok()) run->Resize(size_before);
  return status;
}

Status BlockDecoder::DecodeSingle(const Slice& value_column,
                                  int64_t timestamp_ms, SampleRun* run) {
  uint64_t bits = 0;
  if (ValueDecoder::PeekConstant(value_column, &bits)) {
    run->Append(timestamp_ms, bits);
    return Status::OK();
  }
  Status status = value_decoder_.Decode(value_column, 1, &bits);
  if (status.ok()) run->Append(timestamp_ms, bits);
  return status;
}

Status BlockDecoder::DecodePieces(const Slice& block, const BlockHeader& header,
                                  int64_t from_ms, int64_t to_ms,
                                  SampleRun* run) {
  Status status = ListPieces(block, header, &pieces_);
  for (size_t i = 0; i < pieces_.size() && status.ok(); ++i) {
    status = DecodePiece(pieces_[i], from_ms, to_ms, run);
  }
  return status;
}

Status BlockDecoder::DecodeLast(const Slice& block, const BlockHeader& header,
                                uint64_t* value_bits) {
  assert(header.form != BlockForm::kContainer && header.sample_count > 0);
  if (header.form == BlockForm::kPlain) {
    const char* p = block.data() + block.size();
    do {
      p -= kPlainSampleBytes;
    } while (static_cast<int64_t>(LoadLittle64(p)) != header.last_timestamp_ms);
    *value_bits = LoadLittle64(p + sizeof(int64_t));
    return Status::OK();
  }
  const Status status = ListPieces(block, header, &pieces_);
  if (!status.ok()) return status;
  return value_decoder_.DecodeLast(pieces_.back().value_column,
                                   pieces_.back().count, value_bits);
}

Status BlockDecoder::DecodePiece(const BlockPiece& piece, SampleRun* run) {
  const size_t size_before = run->size();
  const Status status = DecodePiece(piece, INT64_MIN, INT64_MAX, run);
  if (!status.ok()) run->Resize(size_before);
  return status;
}

Status BlockDecoder::DecodePiece(const BlockPiece& piece, int64_t from_ms,
                                 int64_t to_ms, SampleRun* run) {
  if (piece.first_ms > to_ms || piece.limit_ms < from_ms) return Status::OK();
  if (piece.first_ms < from_ms || piece.limit_ms > to_ms) {
    return DecodePart(piece, from_ms, to_ms, run);
  }
  const size_t start = run->size();
  run->Resize(start + piece.count);
  int64_t* const timestamps = run->timestamps() + start;
  Status status = timestamp_decoder_.Decode(
      piece.timestamp_column, piece.first_ms, piece.count, timestamps);
  if (!status.ok()) return status;
  status = CheckLast(piece, timestamps[piece.count - 1]);
  if (!status.ok()) return status;
  return value_decoder_.Decode(piece.value_column, piece.count,
                               run->value_bits() + start);
}

// The same for a range within the piece: decodes what it needs.
Status BlockDecoder::DecodePart(const BlockPiece& piece, int64_t from_ms,
                                int64_t to_ms, SampleRun* run) {
  // A wide range costs no more decoded as it is.
  const int64_t span_ms =
      std::min(to_ms, piece.limit_ms) - std::max(from_ms, piece.first_ms);
  ColumnCache* const cache =
      span_ms < (piece.limit_ms - piece.first_ms) / 2 ? cache_ : nullptr;
  TimestampRange range;
  Status status = timestamp_decoder_.DecodeRange(
      piece.timestamp_column, piece.first_ms, piece.count, {from_ms, to_ms},
      cache, &range);
  const size_t size = status.ok() ? range.size() : 0;
  if (size == 0) return status;
  const int64_t last_ms = range.timestamps[size - 1];
  if (range.end == piece.count) status = CheckLast(piece, last_ms);
  if (!status.ok()) return status;
  const size_t start = run->size();
  run->Resize(start + size);
  std::memcpy(run->timestamps() + start, range.timestamps,
              size * sizeof(int64_t));
  return value_decoder_.DecodeRange(piece.value_column, piece.count, range,
                                    cache, run->value_bits() + start);
}

void ContainerWriter::Add(const Slice& entry) {
  AppendVarint(&entries_, entry.size());
  entries_.append(entry.data(), entry.size());
  ++entry_count_;
}

void ContainerWriter::Finish(std::string* out) {
  out->push_back(static_cast<char>(kBlockMagic));
  out->push_back(static_cast<char>(BlockForm::kContainer));
  out->append(entries_);
  entries_.clear();
  entry_count_ = 0;
}

ContainerReader::ContainerReader(const Slice& container) : rest_(container) {
  rest_.remove_prefix(kBlockTagBytes);
}

bool ContainerReader::Next(Slice* entry) {
  uint64_t bytes = 0;
  const char* const limit = rest_.data() + rest_.size();
  const char* const p = DecodeVarint(rest_.data(), limit, &bytes);
  if (p == nullptr || bytes > static_cast<uint64_t>(limit - p)) return false;
  *entry = Slice(p, static_cast<size_t>(bytes));
  rest_ = Slice(p + bytes, static_cast<size_t>(limit - p - bytes));
  return true;
}

}  // namespace varve
