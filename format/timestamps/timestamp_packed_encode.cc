// The choice and the writing of packed streams. See timestamp_packed.h.
#include <algorithm>

#include "format/timestamps/timestamp_packed.h"

namespace varve {
namespace {

constexpr uint64_t kListBits = 24;  // count and widths of a sparse list
constexpr uint64_t kGroupExceptionBits = 12;
constexpr size_t kGroupsMax = kPieceSamplesMax / kGroupValues;

// The window of 2^width values that holds most of the sorted sample.
struct Window {
  size_t begin = 0;
  size_t size = 0;
};
Window DensestWindow(const int64_t* sample, size_t size, unsigned width) {
  const uint64_t span = LowBits(width);
  Window best;
  size_t begin = 0;
  for (size_t end = 0; end < size; ++end) {
    while (static_cast<uint64_t>(sample[end]) -
               static_cast<uint64_t>(sample[begin]) >
           span) {
      ++begin;
    }
    if (end + 1 - begin > best.size) best = {begin, end + 1 - begin};
  }
  return best;
}

// Sixteenths of a bit that the sample's exceptions take in a list.
uint64_t ExceptionsCost(const int64_t* sample, size_t size,
                        const Window& window, unsigned width) {
  const size_t outside = size - window.size;
  const auto base = static_cast<uint64_t>(sample[window.begin]);
  uint64_t bits = 0;
  const auto add = [&](size_t i) {
    const uint64_t offset = static_cast<uint64_t>(sample[i]) - base;
    const auto high = static_cast<uint64_t>(static_cast<int64_t>(offset) >>
                                            std::min(width, 63u));
    bits += BitLength(SparseCode(high)) + 1;
  };
  for (size_t i = 0; i < window.begin; ++i) add(i);
  for (size_t i = window.begin + window.size; i < size; ++i) add(i);
  return 16 * bits +
         outside * (Log2x16(size) - Log2x16(outside) + kExceptionCost);
}

struct Group {
  uint64_t base;
  unsigned width;
};

// The group's smallest value, and the width that makes the group and its
// exceptions smallest; returns the bits. A width is judged by how long the
// offsets are, of each `stride`-th value.
uint64_t FitGroup(const uint64_t* values, size_t count, size_t stride,
                  Group* group) {
  int64_t least = static_cast<int64_t>(values[0]);
  for (size_t i = stride; i < count; i += stride) {
    least = std::min(least, static_cast<int64_t>(values[i]));
  }
  const auto base = static_cast<uint64_t>(least);
  uint16_t with_bits[kWidthMax + 1] = {};
  uint64_t any = 0;
  for (size_t i = 0; i < count; i += stride) {
    const uint64_t offset = values[i] - base;
    ++with_bits[BitLength(offset)];
    any |= offset;
  }
  unsigned width = BitLength(any);
  uint64_t best = ~uint64_t{0};
  uint64_t beyond = 0;  // exceptions at this width
  uint64_t beyond_bits = 0;
  unsigned best_width = width;
  for (;; --width) {
    const uint64_t bits =
        count * width + (beyond * kGroupExceptionBits + beyond_bits) * stride;
    if (bits < best) {
      best = bits;
      best_width = width;
    }
    if (width == 0 || beyond * stride * 4 > count) break;
    beyond_bits += beyond + with_bits[width];
    beyond += with_bits[width];
  }
  *group = {base, best_width};
  return best;
}

// Values that [base, base + 2^width) does not hold, as a list of what is
// missing above the width.
void FindExceptions(const uint64_t* values, size_t begin, size_t end,
                    const Group& group, std::vector<SparseEntry>* entries) {
  if (group.width >= kWidthMax) return;
  for (size_t i = begin; i < end; ++i) {
    const auto offset = static_cast<int64_t>(values[i] - group.base);
    const auto high =
        static_cast<uint64_t>(offset >> std::min(group.width, 63u));
    // A width of 63 leaves the sign bit, which a shift by 63 shows as -1.
    if (high != 0) entries->push_back({static_cast<uint32_t>(i), high});
  }
}

void AppendSlots(const uint64_t* values, size_t count, const Group* groups,
                 bool one_group, const TimestampKernels& kernels,
                 std::string* out) {
  for (size_t i = 0; i < count; i += kGroupValues) {
    const Group& group = groups[one_group ? 0 : i / kGroupValues];
    char bytes[kGroupValues * 8 + 16];
    const size_t values_here = std::min(kGroupValues, count - i);
    size_t bytes_here = kGroupValues * group.width / 8;
    if (values_here == kGroupValues) {
      kernels.pack_group(values + i, group.width, group.base, bytes);
    } else {
      bytes_here = static_cast<size_t>(
          PackTail(values + i, values_here, group.width, group.base, bytes) -
          bytes);
    }
    out->append(bytes, bytes_here);
  }
}

// Fits each group; returns the bits of all.
uint64_t FitGroups(const uint64_t* values, size_t count, size_t stride,
                   Group* groups) {
  uint64_t bits = kListBits;
  uint64_t base = 0;
  for (size_t i = 0; i < count; i += kGroupValues) {
    Group& group = groups[i / kGroupValues];
    bits +=
        FitGroup(values + i, std::min(kGroupValues, count - i), stride, &group);
    bits +=
        8 + 8 * VarintBytes(ZigZag(static_cast<int64_t>(group.base - base)));
    base = group.base;
  }
  return bits;
}

// Whether groups of their own widths take fewer bits; then *groups is fitted.
// A part of the values tells first: by a sixteenth, since the least of a part
// is not the least of all.
bool GroupsPay(const uint64_t* values, size_t count, uint64_t bits,
               Group* groups) {
  constexpr size_t kLookStride = 8;
  return count >= 2 * kGroupValues &&
         FitGroups(values, count, kLookStride, groups) < bits - bits / 16 &&
         FitGroups(values, count, 1, groups) < bits;
}

}  // namespace

PackedFit FitPacked(const int64_t* sample, size_t size, size_t count) {
  const uint64_t span = static_cast<uint64_t>(sample[size - 1]) -
                        static_cast<uint64_t>(sample[0]);
  PackedFit best;
  // From the width that holds all downwards, while exceptions are few.
  for (unsigned width = BitLength(span);; --width) {
    const Window window = DensestWindow(sample, size, width);
    const size_t outside = size - window.size;
    if (outside * 8 > size) break;
    uint64_t cost = uint64_t{16} * width * size;
    if (outside != 0) cost += ExceptionsCost(sample, size, window, width);
    cost = cost * count / size + (outside != 0 ? 16 * kListBits : 0);
    const auto base = static_cast<uint64_t>(sample[window.begin]);
    cost += 16 * (8 + 8 * VarintBytes(ZigZag(static_cast<int64_t>(base))));
    if (cost < best.cost_x16)
      best = {base, width, outside * count / size, cost};
    if (width == 0) break;
  }
  return best;
}

PackedFit FitShort(const uint64_t* values, size_t count) {
  Group group;
  const uint64_t bits = FitGroup(values, count, 1, &group);
  PackedFit fit;
  fit.base = group.base;
  fit.width = group.width;
  fit.cost_x16 = 16 * bits;
  return fit;
}

void AppendPacked(const uint64_t* values, size_t count, const PackedFit& fit,
                  const TimestampKernels& kernels,
                  std::vector<SparseEntry>* entries, std::string* out) {
  Group groups[kGroupsMax];
  const bool one_group = !GroupsPay(values, count, fit.cost_x16 / 16, groups);
  entries->clear();
  if (one_group) {
    groups[0] = {fit.base, fit.width};
    FindExceptions(values, 0, count, groups[0], entries);
    const bool exceptions = !entries->empty();
    out->push_back(
        static_cast<char>(fit.width + (exceptions ? kPackedExceptions : 0)));
    AppendVarint(out, ZigZag(static_cast<int64_t>(fit.base)));
  } else {
    const size_t group_count = (count + kGroupValues - 1) / kGroupValues;
    for (size_t g = 0; g < group_count; ++g) {
      const size_t begin = g * kGroupValues;
      FindExceptions(values, begin, std::min(begin + kGroupValues, count),
                     groups[g], entries);
    }
    out->push_back(static_cast<char>(
        entries->empty() ? kPackedGroups : kPackedGroupsExceptions));
    for (size_t g = 0; g < group_count; ++g) {
      out->push_back(static_cast<char>(groups[g].width));
    }
    uint64_t base = 0;
    for (size_t g = 0; g < group_count; ++g) {
      AppendVarint(out, ZigZag(static_cast<int64_t>(groups[g].base - base)));
      base = groups[g].base;
    }
  }
  if (!entries->empty()) AppendSparse(entries->data(), entries->size(), out);
  AppendSlots(values, count, groups, one_group, kernels, out);
}

}  // namespace varve
