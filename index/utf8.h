// Whether bytes are UTF-8, as labels must be: expressions see characters.
#pragma once

#include "rocksdb/slice.h"

namespace varve {

// As RFC 3629 has it: no surrogates, no longer forms, nothing above U+10FFFF.
bool IsUtf8(const rocksdb::Slice& text);

}  // namespace varve
