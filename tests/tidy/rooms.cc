#include "tests/tidy/rooms.h"

#include <algorithm>

namespace varve::tidy {
namespace {

using Names = std::vector<std::string>;

const Names kEvery = {"*"};

bool Has(const Names& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return one == "*" || one == name;
  });
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string Listed(const Names& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

const std::vector<Room>& Rooms() {
  // The row shape and the marks of exported names are all that bytes know of
  // the public interface; the meaning of a policy is compaction's.
  static const Names kBytes = {"row_shape.h", "export.h"};
  static const Names kMeaning = {"row_shape.h",     "export.h",
                                 "policy.h",        "counters.h",
                                 "ageing_report.h", "compaction_preset.h"};
  static const Names kSlices = {"slice.h", "status.h"};
  static const std::vector<Room> kRooms = {
      {"include/varve", {}, kEvery, kEvery},
      {"format/coding", {}, kBytes, kSlices},
      {"format/values", {"format/coding"}, kBytes, kSlices},
      {"format/timestamps", {"format/coding"}, kBytes, kSlices},
      {"format/row",
       {"format/coding", "format/values", "format/timestamps"},
       kBytes,
       kSlices},
      {"format/part", {"format/coding", "format/row"}, kBytes, kSlices},
      {"format/index", {"format/coding"}, kBytes, kSlices},
      {"compaction",
       {"format/coding", "format/row", "format/index"},
       kMeaning,
       kEvery},
      {"index",
       {"compaction", "format/coding", "format/index"},
       kEvery,
       kEvery},
      {"plugin/host", {"compaction"}, kEvery, kEvery},
      {"plugin/samples",
       {"plugin/host", "compaction", "format/coding", "format/row"},
       kEvery,
       kEvery},
      {"plugin/part_table",
       {"plugin/host", "compaction", "format/part"},
       kEvery,
       kEvery},
      {"plugin/memtable", {"plugin/host", "compaction"}, kEvery, kEvery},
      {"plugin/ageing",
       {"plugin/host", "plugin/samples", "compaction"},
       kEvery,
       kEvery},
      {"plugin",
       {"plugin/host", "plugin/samples", "plugin/part_table", "plugin/memtable",
        "plugin/ageing", "compaction"},
       kEvery,
       kEvery},
  };
  return kRooms;
}

const Room* RoomOf(const std::string& path) {
  const std::string folder = FolderOf(path);
  for (const Room& room : Rooms()) {
    if (room.folder == folder) return &room;
  }
  return nullptr;
}

std::string WhyNot(const Room& room, const std::string& name) {
  const std::string folder = FolderOf(name);
  const std::string file = name.substr(name.rfind('/') + 1);
  if (folder == "varve") {
    if (Has(room.public_headers, file)) return "";
    return "of the public headers " + room.folder + "/ may include " +
           Listed(room.public_headers);
  }
  if (name.compare(0, 8, "rocksdb/") == 0) {
    if (Has(room.rocksdb_headers, name.substr(8))) return "";
    return "of RocksDB's headers " + room.folder + "/ may include " +
           Listed(room.rocksdb_headers);
  }
  // The door to RocksDB's internals stands open to two rooms.
  if (name == "plugin/host/rocksdb_internals.h" &&
      room.folder != "plugin/host" && room.folder != "plugin/part_table") {
    return "RocksDB's internals are seen by plugin/host/ and "
           "plugin/part_table/ only";
  }
  if (folder == room.folder && room.folder != "include/varve") return "";
  if (Has(room.may_include, folder)) return "";
  return room.folder +
         "/ may include of other rooms: " + Listed(room.may_include);
}

}  // namespace varve::tidy
