// Reads the timestamp column. Residuals are read into the caller's array and
// become timestamps in place, modulo 2^64; that the result ascends is checked
// at the end, which is all that bytes can get wrong by then.
#include <algorithm>
#include <cassert>
#include <limits>

#include "format/coding/column_bytes.h"
#include "format/coding/varint.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/timestamps/timestamp_format.h"
#include "format/timestamps/timestamp_line.h"
#include "format/timestamps/timestamp_packed.h"
#include "format/timestamps/timestamp_tokens.h"

namespace varve {
namespace {

Status Bad(const char* what) {
  return Status::Corruption(std::string("timestamp column: ") + what);
}

Status Unknown(uint8_t encoding) {
  return Status::NotSupported(
      "timestamp column: encoding " + std::to_string(encoding) +
      " is not known to this version; read it with a newer Varve");
}

// The step of encodings kStep and kStepSeconds that takes all of the body;
// 0 when the bytes are not one.
uint64_t ReadStep(uint8_t encoding, ColumnBytes body) {
  uint64_t step = 0;
  if (DecodeVarint(body.p, body.limit, &step) != body.limit) return 0;
  if (encoding == kStep) return step % kStepUnit == 0 ? 0 : step;
  const bool fits = step <= std::numeric_limits<uint64_t>::max() / kStepUnit;
  return fits ? step * kStepUnit : 0;
}

// Whether count - 1 steps from `first` on stay within int64.
bool StepsFit(uint64_t step, int64_t first, size_t count) {
  const uint64_t room =
      static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) -
      static_cast<uint64_t>(first);
  return step <= room / (count - 1);
}

bool OffsetsFit(const std::vector<uint32_t>& offsets_ms, int64_t first,
                size_t count) {
  return offsets_ms.size() == count &&
         first <= std::numeric_limits<int64_t>::max() - offsets_ms.back();
}

// Pieces of more than 49 days are not kept.
void InsertOffsets(const ColumnCache::Key& key, const int64_t* timestamps,
                   size_t count, ColumnCache* cache) {
  const auto offset = [&](size_t i) {
    return static_cast<uint64_t>(timestamps[i]) -
           static_cast<uint64_t>(timestamps[0]);
  };
  if (offset(count - 1) > std::numeric_limits<uint32_t>::max()) return;
  const auto opened = std::make_shared<OpenedColumn>();
  opened->offsets_ms.resize(count);
  for (size_t i = 0; i < count; ++i) {
    opened->offsets_ms[i] = static_cast<uint32_t>(offset(i));
  }
  cache->Insert(key, opened);
}

}  // namespace

struct TimestampDecoder::Scratch {
  explicit Scratch(CpuLevel level) : tokens(level) {}

  TokenDecoder tokens;
  std::vector<SparseEntry> gaps;
  // DecodeRange's:
  PackedLine line;
  std::vector<int64_t> timestamps;

  int64_t* Room(size_t count) {
    if (timestamps.size() < count) timestamps.resize(count);
    return timestamps.data();
  }
};

TimestampDecoder::TimestampDecoder(CpuLevel level)
    : level_(level), kernels_(KernelsAt(level)) {}
TimestampDecoder::~TimestampDecoder() = default;

bool TimestampDecoder::ReadResiduals(Residuals residuals, ColumnBytes bytes,
                                     size_t count, uint64_t* values) {
  return residuals == Residuals::kTokens
             ? scratch_->tokens.Read(bytes.p, bytes.limit, count, values)
             : ReadPacked(bytes.p, bytes.limit, count, kernels_, values);
}

bool TimestampDecoder::DecodeLine(Residuals residuals, ColumnBytes body,
                                  int64_t first, size_t count,
                                  int64_t* timestamps) {
  const size_t residual_count = count - 1;
  auto* const values = reinterpret_cast<uint64_t*>(timestamps) + 1;
  std::vector<SparseEntry>& gaps = scratch_->gaps;
  Line line;
  body.p = ReadLine(body.p, body.limit, residual_count, &line, &gaps);
  if (body.p == nullptr ||
      !ReadResiduals(residuals, body, residual_count, values)) {
    return false;
  }
  uint64_t index = 1;
  size_t begin = 0;
  const auto add_until = [&](size_t end) {
    const uint64_t start = static_cast<uint64_t>(first) + index * line.step;
    if (line.fraction == 0) {
      kernels_.add_line(start, line.step, values + begin, end - begin);
    } else {
      kernels_.add_line_fraction(start, line.step, index * line.fraction,
                                 line.fraction, values + begin, end - begin);
    }
    index += end - begin;
    begin = end;
  };
  for (const SparseEntry& gap : gaps) {
    add_until(gap.position);
    index += gap.value;
  }
  add_until(residual_count);
  return true;
}

