// See value_dictionary.h.
#include "format/values/value_dictionary.h"

#include <algorithm>

#include "format/values/value_source.h"

namespace varve {
namespace {

constexpr unsigned kSlotBits = 14;  // twice a piece's values
constexpr uint16_t kFree = 0xffff;

size_t SlotOf(uint64_t word) {
  return static_cast<size_t>((word * 0x9e3779b97f4a7c15) >> (64 - kSlotBits));
}

}  // namespace

bool BuildDictionary(const uint64_t* values, size_t count, size_t distinct_max,
                     ValueDictionary* dictionary) {
  auto& words = dictionary->words;
  auto& slots = dictionary->slots;
  auto& indices = dictionary->indices;
  words.clear();
  indices.resize(count);
  slots.assign(size_t{1} << kSlotBits, kFree);
  for (size_t i = 0; i < count; ++i) {
    size_t slot = SlotOf(values[i]);
    while (slots[slot] != kFree && words[slots[slot]] != values[i]) {
      slot = (slot + 1) % slots.size();
    }
    if (slots[slot] == kFree) {
      if (words.size() == distinct_max) return false;
      slots[slot] = static_cast<uint16_t>(words.size());
      words.push_back(values[i]);
    }
    indices[i] = slots[slot];
  }
  auto& order = dictionary->order;
  order.resize(words.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint32_t>(i);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return OrderedOfWord(words[a], 0) < OrderedOfWord(words[b], 0);
  });
  // slots are done with: now they map a first index to a sorted one.
  for (size_t i = 0; i < order.size(); ++i) {
    slots[order[i]] = static_cast<uint16_t>(i);
  }
  for (uint64_t& index : indices) index = slots[index];
  std::sort(words.begin(), words.end(), [](uint64_t a, uint64_t b) {
    return OrderedOfWord(a, 0) < OrderedOfWord(b, 0);
  });
  return true;
}

}  // namespace varve
