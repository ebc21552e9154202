// A compressed stream, decoded step by step: zstd frames or gzip members, one
// behind the other, told apart by their first bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace varve::tools {

inline constexpr size_t kCompressionMagicBytes = 4;

class Decompressor {
 public:
  // `head` are the first bytes of a file, kCompressionMagicBytes where it has
  // so many. nullptr: it is not compressed.
  static std::unique_ptr<Decompressor> For(std::string_view head);

  virtual ~Decompressor() = default;

  // Takes bytes off the front of *in and writes up to `room` bytes at `out`;
  // returns how many. *error is set for bytes that are not such a stream.
  virtual size_t Decode(std::string_view* in, char* out, size_t room,
                        std::string* error) = 0;

  // Whether the stream would be cut short here.
  virtual bool is_open() const = 0;

  virtual const char* name() const = 0;
};

}  // namespace varve::tools
