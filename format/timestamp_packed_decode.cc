// The reading of packed streams. See timestamp_packed.h.
#include <algorithm>

#include "format/timestamp_packed.h"

namespace varve {
namespace {

constexpr size_t kGroupsMax = kTimestampsMax / kGroupValues;

struct Groups {
  unsigned width[kGroupsMax];
  uint64_t base[kGroupsMax];
};

// Widths and bases of `count` values; one group stands for all when the
// layout says so. Returns the byte after them.
const char* ReadGroups(const char* p, const char* limit, uint8_t layout,
                       size_t group_count, Groups* groups) {
  if (layout < kPackedGroups) {
    const unsigned width =
        layout < kPackedExceptions ? layout : layout - kPackedExceptions;
    uint64_t base;
    p = DecodeVarint(p, limit, &base);
    std::fill_n(groups->width, group_count, width);
    std::fill_n(groups->base, group_count,
                p == nullptr ? 0 : static_cast<uint64_t>(UnZigZag(base)));
    return p;
  }
  if (layout > kPackedGroupsExceptions ||
      static_cast<size_t>(limit - p) < group_count) {
    return nullptr;
  }
  for (size_t g = 0; g < group_count; ++g) {
    groups->width[g] = static_cast<unsigned char>(*p++);
    if (groups->width[g] > kWidthMax) return nullptr;
  }
  uint64_t base = 0;
  for (size_t g = 0; g < group_count; ++g) {
    uint64_t step;
    p = DecodeVarint(p, limit, &step);
    if (p == nullptr) return nullptr;
    base += static_cast<uint64_t>(UnZigZag(step));
    groups->base[g] = base;
  }
  return p;
}

}  // namespace

bool ReadPacked(const char* p, const char* limit, size_t count,
                const TimestampKernels& kernels, uint64_t* values) {
  if (p == limit) return false;
  const auto layout = static_cast<uint8_t>(*p++);
  const size_t group_count = (count + kGroupValues - 1) / kGroupValues;
  Groups groups;
  p = ReadGroups(p, limit, layout, group_count, &groups);
  if (p == nullptr) return false;

  size_t slot_bytes = 0;
  for (size_t g = 0; g < group_count; ++g) {
    const size_t here = std::min(kGroupValues, count - g * kGroupValues);
    slot_bytes += (here * groups.width[g] + 7) / 8;
  }
  if (slot_bytes > static_cast<size_t>(limit - p)) return false;
  const char* const slots = limit - slot_bytes;
  const char* slot = slots;
  for (size_t g = 0; g < group_count; ++g) {
    const size_t begin = g * kGroupValues;
    const size_t here = std::min(kGroupValues, count - begin);
    if (here == kGroupValues) {
      kernels.unpack_group(slot, groups.width[g], groups.base[g],
                           values + begin);
    } else {
      UnpackTail(slot, limit, here, groups.width[g], groups.base[g],
                 values + begin);
    }
    slot += (here * groups.width[g] + 7) / 8;
  }

  const bool exceptions =
      layout == kPackedGroupsExceptions ||
      (layout >= kPackedExceptions && layout < kPackedGroups);
  if (!exceptions) return p == slots;
  // A width of 64 holds all: nothing is above it.
  p = ReadSparse(p, slots, count, [&](size_t position, uint64_t high) {
    const unsigned width = groups.width[position / kGroupValues];
    if (width < kWidthMax) values[position] += high << width;
  });
  return p == slots;
}

}  // namespace varve
