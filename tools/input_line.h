// The next line of a text: what line-based formats are read by.
#pragma once

#include <cstddef>
#include <string_view>

#include "tools/input_text.h"

namespace varve::tools {

// The line at the window's start, without its end, and how many bytes it takes
// up. False at the end of the text, on an error of it, and for a line beyond
// kLineBytesMax, for which *status says so.
bool TakeLine(InputText* text, std::string_view* line, size_t* bytes,
              Status* status);

inline constexpr size_t kLineBytesMax = 256 << 20;

// InvalidArgument at the line that the window starts in.
Status LongLine(const InputText& text);

}  // namespace varve::tools
