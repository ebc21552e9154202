// See sample_block.h; the header's bytes are in block_header.cc.
#include "format/sample_block.h"

#include <algorithm>
#include <cassert>

#include "format/block_header.h"
#include "format/varint.h"

namespace varve {
namespace {

size_t PieceCount(size_t samples) {
  return (samples + kPieceSamplesMax - 1) / kPieceSamplesMax;
}

Status CutOff() { return Status::Corruption("block: cut off in its pieces"); }

// Drops from the tail of *run that starts at `start` what lies outside
// [from, to].
void TrimTail(size_t start, int64_t from_ms, int64_t to_ms, SampleRun* run) {
  const int64_t* const begin = run->timestamps() + start;
  const int64_t* const end = run->timestamps() + run->size();
  const int64_t* const low = std::lower_bound(begin, end, from_ms);
  const int64_t* const high = std::upper_bound(low, end, to_ms);
  const auto skip = static_cast<size_t>(low - begin);
  const auto keep = static_cast<size_t>(high - low);
  if (skip > 0 && keep > 0) {
    std::memmove(run->timestamps() + start, low, keep * sizeof(int64_t));
    std::memmove(run->value_bits() + start, run->value_bits() + start + skip,
                 keep * sizeof(uint64_t));
  }
  run->Resize(start + keep);
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

// One piece's columns, and what its neighbours say of its end.
struct BlockDecoder::Piece {
  Slice timestamp_column;
  Slice value_column;
  size_t count = 0;
  int64_t first_ms = 0;
  int64_t limit_ms = 0;     // its last timestamp is at most this
  bool ends_block = false;  // then its last timestamp is limit_ms
};

void BlockEncoder::EncodePieces(Profile profile, const int64_t* timestamps,
                                const uint64_t* value_bits, size_t count) {
  timestamp_pieces_.clear();
  value_pieces_.clear();
  const bool directory = count > kPieceSamplesMax;
  for (size_t start = 0; start < count; start += kPieceSamplesMax) {
    const size_t samples = std::min(kPieceSamplesMax, count - start);
    const size_t timestamps_before = timestamp_pieces_.size();
    const size_t values_before = value_pieces_.size();
    timestamp_encoder_.Encode(timestamps + start, samples, profile,
                              &timestamp_pieces_);
    value_encoder_.Encode(value_bits + start, samples, profile, &value_pieces_);
    if (!directory) continue;
    if (start > 0) {
      AppendVarint(&timestamp_column_,
                   static_cast<uint64_t>(timestamps[start] -
                                         timestamps[start - kPieceSamplesMax]));
    }
    AppendVarint(&timestamp_column_,
                 timestamp_pieces_.size() - timestamps_before);
    AppendVarint(&value_column_, value_pieces_.size() - values_before);
  }
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
    char* end = EncodeBlockHeader(spec, count, t, t, 0, header);
    if (count == 1) end = ValueEncoder::EncodeOne(value_bits[0], end);
    out->append(header, static_cast<size_t>(end - header));
    return;
  }
  timestamp_column_.clear();
  value_column_.clear();
  EncodePieces(spec.profile, timestamps, value_bits, count);
  const char* const end = EncodeBlockHeader(
      spec, count, timestamps[0], timestamps[count - 1],
      timestamp_column_.size() + timestamp_pieces_.size(), header);
  const auto header_bytes = static_cast<size_t>(end - header);
  out->reserve(out->size() + header_bytes + timestamp_column_.size() +
               timestamp_pieces_.size() + value_column_.size() +
               value_pieces_.size());
  out->append(header, header_bytes);
  out->append(timestamp_column_).append(timestamp_pieces_);
  out->append(value_column_).append(value_pieces_);
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
  Slice timestamps(block.data() + header.header_bytes, header.timestamp_bytes);
  Slice values(timestamps.data() + timestamps.size(), header.value_bytes);
  const size_t pieces = PieceCount(header.sample_count);
  if (pieces == 1) {
    Piece piece{timestamps,
                values,
                header.sample_count,
                header.first_timestamp_ms,
                header.last_timestamp_ms,
                true};
    return DecodePiece(piece, from_ms, to_ms, run);
  }
  // Two passes over the directories: sizes first, to find where columns lie.
  struct Entry {
    uint64_t first_step, timestamp_bytes, value_bytes;
  };
  std::unique_ptr<Entry[]> entries(new Entry[pieces]);
  const char* tp = timestamps.data();
  const char* const t_limit = tp + timestamps.size();
  const char* vp = values.data();
  const char* const v_limit = vp + values.size();
  for (size_t i = 0; i < pieces; ++i) {
    entries[i].first_step = 0;
    if (i > 0) tp = DecodeVarint(tp, t_limit, &entries[i].first_step);
    if (tp != nullptr) {
      tp = DecodeVarint(tp, t_limit, &entries[i].timestamp_bytes);
    }
    vp = DecodeVarint(vp, v_limit, &entries[i].value_bytes);
    if (tp == nullptr || vp == nullptr) return CutOff();
  }
  int64_t first_ms = header.first_timestamp_ms;
  for (size_t i = 0; i < pieces; ++i) {
    const bool ends = i + 1 == pieces;
    const auto room =
        static_cast<uint64_t>(header.last_timestamp_ms - first_ms);
    if (entries[i].timestamp_bytes > static_cast<uint64_t>(t_limit - tp) ||
        entries[i].value_bytes > static_cast<uint64_t>(v_limit - vp) ||
        (!ends && (entries[i + 1].first_step == 0 ||
                   entries[i + 1].first_step > room))) {
      return CutOff();
    }
    Piece piece;
    piece.timestamp_column = Slice(tp, entries[i].timestamp_bytes);
    piece.value_column = Slice(vp, entries[i].value_bytes);
    piece.count =
        ends ? header.sample_count - i * kPieceSamplesMax : kPieceSamplesMax;
    piece.first_ms = first_ms;
    if (!ends) first_ms += static_cast<int64_t>(entries[i + 1].first_step);
    piece.limit_ms = ends ? header.last_timestamp_ms : first_ms - 1;
    piece.ends_block = ends;
    const Status status = DecodePiece(piece, from_ms, to_ms, run);
    if (!status.ok()) return status;
    tp += entries[i].timestamp_bytes;
    vp += entries[i].value_bytes;
  }
  if (tp != t_limit || vp != v_limit) {
    return Status::Corruption("block: bytes after its last piece");
  }
  return Status::OK();
}

Status BlockDecoder::DecodePiece(const Piece& piece, int64_t from_ms,
                                 int64_t to_ms, SampleRun* run) {
  if (piece.first_ms > to_ms || piece.limit_ms < from_ms) return Status::OK();
  const size_t start = run->size();
  run->Resize(start + piece.count);
  int64_t* const timestamps = run->timestamps() + start;
  Status status = timestamp_decoder_.Decode(
      piece.timestamp_column, piece.first_ms, piece.count, timestamps);
  if (!status.ok()) return status;
  const int64_t last_ms = timestamps[piece.count - 1];
  if (last_ms > piece.limit_ms ||
      (piece.ends_block && last_ms != piece.limit_ms)) {
    return Status::Corruption(
        "block: its timestamps end at " + std::to_string(last_ms) + ", not " +
        (piece.ends_block ? "at " : "before ") +
        std::to_string(piece.limit_ms + (piece.ends_block ? 0 : 1)));
  }
  if (last_ms < from_ms) {
    run->Resize(start);
    return Status::OK();
  }
  status = value_decoder_.Decode(piece.value_column, piece.count,
                                 run->value_bits() + start);
  if (!status.ok()) return status;
  if (piece.first_ms < from_ms || last_ms > to_ms) {
    TrimTail(start, from_ms, to_ms, run);
  }
  return Status::OK();
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
