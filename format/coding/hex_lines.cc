#include "format/coding/hex_lines.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace varve {
namespace {

constexpr size_t kBytesPerLine = 8;
constexpr size_t kHexWidth = 3 * kBytesPerLine - 1;

}  // namespace

void AppendHexLines(const rocksdb::Slice& bytes, uint64_t offset,
                    const HexNote& note, std::string* text) {
  const size_t shown = std::min(bytes.size(), note.bytes_max);
  size_t done = 0;
  do {
    char place[32];
    snprintf(place, sizeof place, "%04" PRIx64 "  ", offset + done);
    *text += place;
    const size_t line = std::min(kBytesPerLine, shown - done);
    std::string hex;
    for (size_t i = 0; i < line; ++i) {
      char byte[4];
      snprintf(byte, sizeof byte, i == 0 ? "%02x" : " %02x",
               static_cast<unsigned char>(bytes[done + i]));
      hex += byte;
    }
    if (done == 0 && !note.text.empty()) {
      hex.resize(kHexWidth + 2 + note.indent, ' ');
      hex += note.text;
      hex.erase(hex.find_last_not_of(' ') + 1);
    }
    *text += hex + "\n";
    done += line;
  } while (done < shown);
  if (shown < bytes.size()) {
    *text +=
        "      ... " + std::to_string(bytes.size() - shown) + " more bytes\n";
  }
}

}  // namespace varve