Status TimestampDecoder::DecodeBody(uint8_t encoding, ColumnBytes body,
                                    int64_t first, size_t count,
                                    int64_t* timestamps) {
  // Signed and unsigned of one width may alias.
  auto* const values = reinterpret_cast<uint64_t*>(timestamps);
  const size_t residual_count = count - 1;
  const Residuals residuals = encoding == kLineTokens ||
                                      encoding == kDeltaTokens ||
                                      encoding == kDelta2Tokens
                                  ? Residuals::kTokens
                                  : Residuals::kPacked;
  uint64_t step = 0;
  switch (encoding) {
    case kLinePacked:
    case kLineTokens:
      if (!DecodeLine(residuals, body, first, count, timestamps)) {
        return Bad("not a line with residuals");
      }
      break;
    case kDelta2Packed:
    case kDelta2Tokens:
      if (!body.TakeVarint(&step)) {
        return Bad("first step cut off or not a varint");
      }
      if (!ReadResiduals(residuals, body, residual_count, values + 1)) {
        return Bad("not second steps");
      }
      for (size_t i = 1; i < count; ++i) {
        step += values[i];
        values[i] = values[i - 1] + step;
      }
      break;
    default:
      if (!ReadResiduals(residuals, body, residual_count, values + 1)) {
        return Bad("not steps");
      }
      for (size_t i = 1; i < count; ++i) values[i] += values[i - 1];
      break;
  }
  return kernels_.ascending(timestamps, count) ? Status::OK()
                                               : Bad("not ascending");
}

Status TimestampDecoder::Decode(const Slice& column, int64_t first,
                                size_t count, int64_t* timestamps) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  timestamps[0] = first;
  if (count == 1) {
    return column.empty() ? Status::OK() : Bad("bytes after a lone timestamp");
  }
  if (column.empty()) return Bad("empty");
  const auto encoding = static_cast<uint8_t>(column[0]);
  if (encoding > kTimestampEncodingLast) return Unknown(encoding);
  const ColumnBytes body = BytesBehind(column, 1);
  if (encoding > kStepSeconds) {
    if (scratch_ == nullptr) scratch_.reset(new Scratch(level_));
    return DecodeBody(encoding, body, first, count, timestamps);
  }
  const uint64_t step = ReadStep(encoding, body);
  if (step == 0) return Bad("not a step");
  if (!StepsFit(step, first, count)) return Bad("steps leave int64");
  kernels_.fill_line(static_cast<uint64_t>(first), step,
                     reinterpret_cast<uint64_t*>(timestamps), count);
  return Status::OK();
}

