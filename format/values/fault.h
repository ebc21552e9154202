// What a decoder inside this room answers: that all is well, or what is wrong
// with the bytes. The door of the room, value_codec.h, makes a Status of it.
// A type of its own, so that it cannot be mistaken for a position among the
// bytes; one pointer, so that it comes back in a register.
#pragma once

#include <cstddef>
#include <type_traits>

namespace varve {

class [[nodiscard]] Fault {
 public:
  constexpr Fault() = default;  // all is well
  // Literals only, which live for ever; no pointer becomes a fault.
  template <size_t kBytes>
  constexpr Fault(const char (&message)[kBytes]) : message_(message) {}

  constexpr bool ok() const { return message_ == nullptr; }
  // REQUIRES: !ok().
  constexpr const char* message() const { return message_; }

 private:
  const char* message_ = nullptr;
};

static_assert(sizeof(Fault) == sizeof(void*));
static_assert(std::is_trivially_copyable_v<Fault>);
static_assert(!std::is_constructible_v<Fault, const char*>);

inline constexpr Fault kNoFault;

}  // namespace varve
