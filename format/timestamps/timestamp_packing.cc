// See timestamp_packing.h. Each kernel is written once, on vectors of four
// 64-bit lanes, and compiled for every level: the compiler splits the vectors
// where the processor has smaller ones.
#include "format/timestamps/timestamp_packing.h"

#include <algorithm>
#include <cstring>

#include "format/timestamps/timestamp_bits.h"
#include "format/timestamps/timestamp_format.h"

namespace varve {
namespace {

#define VARVE_INLINE inline __attribute__((always_inline))

using Lanes = uint64_t __attribute__((vector_size(32)));
constexpr size_t kLanes = 4;
constexpr unsigned kRows = 64;

// By reference: a vector that is passed by value has a calling convention
// that depends on the level.
VARVE_INLINE void Load(const void* p, Lanes* lanes) {
  std::memcpy(lanes, p, sizeof *lanes);
}
VARVE_INLINE void LoadWords(const char* p, Lanes* lanes) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  for (size_t l = 0; l < kLanes; ++l) (*lanes)[l] = LoadLittle64(p + 8 * l);
#else
  Load(p, lanes);
#endif
}
VARVE_INLINE void StoreWords(const Lanes& lanes, char* p) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  for (size_t l = 0; l < kLanes; ++l) StoreLittle64(p + 8 * l, lanes[l]);
#else
  std::memcpy(p, &lanes, sizeof lanes);
#endif
}

VARVE_INLINE void UnpackGroupRows(const char* bytes, unsigned width,
                                  uint64_t base, uint64_t* out) {
  const Lanes bases = {base, base, base, base};
  if (width == 0) {
    for (unsigned row = 0; row < kRows; ++row) {
      std::memcpy(out + row * kLanes, &bases, sizeof bases);
    }
    return;
  }
  const uint64_t mask = LowBits(width);
  unsigned bit = 0;
  for (unsigned row = 0; row < kRows; ++row, bit += width) {
    const unsigned word = bit / 64;
    const unsigned shift = bit % 64;
    // The next word's bits count only when the value goes on in it; the last
    // word has no next, and no value that goes on.
    const unsigned next = word + 1 < width ? word + 1 : word;
    Lanes low;
    Lanes high;
    LoadWords(bytes + word * sizeof low, &low);
    LoadWords(bytes + next * sizeof high, &high);
    const Lanes value =
        (((low >> shift) | (high << 1 << (63 - shift))) & mask) + bases;
    std::memcpy(out + row * kLanes, &value, sizeof value);
  }
}

VARVE_INLINE void PackGroupRows(const uint64_t* values, unsigned width,
                                uint64_t base, char* bytes) {
  if (width == 0) return;
  const uint64_t mask = LowBits(width);
  Lanes word = {};
  unsigned used = 0;
  for (unsigned row = 0; row < kRows; ++row) {
    Lanes value;
    Load(values + row * kLanes, &value);
    value = (value - base) & mask;
    word |= value << used;
    used += width;
    if (used < 64) continue;
    StoreWords(word, bytes);
    bytes += sizeof word;
    used -= 64;
    // What did not fit; with used == 0, nothing: the two shifts add up to at
    // least the value's width.
    word = value >> (width - used - (used == 0)) >> (used == 0);
  }
}

VARVE_INLINE void FillLineRows(uint64_t start, uint64_t step, uint64_t* values,
                               size_t count) {
  Lanes line = {start, start + step, start + 2 * step, start + 3 * step};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    std::memcpy(values + i, &line, sizeof line);
    line += kLanes * step;
  }
  for (; i < count; ++i) values[i] = start + i * step;
}

VARVE_INLINE void AddLineRows(uint64_t start, uint64_t step, uint64_t* values,
                              size_t count) {
  Lanes line = {start, start + step, start + 2 * step, start + 3 * step};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Lanes value;
    Load(values + i, &value);
    value += line;
    std::memcpy(values + i, &value, sizeof value);
    line += kLanes * step;
  }
  for (; i < count; ++i) values[i] += start + i * step;
}

VARVE_INLINE void AddLineFractionRows(uint64_t start, uint64_t step,
                                      uint64_t fraction_start,
                                      uint64_t fraction, uint64_t* values,
                                      size_t count) {
  constexpr unsigned kShift = 16;
  Lanes line = {start, start + step, start + 2 * step, start + 3 * step};
  Lanes part = {fraction_start, fraction_start + fraction,
                fraction_start + 2 * fraction, fraction_start + 3 * fraction};
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Lanes value;
    Load(values + i, &value);
    value += line + (part >> kShift);
    std::memcpy(values + i, &value, sizeof value);
    line += kLanes * step;
    part += kLanes * fraction;
  }
  for (; i < count; ++i) {
    values[i] += start + i * step + ((fraction_start + i * fraction) >> kShift);
  }
}