// Looks for the first group by halves, each time at a group's first timestamp
// alone.
bool TimestampDecoder::DecodeRangeOfLine(ColumnBytes body, int64_t first,
                                         size_t count, TimeRange times,
                                         IndexRange* decoded) {
  PackedLine& line = scratch_->line;
  int64_t* const timestamps = scratch_->Room(count);
  if (!line.Open(body.p, body.limit, first, count)) return false;
  size_t low = 0;  // groups that begin before times.from_ms
  size_t high = line.group_count();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (line.FirstOf(middle) < times.from_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  size_t size = 0;
  if (low == 0) timestamps[size++] = first;
  size_t group = low == 0 ? 0 : low - 1;
  decoded->begin = low == 0 ? 0 : 1 + group * kGroupValues;
  do {
    line.Read(group, kernels_, timestamps + size);
    size += line.group_size(group);
    ++group;
  } while (group < line.group_count() && line.FirstOf(group) <= times.to_ms);
  decoded->end = decoded->begin + size;
  return true;
}

void TimestampDecoder::DecodeRangeOfSteps(uint64_t step, int64_t first,
                                          size_t count, TimeRange times,
                                          TimestampRange* range) {
  const auto before = [&](int64_t bound_ms) {  // how many lie before it
    if (bound_ms <= first) return size_t{0};
    const uint64_t distance =
        static_cast<uint64_t>(bound_ms) - static_cast<uint64_t>(first);
    return static_cast<size_t>(
        std::min<uint64_t>((distance - 1) / step + 1, count));
  };
  const bool open = times.to_ms == std::numeric_limits<int64_t>::max();
  range->begin = before(times.from_ms);
  range->end = std::max(range->begin, open ? count : before(times.to_ms + 1));
  int64_t* const timestamps = scratch_->Room(range->size());
  range->timestamps = timestamps;
  kernels_.fill_line(static_cast<uint64_t>(first) + range->begin * step, step,
                     reinterpret_cast<uint64_t*>(timestamps), range->size());
}

// False when the column is not kept.
bool TimestampDecoder::DecodeRangeOpened(const ColumnCache::Key& key,
                                         int64_t first, size_t count,
                                         TimeRange times, ColumnCache* cache,
                                         TimestampRange* range) {
  const ColumnCache::Entry opened = cache->Find(key);
  if (opened == nullptr || !OffsetsFit(opened->offsets_ms, first, count)) {
    return false;
  }
  const std::vector<uint32_t>& offsets = opened->offsets_ms;
  const auto offset = [&](int64_t bound_ms) {
    return static_cast<uint64_t>(bound_ms) - static_cast<uint64_t>(first);
  };
  auto low = offsets.begin();
  if (times.from_ms > first) {
    low = std::lower_bound(low, offsets.end(), offset(times.from_ms));
  }
  const auto high = times.to_ms < first ? low
                                        : std::upper_bound(low, offsets.end(),
                                                           offset(times.to_ms));
  range->begin = static_cast<size_t>(low - offsets.begin());
  range->end = static_cast<size_t>(high - offsets.begin());
  int64_t* const timestamps = scratch_->Room(range->size());
  range->timestamps = timestamps;
  for (size_t i = 0; i < range->size(); ++i) timestamps[i] = first + low[i];
  return true;
}

Status TimestampDecoder::DecodeRange(const Slice& column, int64_t first,
                                     size_t count, TimeRange times,
                                     ColumnCache* cache,
                                     TimestampRange* range) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  if (scratch_ == nullptr) scratch_.reset(new Scratch(level_));
  uint64_t step;
  if (ReadConstantStep(column, first, count, &step)) {
    DecodeRangeOfSteps(step, first, count, times, range);
    return Status::OK();
  }
  IndexRange decoded = {0, count};
  int64_t* const timestamps = scratch_->Room(count);
  if (count > 1 && !column.empty() &&
      static_cast<uint8_t>(column[0]) == kLinePacked) {
    if (!DecodeRangeOfLine(BytesBehind(column, 1), first, count, times,
                           &decoded)) {
      return Bad("not a line with residuals");
    }
    if (!kernels_.ascending(timestamps, decoded.size())) {
      return Bad("not ascending");
    }
  } else {
    ColumnCache::Key key;
    const bool caches = cache != nullptr && count >= ColumnCache::kCountMin;
    if (caches) {
      key = cache->KeyOf(ColumnCache::Kind::kTimestamps, column, count);
      if (DecodeRangeOpened(key, first, count, times, cache, range)) {
        return Status::OK();
      }
    }
    const Status status = Decode(column, first, count, timestamps);
    if (!status.ok()) return status;
    if (caches) InsertOffsets(key, timestamps, count, cache);
  }
  const int64_t* const end = timestamps + decoded.size();
  const int64_t* const low = std::lower_bound(
      static_cast<const int64_t*>(timestamps), end, times.from_ms);
  const int64_t* const high =
      std::max(low, std::upper_bound(low, end, times.to_ms));
  range->timestamps = low;
  range->begin = decoded.begin + static_cast<size_t>(low - timestamps);
  range->end = range->begin + static_cast<size_t>(high - low);
  return Status::OK();
}

bool ReadConstantStep(const Slice& column, int64_t first, size_t count,
                      uint64_t* step) {
  if (count < 2 || column.empty()) return false;
  const auto encoding = static_cast<uint8_t>(column[0]);
  if (encoding > kStepSeconds) return false;
  *step = ReadStep(encoding, BytesBehind(column, 1));
  return *step != 0 && StepsFit(*step, first, count);
}

}  // namespace varve
