// Two rows around all others, which say nothing: a file that holds them spans
// every key that a column family may hold. IngestFiles sends one along where
// RocksDB must not leave anything in its memtables
// (plugin/samples/span_file.h).
//
// Each is a merge operand that adds nothing, a container without entries, so
// that what somebody has written to these keys stays as it is. The compaction
// filter takes them away.
//
// Law: kSpanFirstKey <= key for every key; key < SpanLastKey() for every key of
// a row, and for every other one that does not begin with as many bytes of FF.
#pragma once

#include <string>

#include "rocksdb/slice.h"

namespace varve {

inline constexpr const char kSpanFirstKey[] = "";
std::string SpanLastKey();
std::string SpanOperand();

bool IsSpanRow(const rocksdb::Slice& key, const rocksdb::Slice& value);

}  // namespace varve
