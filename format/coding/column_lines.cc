#include "format/coding/column_lines.h"

#include <algorithm>

#include "format/coding/hex_lines.h"
#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kDetailWidth = 72;

}  // namespace

std::vector<uint64_t> UnpackFields(const char* bytes, size_t count,
                                   unsigned width) {
  std::vector<uint64_t> fields(count);
  size_t bit = 0;
  for (uint64_t& field : fields) {
    for (unsigned done = 0; done < width;) {
      const unsigned from = bit % 8;
      const unsigned n = std::min(8 - from, width - done);
      const uint64_t byte = static_cast<unsigned char>(bytes[bit / 8]);
      field |= (byte >> from & ((1u << n) - 1)) << done;
      done += n;
      bit += n;
    }
  }
  return fields;
}

ColumnLines::ColumnLines(const Slice& column, const ColumnDumpPlace& place,
                         std::string* text)
    : begin_(column.data()),
      end_(column.data() + column.size()),
      limit_(end_),
      p_(begin_),
      noted_(begin_),
      offset_(place.offset),
      indent_(place.indent),
      shown_max_(place.bytes_max),
      name_(place.name),
      text_(text) {}

bool ColumnLines::TakeByte(unsigned* byte) {
  if (p_ == limit_) return false;
  *byte = static_cast<unsigned char>(*p_++);
  return true;
}

bool ColumnLines::TakeVarint(uint64_t* v) {
  const char* const after = DecodeVarint(p_, limit_, v);
  if (after == nullptr) return false;
  p_ = after;
  return true;
}

bool ColumnLines::TakeZigZag(uint64_t* v) {
  if (!TakeVarint(v)) return false;
  *v = static_cast<uint64_t>(UnZigZag(*v));
  return true;
}

bool ColumnLines::TakeBytes(uint64_t count, const char** bytes) {
  if (count > left()) return false;
  *bytes = p_;
  p_ += count;
  return true;
}

void ColumnLines::Note(const std::string& note) {
  const auto taken = static_cast<size_t>(p_ - noted_);
  const size_t shown = std::min(taken, shown_max_);
  // What the column is, is said in any case.
  if (shown > 0 || taken == 0 || noted_ == begin_) {
    AppendHexLines(Slice(noted_, shown),
                   offset_ + static_cast<uint64_t>(noted_ - begin_),
                   {name_ + note, indent_, SIZE_MAX}, text_);
  }
  shown_max_ -= shown;
  left_out_ += taken - shown;
  noted_ = p_;
  name_.clear();
}

void ColumnLines::Detail(const std::string& line) {
  if (shown_max_ == 0) return;
  *text_ += std::string(kIndent * 3 + indent_, ' ') + line + "\n";
}

void ColumnLines::Details(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty() && line.size() + 1 + word.size() > kDetailWidth) {
      Detail(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) Detail(line);
}

void ColumnLines::Unpacked(const Slice& bytes) {
  if (shown_max_ == 0) return;
  std::string hex;
  AppendHexLines(bytes, 0, {"", 0, shown_max_}, &hex);
  for (size_t start = 0; start < hex.size();) {
    const size_t end = hex.find('\n', start);
    *text_ += "  | " + hex.substr(start, end - start) + "\n";
    start = end + 1;
  }
}

bool ColumnLines::Enter(uint64_t bytes, Part* outer) {
  if (bytes > left()) return false;
  outer->limit = limit_;
  limit_ = p_ + bytes;
  indent_ += kIndent;
  return true;
}

void ColumnLines::Leave(const Part& outer) {
  limit_ = outer.limit;
  indent_ -= kIndent;
}

bool ColumnLines::GiveUp(const std::string& note, const Status& status) {
  p_ = end_;
  if (shown_max_ == 0) {
    unseen_ = note;
    left_out_ += static_cast<size_t>(p_ - noted_);
    noted_ = p_;
  } else {
    Note(note);
  }
  status_ = status;
  return false;
}

bool ColumnLines::Damaged(const std::string& why) {
  return GiveUp("damaged: " + why, Status::Corruption(why));
}

bool ColumnLines::Unknown(const std::string& why) {
  return GiveUp("not known: " + why, Status::NotSupported(why));
}

void ColumnLines::Finish() {
  if (left_out_ > 0) {
    *text_ += "      ... " + std::to_string(left_out_) + " more bytes\n";
  }
  if (unseen_.empty()) return;
  *text_ += std::string(kIndent + indent_, ' ') + unseen_ + "\n";
}

}  // namespace varve
