// Bytes of an input for a message: in quotation marks, printable ASCII as it
// is and other bytes as \xHH, the first kQuotedBytesMax of them. Whoever wrote
// the input writes neither to the terminal of who reads the message, nor a
// message of megabytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace varve::tools {

inline constexpr size_t kQuotedBytesMax = 40;

inline std::string Quoted(std::string_view text) {
  static const char kHex[] = "0123456789abcdef";
  std::string quoted = "'";
  for (const char c : text.substr(0, kQuotedBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      quoted += c;
    } else {
      quoted += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return quoted + (text.size() > kQuotedBytesMax ? "...'" : "'");
}

}  // namespace varve::tools
