// See block_pieces.h.
#include "format/row/block_pieces.h"

#include <algorithm>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_format.h"
#include "format/values/value_constants.h"

namespace varve {
namespace {

Status CutOff() { return Status::Corruption("block: cut off in its pieces"); }

// Reads a directory; false for ever after a failure.
struct DirectoryCursor {
  const char* p;
  const char* limit;

  bool Read(uint64_t* v) {
    if (p != nullptr) p = DecodeVarint(p, limit, v);
    return p != nullptr;
  }
  // Takes a column off what follows the directory.
  bool Take(size_t bytes, Slice* column) {
    if (bytes > static_cast<size_t>(limit - p)) return false;
    *column = Slice(p, bytes);
    p += bytes;
    return true;
  }
};

// How many pieces the directories list; 0 when they cannot list as many.
size_t ReadPieceCount(const BlockHeader& header, DirectoryCursor* timestamps) {
  if (!header.counted_pieces) {
    return (header.sample_count + kPieceSamplesMax - 1) / kPieceSamplesMax;
  }
  uint64_t pieces = 0;
  // Each takes a byte or more of either directory.
  if (!timestamps->Read(&pieces) || pieces > header.timestamp_bytes ||
      pieces > header.value_bytes) {
    return 0;
  }
  return static_cast<size_t>(pieces);
}

bool KnowsEncodings(const BlockPiece& piece) {
  const bool timestamps =
      piece.count == 1 ? piece.timestamp_column.empty()
                       : !piece.timestamp_column.empty() &&
                             static_cast<uint8_t>(piece.timestamp_column[0]) <=
                                 kTimestampEncodingLast;
  return timestamps && !piece.value_column.empty() &&
         IsKnownEncoding(static_cast<uint8_t>(piece.value_column[0]));
}

// Mini-blocks of values and packed timestamps are what the fast profile
// writes, and the others only where that is as small.
bool TimestampsPackedSmall(const BlockPiece& piece) {
  if (piece.count == 1) return true;
  switch (static_cast<uint8_t>(piece.timestamp_column[0])) {
    case kStep:
    case kStepSeconds:
    case kLineTokens:
    case kDeltaTokens:
    case kDelta2Tokens:
      return true;
    default:
      return piece.timestamp_column.size() * 8 <= piece.count;
  }
}

}  // namespace

Status ListPieces(const Slice& block, const BlockHeader& header,
                  std::vector<BlockPiece>* pieces) {
  const char* const columns = block.data() + header.header_bytes;
  DirectoryCursor timestamps = {columns, columns + header.timestamp_bytes};
  DirectoryCursor values = {timestamps.limit,
                            timestamps.limit + header.value_bytes};
  pieces->clear();
  if (header.sample_count <= kPieceSamplesMax && !header.counted_pieces) {
    pieces->push_back({Slice(columns, header.timestamp_bytes),
                       Slice(values.p, header.value_bytes), header.sample_count,
                       header.first_timestamp_ms, header.last_timestamp_ms,
                       true});
    return Status::OK();
  }
  const size_t piece_count = ReadPieceCount(header, &timestamps);
  if (piece_count == 0) return CutOff();
  pieces->resize(piece_count);
  // The directories first: the columns lie behind them. Until then a column's
  // size is all that its slice holds.
  int64_t first_ms = header.first_timestamp_ms;
  size_t left = header.sample_count;
  for (size_t i = 0; i < piece_count; ++i) {
    BlockPiece& piece = (*pieces)[i];
    uint64_t step = 0;
    uint64_t count = std::min(left, kPieceSamplesMax);
    uint64_t timestamp_bytes = 0;
    uint64_t value_bytes = 0;
    if (i > 0 &&
        (!timestamps.Read(&step) || step == 0 ||
         step > static_cast<uint64_t>(header.last_timestamp_ms - first_ms))) {
      return CutOff();
    }
    if ((header.counted_pieces && !timestamps.Read(&count)) ||
        !timestamps.Read(&timestamp_bytes) || !values.Read(&value_bytes) ||
        count == 0 || count > std::min(left, kPieceSamplesMax)) {
      return CutOff();
    }
    first_ms += static_cast<int64_t>(step);
    left -= static_cast<size_t>(count);
    piece.first_ms = first_ms;
    piece.count = static_cast<size_t>(count);
    piece.timestamp_column =
        Slice(columns, static_cast<size_t>(timestamp_bytes));
    piece.value_column = Slice(columns, static_cast<size_t>(value_bytes));
    if (i > 0) (*pieces)[i - 1].limit_ms = first_ms - 1;
  }
  if (left != 0) return CutOff();
  pieces->back().limit_ms = header.last_timestamp_ms;
  pieces->back().ends_block = true;
  for (BlockPiece& piece : *pieces) {
    if (!timestamps.Take(piece.timestamp_column.size(),
                         &piece.timestamp_column) ||
        !values.Take(piece.value_column.size(), &piece.value_column)) {
      return CutOff();
    }
  }
  if (timestamps.p != timestamps.limit || values.p != values.limit) {
    return Status::Corruption("block: bytes after its last piece");
  }
  return Status::OK();
}

bool IsEncodedWell(const BlockPiece& piece, Profile profile) {
  if (!KnowsEncodings(piece)) return false;
  return profile == Profile::kFast ||
         (TimestampsPackedSmall(piece) &&
          ValueDecoder::IsPackedSmall(piece.value_column));
}

bool UnitePieces(BlockPiece* piece, const BlockPiece& next) {
  uint64_t word;
  uint64_t step;
  uint64_t next_step;
  if (piece->count + next.count > kPieceSamplesMax ||
      piece->value_column != next.value_column ||
      !ValueDecoder::PeekConstant(piece->value_column, &word) ||
      !ReadConstantStep(piece->timestamp_column, piece->first_ms, piece->count,
                        &step) ||
      static_cast<uint64_t>(next.first_ms) !=
          static_cast<uint64_t>(piece->first_ms) + piece->count * step) {
    return false;
  }
  if (next.count > 1 && !(ReadConstantStep(next.timestamp_column, next.first_ms,
                                           next.count, &next_step) &&
                          next_step == step)) {
    return false;
  }
  piece->count += next.count;
  piece->limit_ms = next.limit_ms;
  piece->ends_block = next.ends_block;
  return true;
}

}  // namespace varve
