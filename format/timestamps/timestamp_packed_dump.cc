// Sparse lists and packed streams, line by line. See
// timestamp_streams_dump.h.
#include <algorithm>
#include <string>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_streams_dump.h"

namespace varve {
namespace {

constexpr size_t kGroup = 256;
constexpr unsigned kLanes = 4;
constexpr unsigned kWidthMax = 64;

std::string Signed(uint64_t v) {
  return std::to_string(static_cast<int64_t>(v));
}

// Sets *skip, and *value to 0 at bits that are none.
void TakeEntry(unsigned skip_bits, unsigned order, BitString* bits,
               size_t* skip, uint64_t* value) {
  const unsigned skip_ones = bits->Ones(24);
  *skip = skip_ones < 24
              ? (size_t{skip_ones} << skip_bits) + bits->Number(skip_bits)
              : bits->Number(13);
  const unsigned width = order + bits->Ones(64);
  *value = 0;
  if (width > 64) return;
  const uint64_t above = width < 64 ? uint64_t{1} << width : 0;
  const uint64_t code = bits->Number(width) + above - (uint64_t{1} << order);
  *value = 0 - static_cast<uint64_t>(UnZigZag(code + 1));
}

bool DumpSparseShape(ColumnLines* lines, unsigned* skip_bits, unsigned* order) {
  unsigned shape = 0;
  if (!lines->TakeByte(&shape)) return lines->Damaged("the shape is cut off");
  *skip_bits = shape & 15;
  *order = shape >> 4;
  const bool next = *order == 15;
  if (next && !lines->TakeByte(order)) {
    return lines->Damaged("the order is cut off");
  }
  if (*skip_bits > 12 || (next && (*order < 15 || *order > 63))) {
    return lines->Damaged("a shape that cannot be");
  }
  lines->Note("shape: skips of " + std::to_string(*skip_bits) +
              " bits, values of order " + std::to_string(*order));
  return true;
}

struct PackedGroups {
  std::vector<unsigned> width;
  std::vector<uint64_t> base;
};

bool DumpOwnGroups(size_t groups, ColumnLines* lines, PackedGroups* packed) {
  const char* widths = nullptr;
  if (!lines->TakeBytes(groups, &widths)) {
    return lines->Damaged("the widths are cut off");
  }
  for (size_t g = 0; g < groups; ++g) {
    packed->width.push_back(static_cast<unsigned char>(widths[g]));
    if (packed->width[g] > kWidthMax) {
      return lines->Damaged("a width beyond 64 bits");
    }
  }
  lines->Note("widths of " + std::to_string(groups) + " groups");
  uint64_t base = 0;
  for (size_t g = 0; g < groups; ++g) {
    uint64_t step = 0;
    if (!lines->TakeZigZag(&step)) return lines->Damaged("a base is cut off");
    base += step;
    packed->base.push_back(base);
    lines->Note("group " + std::to_string(g) + ": " +
                std::to_string(packed->width[g]) + " bits above " +
                Signed(base));
  }
  return true;
}

bool DumpGroups(unsigned layout, size_t groups, ColumnLines* lines,
                PackedGroups* packed) {
  if (layout >= 130) return DumpOwnGroups(groups, lines, packed);
  uint64_t base = 0;
  if (!lines->TakeZigZag(&base)) return lines->Damaged("the base is cut off");
  lines->Note("base: " + Signed(base));
  packed->width.assign(groups, layout < 65 ? layout : layout - 65);
  packed->base.assign(groups, base);
  return true;
}

size_t GroupSize(size_t group, size_t count) {
  return std::min(kGroup, count - group * kGroup);
}

size_t SlotBytes(size_t size, unsigned width) { return (size * width + 7) / 8; }

// Slot j of a whole group: bits of lane j mod 4, whose word k is word
// 4k + lane of the group.
uint64_t LaneSlot(const char* slots, unsigned width, size_t j) {
  uint64_t slot = 0;
  const size_t lane = j % kLanes;
  const size_t first = j / kLanes * width;
  for (unsigned i = 0; i < width; ++i) {
    const size_t bit = first + i;
    const size_t word = bit / 64 * kLanes + lane;
    const auto byte =
        static_cast<unsigned char>(slots[word * 8 + bit % 64 / 8]);
    slot |= uint64_t{byte >> bit % 8 & 1u} << i;
  }
  return slot;
}

bool DumpSlots(size_t count, const PackedGroups& packed, ColumnLines* lines,
               std::vector<uint64_t>* integers) {
  for (size_t g = 0; g < packed.width.size(); ++g) {
    const size_t size = GroupSize(g, count);
    const unsigned width = packed.width[g];
    const char* slots = nullptr;
    if (!lines->TakeBytes(SlotBytes(size, width), &slots)) {
      return lines->Damaged("the slots are cut off");
    }
    if (width > 0) {
      lines->Note("slots of group " + std::to_string(g) + ": " +
                  std::to_string(size) + " of " + std::to_string(width) +
                  " bits");
    }
    if (size < kGroup) {
      for (const uint64_t slot : UnpackFields(slots, size, width)) {
        integers->push_back(packed.base[g] + slot);
      }
      continue;
    }
    for (size_t j = 0; j < size; ++j) {
      integers->push_back(packed.base[g] + LaneSlot(slots, width, j));
    }
  }
  return lines->left() == 0 || lines->Damaged("bytes behind the slots");
}

}  // namespace

unsigned BitString::Bit() {
  const size_t at = at_++;
  if (at >= bits_) return 0;
  return static_cast<unsigned char>(bytes_[at / 8]) >> at % 8 & 1;
}

uint64_t BitString::Number(unsigned width) {
  uint64_t v = 0;
  for (unsigned i = 0; i < width; ++i) v |= uint64_t{Bit()} << i;
  return v;
}

unsigned BitString::Ones(unsigned most) {
  unsigned ones = 0;
  while (ones < most && Bit() == 1) ++ones;
  return ones;
}

bool BitString::TakePadding() {
  while (at_ % 8 != 0) {
    if (Bit() == 1) return false;
  }
  return true;
}

bool DumpSparseList(const std::string& name, size_t positions,
                    ColumnLines* lines, std::vector<uint64_t>* values) {
  uint64_t count = 0;
  if (!lines->TakeVarint(&count) || count == 0 || count > positions) {
    return lines->Damaged("a number of " + name + " that cannot be");
  }
  lines->Note(name + ": " + std::to_string(count));
  unsigned skip_bits = 0, order = 0;
  if (!DumpSparseShape(lines, &skip_bits, &order)) return false;
  BitString bits(lines->ahead(), lines->left());
  values->assign(positions, 0);
  std::vector<std::string> words;
  size_t position = 0;
  for (uint64_t i = 0; i < count; ++i, ++position) {
    size_t skip = 0;
    uint64_t value = 0;
    TakeEntry(skip_bits, order, &bits, &skip, &value);
    position += skip;
    if (position >= positions || value == 0) {
      return lines->Damaged("an entry that cannot be");
    }
    (*values)[position] = value;
    words.push_back(Signed(value) + "@" + std::to_string(position));
  }
  if (bits.beyond() || !bits.TakePadding()) {
    return lines->Damaged("the entries are cut off, or padded with ones");
  }
  const char* bytes = nullptr;
  lines->TakeBytes(bits.bytes_used(), &bytes);
  lines->Note("entries, value@position");
  lines->Details(words);
  return true;
}

bool DumpPackedStream(size_t count, ColumnLines* lines,
                      std::vector<uint64_t>* integers) {
  unsigned layout = 0;
  if (!lines->TakeByte(&layout)) return lines->Damaged("the layout is cut off");
  if (layout > 131) return lines->Damaged("no packed stream has this layout");
  const bool own = layout >= 130;
  const bool exceptions = own ? layout == 131 : layout >= 65;
  std::string note = "layout " + std::to_string(layout) + ": packed, ";
  note +=
      own ? "a width and base a group" : std::to_string(layout % 65) + " bits";
  lines->Note(note + (exceptions ? ", exceptions" : ""));
  PackedGroups packed;
  const size_t groups = (count + kGroup - 1) / kGroup;
  if (!DumpGroups(layout, groups, lines, &packed)) return false;
  std::vector<uint64_t> above;
  if (exceptions && !DumpSparseList("exceptions", count, lines, &above)) {
    return false;
  }
  if (!DumpSlots(count, packed, lines, integers)) return false;
  for (size_t i = 0; i < above.size(); ++i) {
    const unsigned width = packed.width[i / kGroup];
    if (width < kWidthMax) (*integers)[i] += above[i] << width;
  }
  return true;
}

}  // namespace varve
