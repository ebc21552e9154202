// Fixed-width packing of 64-bit integers, and the kernels that do it. Group
// layout: 256 values in four lanes, value i in lane i % 4; a lane is a bit
// string of 64-bit little-endian words, least significant bit first; word k of
// lane l is word 4k + l. So a row of four values unpacks with one shift count,
// in order, and a group of width w takes exactly 32w bytes. The last
// (count % 256) values follow as one bit string, padded to a byte.
//
// Every level gives the same bytes and the same integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "format/coding/cpu_level.h"

namespace varve {

struct TimestampKernels {
  // out[i] = base + value i, for 256 values. Reads 32 * width bytes.
  void (*unpack_group)(const char* bytes, unsigned width, uint64_t base,
                       uint64_t* out);
  // Packs values[i] - base (the lowest `width` bits). Writes 32 * width bytes.
  void (*pack_group)(const uint64_t* values, unsigned width, uint64_t base,
                     char* bytes);
  // values[i] = start + i * step.
  void (*fill_line)(uint64_t start, uint64_t step, uint64_t* values,
                    size_t count);
  // values[i] += start + i * step (+ (fraction_start + i * fraction) >> 16).
  void (*add_line)(uint64_t start, uint64_t step, uint64_t* values,
                   size_t count);
  void (*add_line_fraction)(uint64_t start, uint64_t step,
                            uint64_t fraction_start, uint64_t fraction,
                            uint64_t* values, size_t count);
  // Whether values[0, count) is strictly ascending.
  bool (*ascending)(const int64_t* values, size_t count);
};

// REQUIRES: level <= BestCpuLevel().
const TimestampKernels& KernelsAt(CpuLevel level);

// Bytes of `count` values of `width` bits.
inline size_t PackedBytes(size_t count, unsigned width) {
  const size_t whole = count / 256 * 256;
  return whole * width / 8 + ((count - whole) * width + 7) / 8;
}

// The bit string after the whole groups. Writes (count * width + 7) / 8 bytes
// and up to 8 more, as zeros or rubbish. REQUIRES: count < 256.
char* PackTail(const uint64_t* values, size_t count, unsigned width,
               uint64_t base, char* bytes);
// Reads no byte from limit on.
void UnpackTail(const char* bytes, const char* limit, size_t count,
                unsigned width, uint64_t base, uint64_t* out);

}  // namespace varve
