// Reads the timestamp column. Residuals are read into the caller's array and
// become timestamps in place, modulo 2^64; that the result ascends is checked
// at the end, which is all that bytes can get wrong by then.
#include <algorithm>
#include <cassert>
#include <limits>

#include "format/timestamp_codec.h"
#include "format/timestamp_format.h"
#include "format/timestamp_packed.h"
#include "format/timestamp_tokens.h"
#include "format/value_codec.h"
#include "format/varint.h"

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

// The step of encodings kStep and kStepSeconds that takes all of [p, limit);
// 0 when the bytes are not one.
uint64_t ReadStep(uint8_t encoding, const char* p, const char* limit) {
  uint64_t step = 0;
  if (DecodeVarint(p, limit, &step) != limit) return 0;
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

struct Line {
  uint64_t step = 0;
  uint64_t fraction = 0;
};

// Returns the byte after the line; its gaps go to *gaps.
const char* ReadLine(const char* p, const char* limit, size_t residuals,
                     Line* line, std::vector<SparseEntry>* gaps) {
  gaps->clear();
  if (p == limit) return nullptr;
  const auto flags = static_cast<unsigned char>(*p++);
  if ((flags & ~kLineFlags) != 0) return nullptr;
  p = DecodeVarint(p, limit, &line->step);
  if (p == nullptr) return nullptr;
  if ((flags & kLineSeconds) != 0) line->step *= kStepUnit;
  if ((flags & kLineBelow) != 0) --line->step;
  if ((flags & kLineHasFraction) != 0) {
    constexpr size_t kBytes = kFractionBits / 8;
    if (static_cast<size_t>(limit - p) < kBytes) return nullptr;
    line->fraction = LoadBelow(p, p + kBytes);
    p += kBytes;
  }
  if ((flags & kLineHasGaps) == 0) return p;
  return ReadSparse(p, limit, residuals, [&](size_t position, uint64_t extra) {
    gaps->push_back({static_cast<uint32_t>(position), extra});
  });
}

}  // namespace

struct TimestampDecoder::Scratch {
  explicit Scratch(CpuLevel level) : tokens(level) {}

  TokenDecoder tokens;
  std::vector<SparseEntry> gaps;
  std::vector<SparseEntry> exceptions;  // FindOnLine's
  std::vector<int64_t> timestamps;      // Find's
};

TimestampDecoder::TimestampDecoder(CpuLevel level)
    : level_(level), kernels_(KernelsAt(level)) {}
TimestampDecoder::~TimestampDecoder() = default;

bool TimestampDecoder::ReadResiduals(bool tokens, const char* p,
                                     const char* limit, size_t count,
                                     uint64_t* residuals) {
  return tokens ? scratch_->tokens.Read(p, limit, count, residuals)
                : ReadPacked(p, limit, count, kernels_, residuals);
}

