// Length-limited canonical prefix codes (Huffman, 1952) over small alphabets.
// A code is its lengths: symbols in order of (length, symbol) take the codes
// in ascending order; bits are sent from the code's highest on, so they are
// kept reversed here for strings that begin at the least significant bit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve {

// Gives lengths[0, alphabet) for counts[0, alphabet): 0 for a symbol that does
// not occur, at most `length_max` for others; deterministic.
// REQUIRES: at least two symbols occur; they fit: occurring <= 2^length_max;
// alphabet <= 1024; the counts' sum < 2^31.
void BuildCodeLengths(const uint32_t* counts, size_t alphabet,
                      unsigned length_max, uint8_t* lengths);

// The same for leaves that all occur, sorted by weight, the rarest first: their
// lengths descend. REQUIRES: 2 <= leaves <= min(1024, 2^length_max); the sum of
// the weights < 2^32.
void LengthsOfSorted(const uint32_t* weights, size_t leaves,
                     unsigned length_max, uint8_t* lengths);

// True when the lengths use up the code space exactly (sum of 2^-length == 1),
// each at most length_max.
bool IsWholeCode(const uint8_t* lengths, size_t alphabet, unsigned length_max);

// Calls visit(symbol, length, reversed code) for each symbol that occurs, in
// order of (length, symbol). REQUIRES: IsWholeCode or less; length_max <= 15.
template <typename Visit>
void ForEachCode(const uint8_t* lengths, size_t alphabet, unsigned length_max,
                 Visit visit) {
  uint32_t code = 0;
  for (unsigned length = 1; length <= length_max; ++length, code <<= 1) {
    for (size_t symbol = 0; symbol < alphabet; ++symbol) {
      if (lengths[symbol] != length) continue;
      uint32_t reversed = 0;
      for (unsigned bit = 0; bit < length; ++bit) {
        reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      }
      visit(symbol, length, reversed);
      ++code;
    }
  }
}

}  // namespace varve
