// The reading of packed streams. See timestamp_packed.h.
#include <algorithm>

#include "format/coding/bit_stream.h"
#include "format/timestamps/timestamp_packed.h"

namespace varve {
namespace {

using Groups = PackedStream::Groups;

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

bool PackedStream::Open(const char* p, const char* limit, size_t count) {
  if (p == limit) return false;
  const auto layout = static_cast<uint8_t>(*p++);
  count_ = count;
  limit_ = limit;
  p = ReadGroups(p, limit, layout, group_count(), &groups_);
  if (p == nullptr) return false;
  size_t slot_bytes = 0;
  for (size_t g = 0; g < group_count(); ++g) {
    groups_.slot[g] = static_cast<uint32_t>(slot_bytes);
    slot_bytes += (group_size(g) * groups_.width[g] + 7) / 8;
  }
  if (slot_bytes > static_cast<size_t>(limit - p)) return false;
  slots_ = limit - slot_bytes;
  exceptions_ = p;
  has_exceptions_ = layout == kPackedGroupsExceptions ||
                    (layout >= kPackedExceptions && layout < kPackedGroups);
  return has_exceptions_ || p == slots_;
}

void PackedStream::ReadGroup(size_t g, const TimestampKernels& kernels,
                             uint64_t* values) const {
  const char* const slot = slots_ + groups_.slot[g];
  if (group_size(g) == kGroupValues) {
    kernels.unpack_group(slot, groups_.width[g], groups_.base[g], values);
  } else {
    UnpackTail(slot, limit_, group_size(g), groups_.width[g], groups_.base[g],
               values);
  }
}

// The first field begins at the lowest bit of the first byte in both layouts.
uint64_t PackedStream::FirstOf(size_t g) const {
  const unsigned width = groups_.width[g];
  if (width == 0) return groups_.base[g];
  return groups_.base[g] +
         (LoadBelow(slots_ + groups_.slot[g], limit_) & LowBits(width));
}

bool ReadPacked(const char* p, const char* limit, size_t count,
                const TimestampKernels& kernels, uint64_t* values) {
  PackedStream stream;
  if (!stream.Open(p, limit, count)) return false;
  for (size_t g = 0; g < stream.group_count(); ++g) {
    stream.ReadGroup(g, kernels, values + g * kGroupValues);
  }
  return stream.ReadExceptions(
      [&](size_t position, uint64_t add) { values[position] += add; });
}

}  // namespace varve
