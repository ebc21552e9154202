// How much work an encoder may spend on making bytes fewer. Every decoder
// reads every profile; encoding is deterministic per profile.
#pragma once

#include <cstdint>

namespace varve {

enum class Profile : uint8_t {
  kFast,      // operands and young parts: encode and decode at memory speed
  kCompact,   // large and old parts: smaller, still decodes at GB/s
  kSmallest,  // tries everything; for data that is written once
};

}  // namespace varve