bool TimestampDecoder::DecodeLine(bool tokens, const char* p, const char* limit,
                                  int64_t first, size_t count,
                                  int64_t* timestamps) {
  const size_t residual_count = count - 1;
  auto* const values = reinterpret_cast<uint64_t*>(timestamps) + 1;
  std::vector<SparseEntry>& gaps = scratch_->gaps;
  Line line;
  p = ReadLine(p, limit, residual_count, &line, &gaps);
  if (p == nullptr ||
      !ReadResiduals(tokens, p, limit, residual_count, values)) {
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

Status TimestampDecoder::DecodeBody(uint8_t encoding, const char* p,
                                    const char* limit, int64_t first,
                                    size_t count, int64_t* timestamps) {
  // Signed and unsigned of one width may alias.
  auto* const values = reinterpret_cast<uint64_t*>(timestamps);
  const size_t residual_count = count - 1;
  const bool tokens = encoding == kLineTokens || encoding == kDeltaTokens ||
                      encoding == kDelta2Tokens;
  uint64_t step = 0;
  switch (encoding) {
    case kLinePacked:
    case kLineTokens:
      if (!DecodeLine(tokens, p, limit, first, count, timestamps)) {
        return Bad("not a line with residuals");
      }
      break;
    case kDelta2Packed:
    case kDelta2Tokens:
      p = DecodeVarint(p, limit, &step);
      if (p == nullptr) return Bad("first step cut off or not a varint");
      if (!ReadResiduals(tokens, p, limit, residual_count, values + 1)) {
        return Bad("not second steps");
      }
      for (size_t i = 1; i < count; ++i) {
        step += values[i];
        values[i] = values[i - 1] + step;
      }
      break;
    default:
      if (!ReadResiduals(tokens, p, limit, residual_count, values + 1)) {
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
  const char* const p = column.data() + 1;
  const char* const limit = column.data() + column.size();
  if (encoding > kStepSeconds) {
    if (scratch_ == nullptr) scratch_.reset(new Scratch(level_));
    return DecodeBody(encoding, p, limit, first, count, timestamps);
  }
  const uint64_t step = ReadStep(encoding, p, limit);
  if (step == 0) return Bad("not a step");
  if (!StepsFit(step, first, count)) return Bad("steps leave int64");
  kernels_.fill_line(static_cast<uint64_t>(first), step,
                     reinterpret_cast<uint64_t*>(timestamps), count);
  return Status::OK();
}

// Looks for the group by halves, each time at the first one of 256: no other
// group is read. False when there is no such column.
bool TimestampDecoder::FindOnLine(const char* p, const char* limit,
                                  int64_t first, size_t count, int64_t at_least,
                                  size_t* index) {
  std::vector<SparseEntry>& gaps = scratch_->gaps;
  std::vector<SparseEntry>& exceptions = scratch_->exceptions;
  Line line;
  PackedStream stream;
  p = ReadLine(p, limit, count - 1, &line, &gaps);
  if (p == nullptr || !stream.Open(p, limit, count - 1)) return false;
  exceptions.clear();
  if (!stream.ReadExceptions([&](size_t position, uint64_t add) {
        exceptions.push_back({static_cast<uint32_t>(position), add});
      })) {
    return false;
  }
  uint64_t values[kGroupValues];
  const auto read = [&](size_t g) {
    const size_t begin = g * kGroupValues;
    const size_t size = stream.group_size(g);
    stream.ReadGroup(g, kernels_, values);
    for (const SparseEntry& entry : exceptions) {
      if (entry.position >= begin && entry.position < begin + size) {
        values[entry.position - begin] += entry.value;
      }
    }
    uint64_t place = begin + 1;  // on the line, with the gaps before it
    auto gap = gaps.begin();
    for (size_t i = 0; i < size; ++i, ++place) {
      for (; gap != gaps.end() && gap->position <= begin + i; ++gap) {
        place += gap->value;
      }
      values[i] += static_cast<uint64_t>(first) + place * line.step +
                   (place * line.fraction >> kFractionBits);
    }
    return size;
  };
  size_t low = 0;  // groups that begin before at_least
  size_t high = stream.group_count();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    read(middle);
    if (static_cast<int64_t>(values[0]) < at_least) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  *index = 1;
  if (low == 0) return true;
  const size_t size = read(low - 1);
  const auto* const timestamps = reinterpret_cast<const int64_t*>(values);
  const int64_t* const found =
      std::lower_bound(timestamps, timestamps + size, at_least);
  *index += (low - 1) * kGroupValues + static_cast<size_t>(found - timestamps);
  return true;
}

Status TimestampDecoder::Find(const Slice& column, int64_t first, size_t count,
                              int64_t at_least, size_t* index) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  uint64_t step;
  if (ReadConstantStep(column, first, count, &step)) {
    if (at_least <= first) {
      *index = 0;
      return Status::OK();
    }
    const uint64_t distance =
        static_cast<uint64_t>(at_least) - static_cast<uint64_t>(first);
    *index = static_cast<size_t>(
        std::min<uint64_t>((distance - 1) / step + 1, count));
    return Status::OK();
  }
  if (scratch_ == nullptr) scratch_.reset(new Scratch(level_));
  if (count > 1 && at_least <= first) {
    *index = 0;
    return Status::OK();
  }
  if (count > 1 && !column.empty() &&
      static_cast<uint8_t>(column[0]) == kLinePacked) {
    return FindOnLine(column.data() + 1, column.data() + column.size(), first,
                      count, at_least, index)
               ? Status::OK()
               : Bad("not a line with residuals");
  }
  scratch_->timestamps.resize(kPieceSamplesMax);
  int64_t* const timestamps = scratch_->timestamps.data();
  const Status status = Decode(column, first, count, timestamps);
  if (!status.ok()) return status;
  *index = static_cast<size_t>(
      std::lower_bound(timestamps, timestamps + count, at_least) - timestamps);
  return status;
}

bool ReadConstantStep(const Slice& column, int64_t first, size_t count,
                      uint64_t* step) {
  if (count < 2 || column.empty()) return false;
  const auto encoding = static_cast<uint8_t>(column[0]);
  if (encoding > kStepSeconds) return false;
  *step = ReadStep(encoding, column.data() + 1, column.data() + column.size());
  return *step != 0 && StepsFit(*step, first, count);
}

}  // namespace varve
