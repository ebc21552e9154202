#include "format/part/entry_list_dump.h"

#include <algorithm>
#include <cstdio>

#include "format/coding/hex_lines.h"
#include "format/coding/varint.h"
#include "format/part/part_file.h"

namespace varve {
namespace {

constexpr size_t kTrailerBytes = 8;  // of an internal key
constexpr size_t kKeyTextMax = 48;
constexpr size_t kIndent = 2;
constexpr size_t kRestartBytes = 4;

// Bytes that are no plain text as \xNN.
std::string Escaped(const Slice& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (text.size() >= kKeyTextMax) return text + "...";
    const auto c = static_cast<unsigned char>(bytes[i]);
    char code[8];
    snprintf(code, sizeof code, c >= 0x20 && c < 0x7f ? "%c" : "\\x%02x", c);
    text += code;
  }
  return text;
}

const char* TypeText(unsigned type) {
  switch (type) {
    case 0:
      return "deletion";
    case 1:
      return "value";
    case 2:
      return "merge";
    case 7:
      return "single deletion";
    case 0x0f:
      return "range deletion";
    case 0x11:
      return "blob index";
    case 0x14:
      return "deletion with timestamp";
    case 0x16:
      return "wide columns";
    default:
      return nullptr;
  }
}

std::string InternalKeyText(const std::string& key) {
  if (key.size() < kTrailerBytes) return Escaped(key) + ", no internal key";
  const size_t bytes = key.size() - kTrailerBytes;
  const uint64_t packed = LoadLittle64(key.data() + bytes);
  const unsigned type = packed & 0xff;
  const char* name = TypeText(type);
  return Escaped(Slice(key.data(), bytes)) + " @ " +
         std::to_string(packed >> 8) + ", " +
         (name != nullptr ? name : "type " + std::to_string(type));
}

}  // namespace

std::string BarredLines(const std::string& text) {
  std::string barred;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    barred += "  | " + text.substr(start, end - start) + "\n";
    start = end + 1;
  }
  return barred;
}

void EntryListDump::Line(size_t bytes, const std::string& note, size_t indent) {
  bytes = std::min(bytes, static_cast<size_t>(limit_ - p_));
  AppendHexLines(Slice(p_, bytes), offset_ + static_cast<uint64_t>(p_ - begin_),
                 {note, indent, field_bytes_max_}, &text_);
  p_ += bytes;
}

bool EntryListDump::Varint(const std::string& note, uint64_t* v,
                           const std::string& unit) {
  const char* end = DecodeVarint(p_, limit_, v);
  if (end == nullptr) return false;
  Line(static_cast<size_t>(end - p_), note + std::to_string(*v) + unit);
  return true;
}

bool EntryListDump::Handle(const std::string& note, size_t indent) {
  BoxHandle handle;
  const char* end = DecodeBoxHandle(p_, limit_, &handle);
  if (end == nullptr) return false;
  char place[32];
  snprintf(place, sizeof place, "%04llx",
           static_cast<unsigned long long>(handle.offset));
  Line(static_cast<size_t>(end - p_),
       note + place + ", " + std::to_string(handle.bytes) + " bytes", indent);
  return true;
}

void EntryListDump::Rest(const std::string& note) {
  if (p_ < limit_) Line(static_cast<size_t>(limit_ - p_), note);
}

void EntryListDump::StripeFront() {
  uint64_t count = 0;
  if (!Varint("boxes of columns: ", &count, "")) return;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t v = 0;
    const char* const p = DecodeVarint(p_, limit_, &v);
    if (p == nullptr) return;
    Line(static_cast<size_t>(p - p_),
         "box " + std::to_string(i) +
             ((v & 1) != 0 ? ": timestamps, " : ": values, ") +
             std::to_string(v >> 1) + " bytes stored");
  }
  if (!Varint("shared timestamp boxes: ", &count, "")) return;
  for (uint64_t i = 0; i < count; ++i) {
    if (!Handle("shared " + std::to_string(i) + ": ", 0)) return;
  }
}

bool EntryListDump::IndexFlags() {
  if (p_ == limit_) return false;
  const bool internal_keys = (*p_ & 1) != 0;
  Line(1, internal_keys ? "flags: separators are internal keys"
                        : "flags: separators are user keys");
  return internal_keys;
}

bool EntryListDump::RootFront() {
  const bool internal_keys = IndexFlags();
  uint64_t v = 0, shards = 0;
  if (!Varint("rows end at: ", &v, "") || limit_ - p_ < 2) return internal_keys;
  const unsigned flags = static_cast<unsigned char>(*p_);
  std::string kinds;
  if ((flags & 1) != 0) kinds += " keys";
  if ((flags & 2) != 0) kinds += " series";
  if ((flags & 4) != 0) kinds += " prefixes";
  Line(1, "filter of:" + (kinds.empty() ? " nothing" : kinds));
  Line(1, "probes: " + std::to_string(static_cast<unsigned char>(*p_)));
  if (!Varint("filter shards: ", &shards, "") ||
      !Varint("lines of a shard: ", &v, "")) {
    return internal_keys;
  }
  for (uint64_t i = 0; i < shards; ++i) {
    if (!Handle("shard " + std::to_string(i) + ": ", 0)) break;
  }
  return internal_keys;
}

