#include "tools/crc32c.h"

#include <array>
#include <cstddef>

namespace varve::tools {
namespace {

constexpr size_t kSlices = 8;
using Tables = std::array<std::array<uint32_t, 256>, kSlices>;

constexpr Tables MakeTables() {
  Tables tables = {};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    }
    tables[0][i] = crc;
  }
  for (size_t slice = 1; slice < kSlices; ++slice) {
    for (uint32_t i = 0; i < 256; ++i) {
      const uint32_t crc = tables[slice - 1][i];
      tables[slice][i] = (crc >> 8) ^ tables[0][crc & 255];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32c(std::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  size_t i = 0;
  for (; i + kSlices <= bytes.size(); i += kSlices) {
    uint32_t next = 0;
    for (size_t j = 0; j < kSlices; ++j) {
      const uint32_t old = j < 4 ? (crc >> (8 * j)) & 255 : 0;
      next ^= kTables[kSlices - 1 - j][old ^ byte(i + j)];
    }
    crc = next;
  }
  for (; i < bytes.size(); ++i) {
    crc = (crc >> 8) ^ kTables[0][(crc & 255) ^ byte(i)];
  }
  return ~crc;
}

}  // namespace varve::tools
