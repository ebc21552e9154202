// A column as annotated hex lines (hex_lines.h): fields are taken one after
// the other, and each note writes the bytes that were taken since the note
// before. So every byte is on one line, in order, whatever the bytes are:
//
//   uint64_t step;
//   if (!lines.TakeVarint(&step)) return lines.Damaged("the step is cut off");
//   lines.Note("step: " + std::to_string(step) + " ms");
//
// Knows no format. Reads stay within the column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

// Where a column stands in a dump.
struct ColumnDumpPlace {
  std::string name;             // before the first note, as "values: "
  uint64_t offset = 0;          // of its first byte
  size_t indent = 0;            // of its notes
  size_t bytes_max = SIZE_MAX;  // more are left out, and how many is said
};

// `count` fields of `width` bits that follow each other, lowest bit first.
// REQUIRES: width <= 64; the fields lie in [bytes, bytes + PackedBytes).
std::vector<uint64_t> UnpackFields(const char* bytes, size_t count,
                                   unsigned width);

class ColumnLines {
 public:
  // Appends to *text; both must live as long as this does.
  ColumnLines(const Slice& column, const ColumnDumpPlace& place,
              std::string* text);

  // The next field: false, and nothing taken, where the bytes end before it.
  bool TakeByte(unsigned* byte);
  bool TakeVarint(uint64_t* v);
  bool TakeZigZag(uint64_t* v);  // as two's complement
  bool TakeBytes(uint64_t count, const char** bytes);

  // Bytes from here to the end of the part in hand, and the first of them.
  size_t left() const { return static_cast<size_t>(limit_ - p_); }
  const char* ahead() const { return p_; }

  // Writes what was taken since the last note. REQUIRES: something was.
  void Note(const std::string& note);
  // A line without bytes below the last note: what its bytes unpack to.
  void Detail(const std::string& line);
  // The same of many words, wrapped.
  void Details(const std::vector<std::string>& words);
  // Bytes that are not the column's own, behind bars.
  void Unpacked(const Slice& bytes);
  // Put before the next note.
  void Name(const std::string& name) { name_ += name; }

  // A part of `bytes` bytes, inside which notes are indented: Leave goes back
  // to what is around it. False, and nothing entered, when it has fewer.
  class Part {
    friend class ColumnLines;
    const char* limit = nullptr;
  };
  bool Enter(uint64_t bytes, Part* outer);
  void Leave(const Part& outer);

  // Shows what is left of the column with the reason; the status is then
  // Corruption, or NotSupported for what a newer version wrote. False.
  bool Damaged(const std::string& why);
  bool Unknown(const std::string& why);

  // Says how much the limit has left out. Call it last.
  void Finish();
  const Status& status() const { return status_; }

 private:
  bool GiveUp(const std::string& note, const Status& status);

  const char* const begin_;
  const char* const end_;
  const char* limit_;
  const char* p_;
  const char* noted_;  // shown up to here
  const uint64_t offset_;
  size_t indent_;
  size_t shown_max_;  // bytes that may still be shown
  size_t left_out_ = 0;
  std::string name_;
  std::string unseen_;  // a reason to give up that had no line
  std::string* const text_;
  Status status_;
};

}  // namespace varve