void EntryListDump::Footer() {
  Line(1, "checksum kind");
  Handle("metaindex: ", 0);
  Handle("root: ", 0);
  constexpr size_t kVersionFromEnd = 24;
  if (static_cast<size_t>(limit_ - p_) > kVersionFromEnd) {
    Line(static_cast<size_t>(limit_ - p_) - kVersionFromEnd, "zeros");
  }
  Line(4, "part format version");
  Line(8, "checksum of the footer");
  Line(4, "RocksDB's footer version");
  Line(8, "magic number");
}

void EntryListDump::Entries(ListedEntries entries) {
  const char* const end = limit_;
  const auto left = static_cast<size_t>(end - p_);
  if (left < kRestartBytes) return;
  const uint64_t restarts = LoadLittle32(end - kRestartBytes);
  if (restarts > left / kRestartBytes - 1) return;
  limit_ = end - (restarts + 1) * kRestartBytes;
  key_.clear();
  for (size_t i = 0; p_ < limit_ && Entry(entries, i); ++i) {
  }
  Rest("no entry");
  limit_ = end;
  for (uint64_t i = 0; i < restarts; ++i) {
    Line(kRestartBytes, "restart " + std::to_string(i) + ": + " +
                            std::to_string(LoadLittle32(p_)));
  }
  Line(kRestartBytes, "restarts: " + std::to_string(restarts));
}

bool EntryListDump::Entry(ListedEntries entries, size_t i) {
  const char* p = p_;
  uint64_t shared = 0, unshared = 0, value_bytes = 0;
  for (uint64_t* v : {&shared, &unshared, &value_bytes}) {
    p = p != nullptr ? DecodeVarint(p, limit_, v) : nullptr;
  }
  if (p == nullptr || shared > key_.size() ||
      unshared > static_cast<uint64_t>(limit_ - p) ||
      value_bytes > static_cast<uint64_t>(limit_ - p) - unshared) {
    return false;
  }
  Line(static_cast<size_t>(p - p_), "entry " + std::to_string(i) + ": key " +
                                        std::to_string(shared) + " + " +
                                        std::to_string(unshared) + ", value " +
                                        std::to_string(value_bytes) + " bytes");
  key_.resize(static_cast<size_t>(shared));
  key_.append(p_, static_cast<size_t>(unshared));
  const bool internal = entries != ListedEntries::kUserHandles &&
                        entries != ListedEntries::kProperties;
  Line(static_cast<size_t>(unshared),
       internal ? InternalKeyText(key_) : Escaped(key_), kIndent);
  Value(entries, static_cast<size_t>(value_bytes));
  return true;
}

void EntryListDump::Value(ListedEntries entries, size_t bytes) {
  const char* const end = p_ + bytes;
  const char* const list_limit = limit_;
  limit_ = end;
  switch (entries) {
    case ListedEntries::kRows:
      break;
    case ListedEntries::kRecords:
      Record(end);
      break;
    case ListedEntries::kInternalHandles:
    case ListedEntries::kUserHandles:
      Handle("box at ", kIndent);
      break;
    case ListedEntries::kRangeDeletions:
      Line(bytes, "up to " + Escaped(Slice(p_, bytes)), kIndent);
      break;
    case ListedEntries::kProperties:
      Property(bytes);
      break;
  }
  if (p_ < end) Line(static_cast<size_t>(end - p_), "value", kIndent);
  limit_ = list_limit;
}

void EntryListDump::Record(const char* end) {
  if (p_ == end || *p_ != 1) {
    if (p_ < end) Line(1, "stored as it is", kIndent);
    return;
  }
  Line(1, "in columns", kIndent);
  uint64_t v = 0;
  const char* p = DecodeVarint(p_, end, &v);
  if (p == nullptr || v > static_cast<uint64_t>(end - p)) return;
  Line(static_cast<size_t>(p - p_), "header: " + std::to_string(v) + " bytes",
       kIndent);
  Line(static_cast<size_t>(v), "header", kIndent);
  for (const char* note : {"timestamps in ", "timestamps at + ", "timestamps: ",
                           "values in box ", "values at + ", "values: "}) {
    p = DecodeVarint(p_, end, &v);
    if (p == nullptr) return;
    std::string text = note;
    if (text == "timestamps in ") {
      text += (v & 1) != 0 ? "shared " : "box ";
      v >>= 1;
    }
    Line(static_cast<size_t>(p - p_), text + std::to_string(v), kIndent);
  }
}

// RocksDB's own are varints or text; ours are text.
void EntryListDump::Property(size_t bytes) {
  if (bytes == 0) return Line(0, "empty", kIndent);
  uint64_t v = 0;
  std::string note = "= ";
  if (key_.compare(0, 8, "rocksdb.") == 0 &&
      DecodeVarint(p_, p_ + bytes, &v) == p_ + bytes) {
    note += std::to_string(v);
  } else {
    note += Escaped(Slice(p_, bytes));
  }
  Line(bytes, note, kIndent);
}

}  // namespace varve
