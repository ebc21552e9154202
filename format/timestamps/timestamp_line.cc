// See timestamp_line.h.
#include "format/timestamps/timestamp_line.h"

#include <algorithm>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/timestamps/timestamp_format.h"

namespace varve {
namespace {

using Entries = std::vector<SparseEntry>;

// The first entry at `position` or behind it.
Entries::const_iterator FirstFrom(const Entries& entries, size_t position) {
  return std::lower_bound(
      entries.begin(), entries.end(), position,
      [](const SparseEntry& entry, size_t at) { return entry.position < at; });
}

}  // namespace

const char* ReadLine(const char* p, const char* limit, size_t residuals,
                     Line* line, std::vector<SparseEntry>* gaps) {
  gaps->clear();
  *line = Line();
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

bool PackedLine::Open(const char* p, const char* limit, int64_t first,
                      size_t count) {
  first_ms_ = first;
  exceptions_.clear();
  p = ReadLine(p, limit, count - 1, &line_, &gaps_);
  if (p == nullptr || !stream_.Open(p, limit, count - 1)) return false;
  for (size_t i = 1; i < gaps_.size(); ++i) {
    gaps_[i].value += gaps_[i - 1].value;
  }
  return stream_.ReadExceptions([&](size_t position, uint64_t add) {
    exceptions_.push_back({static_cast<uint32_t>(position), add});
  });
}

uint64_t PackedLine::Place(size_t i, Entries::const_iterator* gap) const {
  *gap = FirstFrom(gaps_, i + 1);
  return i + 1 + (*gap == gaps_.begin() ? 0 : (*gap - 1)->value);
}

int64_t PackedLine::FirstOf(size_t g) const {
  const size_t i = g * kGroupValues;
  Entries::const_iterator gap;
  const uint64_t place = Place(i, &gap);
  uint64_t value = stream_.FirstOf(g) + static_cast<uint64_t>(first_ms_) +
                   place * line_.step +
                   (place * line_.fraction >> kFractionBits);
  const auto exception = FirstFrom(exceptions_, i);
  if (exception != exceptions_.end() && exception->position == i) {
    value += exception->value;
  }
  return static_cast<int64_t>(value);
}

void PackedLine::Read(size_t g, const TimestampKernels& kernels,
                      int64_t* timestamps) const {
  // Signed and unsigned of one width may alias.
  auto* const values = reinterpret_cast<uint64_t*>(timestamps);
  const size_t begin = g * kGroupValues;
  const size_t size = group_size(g);
  stream_.ReadGroup(g, kernels, values);
  for (auto entry = FirstFrom(exceptions_, begin);
       entry != exceptions_.end() && entry->position < begin + size; ++entry) {
    values[entry->position - begin] += entry->value;
  }
  for (size_t i = 0; i < size;) {
    Entries::const_iterator gap;
    const uint64_t place = Place(begin + i, &gap);
    const size_t end = gap == gaps_.end()
                           ? size
                           : std::min<size_t>(size, gap->position - begin);
    const uint64_t start =
        static_cast<uint64_t>(first_ms_) + place * line_.step;
    if (line_.fraction == 0) {
      kernels.add_line(start, line_.step, values + i, end - i);
    } else {
      kernels.add_line_fraction(start, line_.step, place * line_.fraction,
                                line_.fraction, values + i, end - i);
    }
    i = end;
  }
}

}  // namespace varve
