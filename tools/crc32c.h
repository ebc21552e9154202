// CRC-32C (Castagnoli), as Prometheus' files have it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace varve::tools {

// Of `bytes` behind others whose checksum is `before`.
uint32_t Crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace varve::tools
