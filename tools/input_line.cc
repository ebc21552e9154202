#include "tools/input_line.h"

#include <string>

namespace varve::tools {

bool TakeLine(InputText* text, std::string_view* line, size_t* bytes,
              Status* status) {
  size_t searched = 0;
  for (;;) {
    const std::string_view window = text->window();
    const size_t end = window.find('\n', searched);
    if (end != std::string_view::npos) {
      *line = window.substr(0, end);
      *bytes = end + 1;
      return true;
    }
    searched = window.size();
    if (searched > kLineBytesMax) {
      *status = LongLine(*text);
      return false;
    }
    if (text->More()) continue;
    *line = text->window();
    *bytes = line->size();
    return text->status().ok() && !line->empty();
  }
}

Status LongLine(const InputText& text) {
  return Status::InvalidArgument(
      text.name() + ":" + std::to_string(text.line()),
      "a line of more than 256 MiB");
}

}  // namespace varve::tools
