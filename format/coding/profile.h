// How much work an encoder may spend on making bytes fewer. Every decoder
// reads every profile; encoding is deterministic per profile.
#pragma once

#include <cstddef>
#include <cstdint>

namespace varve {

enum class Profile : uint8_t {
  kFast,      // operands and young parts: encode and decode at memory speed
  kCompact,   // large and old parts: smaller, still decodes at GB/s
  kSmallest,  // tries everything; for data that is written once
};

// Up to so many samples, which operands have, the fast profile looks for
// nothing that takes longer to find than to write: a choice among encodings
// would cost more than all else that a sample goes through on its way into the
// memtable, for bytes that the next merge saves anyway.
inline constexpr size_t kOperandSamplesMax = 64;
inline bool IsOperand(Profile profile, size_t count) {
  return profile == Profile::kFast && count <= kOperandSamplesMax;
}

}  // namespace varve
