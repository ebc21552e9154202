// See prefix_code.h.
#include "format/coding/prefix_code.h"

#include <algorithm>
#include <cassert>

namespace varve {
namespace {

constexpr size_t kAlphabetMax = 1024;

// Depths of the leaves of a Huffman tree over ascending weights, by two
// queues: the leaves, and the inner nodes in the order of their making.
void LeafDepths(const uint32_t* weights, size_t leaves, uint8_t* depths) {
  uint32_t inner_weight[kAlphabetMax];
  uint16_t leaf_parent[kAlphabetMax];
  uint16_t inner_parent[kAlphabetMax];
  uint8_t inner_depth[kAlphabetMax];
  const size_t inner_nodes = leaves - 1;
  size_t leaf = 0;
  size_t inner = 0;
  for (size_t made = 0; made < inner_nodes; ++made) {
    uint32_t weight = 0;
    for (int child = 0; child < 2; ++child) {
      if (leaf < leaves &&
          (inner == made || weights[leaf] <= inner_weight[inner])) {
        weight += weights[leaf];
        leaf_parent[leaf++] = static_cast<uint16_t>(made);
      } else {
        weight += inner_weight[inner];
        inner_parent[inner++] = static_cast<uint16_t>(made);
      }
    }
    inner_weight[made] = weight;
  }
  inner_depth[inner_nodes - 1] = 0;
  for (size_t i = inner_nodes - 1; i-- > 0;) {
    inner_depth[i] = static_cast<uint8_t>(inner_depth[inner_parent[i]] + 1);
  }
  for (size_t i = 0; i < leaves; ++i) {
    depths[i] = static_cast<uint8_t>(inner_depth[leaf_parent[i]] + 1);
  }
}

// Cuts depths at length_max and makes the code whole again: first longer codes
// for the rarest that have room, then shorter ones where space is left.
// Depths descend, as weights ascend.
void LimitDepths(size_t leaves, unsigned length_max, uint8_t* depths) {
  const uint32_t whole = uint32_t{1} << length_max;
  uint32_t used = 0;
  for (size_t i = 0; i < leaves; ++i) {
    depths[i] = static_cast<uint8_t>(std::min<unsigned>(depths[i], length_max));
    used += whole >> depths[i];
  }
  for (size_t i = 0; used > whole;) {
    if (depths[i] < length_max) {
      ++depths[i];
      used -= whole >> depths[i];
    } else {
      ++i;
    }
  }
  // From the most frequent on: what a shorter code takes more.
  for (size_t i = leaves; i-- > 0 && used < whole;) {
    while (depths[i] > 1 && used + (whole >> depths[i]) <= whole) {
      used += whole >> depths[i];
      --depths[i];
    }
  }
}

}  // namespace

void LengthsOfSorted(const uint32_t* weights, size_t leaves,
                     unsigned length_max, uint8_t* lengths) {
  LeafDepths(weights, leaves, lengths);
  LimitDepths(leaves, length_max, lengths);
}

void BuildCodeLengths(const uint32_t* counts, size_t alphabet,
                      unsigned length_max, uint8_t* lengths) {
  assert(alphabet <= kAlphabetMax);
  uint64_t order[kAlphabetMax];  // count, then symbol
  size_t leaves = 0;
  for (size_t symbol = 0; symbol < alphabet; ++symbol) {
    lengths[symbol] = 0;
    if (counts[symbol] != 0) {
      order[leaves++] = uint64_t{counts[symbol]} << 32 | symbol;
    }
  }
  assert(leaves >= 2 && leaves <= size_t{1} << length_max);
  if (leaves == 0) return;  // tells the compiler that weights are set
  std::sort(order, order + leaves);
  uint32_t weights[kAlphabetMax];
  uint8_t depths[kAlphabetMax];
  for (size_t i = 0; i < leaves; ++i) {
    weights[i] = static_cast<uint32_t>(order[i] >> 32);
  }
  LengthsOfSorted(weights, leaves, length_max, depths);
  for (size_t i = 0; i < leaves; ++i) {
    lengths[static_cast<uint32_t>(order[i])] = depths[i];
  }
}

bool IsWholeCode(const uint8_t* lengths, size_t alphabet, unsigned length_max) {
  uint64_t used = 0;
  for (size_t i = 0; i < alphabet; ++i) {
    if (lengths[i] > length_max) return false;
    if (lengths[i] != 0) used += uint64_t{1} << (length_max - lengths[i]);
  }
  return used == uint64_t{1} << length_max;
}

}  // namespace varve
