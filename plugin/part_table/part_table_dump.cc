// DumpTable, for people: the properties, then every byte
// (format/part/part_dump.h).
#include <algorithm>

#include "format/part/part_dump.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

namespace {

// Of each value and column: sst_dump --command=scan shows values whole.
constexpr size_t kDumpFieldBytes = 64;

std::string PropertyText(const std::string& value) {
  const bool text = std::all_of(value.begin(), value.end(),
                                [](char c) { return c >= 0x20 && c < 0x7f; });
  return text ? value : "0x" + Slice(value).ToString(true);
}

}  // namespace

Status PartTableReader::DumpTable(
    rocksdb::WritableFile* out_file VARVE_SHOW_TYPES_PARAMETER) {
  std::string front =
      "Part\n  file: " + source_.file_name() +
      "\n  bytes: " + std::to_string(source_.file_bytes()) +
      "\n  format version: " + std::to_string(footer_.part_version) +
      "\n\nProperties\n  " + properties_->ToString("\n  ", ": ") + "\n";
  for (const auto& [name, value] : properties_->user_collected_properties) {
    front += "  " + name + ": " + PropertyText(value) + "\n";
  }
  Status status = out_file->Append(front + "\nLayout\n");
  if (!status.ok()) return status;

  PartDumpFile file;
  file.bytes = source_.file_bytes();
  file.read = [this](uint64_t offset, size_t count, std::string* out) {
    return source_.ReadBytes(rocksdb::ReadOptions(), offset, count, out);
  };
  PartDumpLimits limits;
  limits.field_bytes_max = kDumpFieldBytes;
  status = DumpPart(file, limits, [out_file](const std::string& text) {
    return Status(out_file->Append(text));
  });
  return source_.Corrupt(status);
}

}  // namespace varve
