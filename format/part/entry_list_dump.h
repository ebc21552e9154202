// The payloads of a part's boxes, field by field, for part_dump.h. Any bytes:
// what does not parse is shown as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

// What the entries of a list hold.
enum class ListedEntries {
  kRows,             // internal key -> value
  kRecords,          // internal key -> record of a stripe
  kInternalHandles,  // internal key -> handle
  kUserHandles,      // any key -> handle
  kRangeDeletions,   // internal key -> end
  kProperties,       // name -> text or varint
};

class EntryListDump {
 public:
  // `offset` is that of the payload's first byte.
  EntryListDump(const Slice& payload, uint64_t offset, size_t field_bytes_max)
      : begin_(payload.data()),
        p_(payload.data()),
        limit_(payload.data() + payload.size()),
        offset_(offset),
        field_bytes_max_(field_bytes_max) {}

  // Each shows what lies at the present place, and moves behind it.
  void StripeFront();
  // Separators are internal keys.
  bool IndexFlags();
  bool RootFront();
  void Entries(ListedEntries entries);
  void Footer();
  // What is left, if anything.
  void Rest(const std::string& note);

  const std::string& text() const { return text_; }

 private:
  void Line(size_t bytes, const std::string& note, size_t indent = 0);
  // False at bytes that are no varint.
  bool Varint(const std::string& note, uint64_t* v, const std::string& unit);
  bool Handle(const std::string& note, size_t indent);
  bool Entry(ListedEntries entries, size_t i);
  void Value(ListedEntries entries, size_t bytes);
  void Record(const char* end);
  void Property(size_t bytes);

  const char* const begin_;
  const char* p_;
  const char* limit_;
  const uint64_t offset_;
  const size_t field_bytes_max_;
  std::string key_;  // of the entry shown last
  std::string text_;
};

// Each line indented behind a bar.
std::string BarredLines(const std::string& text);

}  // namespace varve