VARVE_INLINE bool AscendingRows(const int64_t* values, size_t count) {
  using Signed = int64_t __attribute__((vector_size(32)));
  Signed bad = {};
  size_t i = 0;
  for (; i + kLanes < count; i += kLanes) {
    Signed a;
    Signed b;
    std::memcpy(&a, values + i, sizeof a);
    std::memcpy(&b, values + i + 1, sizeof b);
    bad |= a >= b;
  }
  bool ascending = (bad[0] | bad[1] | bad[2] | bad[3]) == 0;
  for (; i + 1 < count; ++i) ascending &= values[i] < values[i + 1];
  return ascending;
}

// Without a vector compare of 64-bit lanes (it came with SSE4.2), one by one.
bool AscendingOneByOne(const int64_t* values, size_t count) {
  bool ascending = true;
  for (size_t i = 1; i < count; ++i) ascending &= values[i - 1] < values[i];
  return ascending;
}

#define VARVE_KERNELS(Level, attribute)                                        \
  attribute void UnpackGroup##Level(const char* bytes, unsigned width,         \
                                    uint64_t base, uint64_t* out) {            \
    UnpackGroupRows(bytes, width, base, out);                                  \
  }                                                                            \
  attribute void PackGroup##Level(const uint64_t* values, unsigned width,      \
                                  uint64_t base, char* bytes) {                \
    PackGroupRows(values, width, base, bytes);                                 \
  }                                                                            \
  attribute void FillLine##Level(uint64_t start, uint64_t step,                \
                                 uint64_t* values, size_t count) {             \
    FillLineRows(start, step, values, count);                                  \
  }                                                                            \
  attribute void AddLine##Level(uint64_t start, uint64_t step,                 \
                                uint64_t* values, size_t count) {              \
    AddLineRows(start, step, values, count);                                   \
  }                                                                            \
  attribute void AddLineFraction##Level(                                       \
      uint64_t start, uint64_t step, uint64_t fraction_start,                  \
      uint64_t fraction, uint64_t* values, size_t count) {                     \
    AddLineFractionRows(start, step, fraction_start, fraction, values, count); \
  }

VARVE_KERNELS(Plain, )
constexpr TimestampKernels kPlainKernels = {
    UnpackGroupPlain, PackGroupPlain,       FillLinePlain,
    AddLinePlain,     AddLineFractionPlain, AscendingOneByOne};

#if defined(__x86_64__)
#define VARVE_V3 __attribute__((target("avx2,bmi,bmi2")))
VARVE_KERNELS(V3, VARVE_V3)
VARVE_V3 bool AscendingV3(const int64_t* values, size_t count) {
  return AscendingRows(values, count);
}
constexpr TimestampKernels kV3Kernels = {UnpackGroupV3,     PackGroupV3,
                                         FillLineV3,        AddLineV3,
                                         AddLineFractionV3, AscendingV3};
#endif

}  // namespace

const TimestampKernels& KernelsAt(CpuLevel level) {
#if defined(__x86_64__)
  if (level >= CpuLevel::kAvx2) return kV3Kernels;
#endif
  (void)level;
  return kPlainKernels;
}

char* PackTail(const uint64_t* values, size_t count, unsigned width,
               uint64_t base, char* bytes) {
  BitStringWriter writer(bytes);
  const uint64_t mask = LowBits(width);
  for (size_t i = 0; i < count; ++i) {
    writer.PutWide((values[i] - base) & mask, width);
  }
  return writer.Finish();
}

void UnpackTail(const char* bytes, const char* limit, size_t count,
                unsigned width, uint64_t base, uint64_t* out) {
  // A copy with room behind it: a load needs no look at the limit.
  constexpr size_t kRoom = 16;
  char padded[kGroupValues * sizeof(uint64_t) + kRoom];
  const size_t size =
      std::min((count * width + 7) / 8, static_cast<size_t>(limit - bytes));
  std::memcpy(padded, bytes, size);
  std::memset(padded + size, 0, kRoom);
  const uint64_t mask = LowBits(width);
  size_t bit = 0;
  for (size_t i = 0; i < count; ++i, bit += width) {
    const char* p = padded + bit / 8;
    const unsigned shift = bit % 8;
    uint64_t value = LoadLittle64(p) >> shift;
    if (shift + width > 64) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(p[8]))
               << (64 - shift);
    }
    out[i] = base + (value & mask);
  }
}

}  // namespace varve
