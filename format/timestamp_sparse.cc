// See timestamp_sparse.h.
#include "format/timestamp_sparse.h"

#include <algorithm>

namespace varve {
namespace {

struct Widths {
  unsigned skip = 0;
  unsigned value = 0;
  bool escapes = false;
};

// The cheapest width of skips: a code of all ones goes on, 2^w - 1 further.
unsigned SkipWidth(const SparseEntry* entries, size_t count) {
  // Few entries: all of them; many: the first ones tell.
  const size_t seen = std::min<size_t>(count, 256);
  unsigned best = kSkipWidthMax;
  size_t best_bits = ~size_t{0};
  for (unsigned width = 0; width <= kSkipWidthMax; ++width) {
    const uint64_t step = LowBits(width);
    size_t bits = 0;
    uint64_t next = 0;
    for (size_t i = 0; i < seen; ++i) {
      const uint64_t skip = entries[i].position - next;
      next = entries[i].position + 1;
      if (width == 0 && skip != 0) {
        bits = ~size_t{0};
        break;
      }
      bits += width == 0 ? 0 : (skip / step + 1) * width;
    }
    if (width == 0 && bits == 0 && seen < count) continue;
    if (bits < best_bits) {
      best_bits = bits;
      best = width;
    }
  }
  return best;
}

// The cheapest width of values: a code of all ones is an escape.
Widths ChooseWidths(const SparseEntry* entries, size_t count) {
  size_t with_bits[kWidthMax + 1] = {};
  bool all_ones[kWidthMax + 1] = {};
  for (size_t i = 0; i < count; ++i) {
    const uint64_t code = SparseCode(entries[i].value);
    const unsigned bits = BitLength(code);
    ++with_bits[bits];
    all_ones[bits] |= code == LowBits(bits);
  }
  Widths widths;
  size_t best_bits = ~size_t{0};
  size_t beyond = count;
  for (unsigned width = 0; width <= kWidthMax; ++width) {
    beyond -= with_bits[width];
    if (beyond != 0 && width == 0) continue;
    size_t bits = count * width;
    for (unsigned b = width + 1; b <= kWidthMax; ++b) {
      bits += with_bits[b] * (6 + b);
    }
    if (beyond != 0 && all_ones[width]) bits += with_bits[width] * 3;
    if (bits < best_bits) {
      best_bits = bits;
      widths.value = width;
      widths.escapes = beyond != 0;
    }
    if (beyond == 0) break;
  }
  widths.skip = SkipWidth(entries, count);
  return widths;
}

}  // namespace

void AppendSparse(const SparseEntry* entries, size_t count, std::string* out) {
  const Widths widths = ChooseWidths(entries, count);
  AppendVarint(out, count);
  out->push_back(static_cast<char>(widths.skip));
  out->push_back(static_cast<char>(widths.value |
                                   (widths.escapes ? kSparseEscapes : 0)));
  const uint64_t step = LowBits(widths.skip);
  const uint64_t escape = LowBits(widths.value);
  uint64_t next = 0;
  // A chunk at a time: the skips of one entry are at most 8192 / step codes.
  constexpr size_t kChunkBytes = 64;
  char chunk[kChunkBytes + 16];
  BitWriter writer(chunk);
  const auto flush = [&] {
    if (writer.at() < chunk + kChunkBytes / 2) return;
    out->append(chunk, static_cast<size_t>(writer.at() - chunk));
    writer.Restart(chunk);
  };
  for (size_t i = 0; i < count; ++i) {
    uint64_t skip = entries[i].position - next;
    next = entries[i].position + 1;
    for (; widths.skip != 0 && skip >= step; skip -= step) {
      writer.Put(step, widths.skip);
      flush();
    }
    writer.Put(skip, widths.skip);
    const uint64_t code = SparseCode(entries[i].value);
    if (widths.escapes && code >= escape) {
      writer.PutWide(escape, widths.value);
      const unsigned bits = std::max(BitLength(code), 1u);
      writer.Put(bits - 1, 6);
      writer.PutWide(code, bits);
    } else {
      writer.PutWide(code, widths.value);
    }
    flush();
  }
  char* end = writer.Finish();
  out->append(chunk, static_cast<size_t>(end - chunk));
}

}  // namespace varve
