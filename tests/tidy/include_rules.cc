#include "tests/tidy/include_rules.h"

#include <regex>

#include "tests/tidy/rooms.h"
#include "tests/tidy/text_match.h"

namespace varve::tidy {
namespace {

bool IsPlainStd(const std::string& name) {
  return name.find_first_of("./") == std::string::npos;
}

// What an angle-bracket include may name in the two lower layers: no files,
// no clock, no threads of their own.
bool IsPureAngle(const std::string& name) {
  if (IsOneOf(name, {"chrono", "fstream", "filesystem", "random", "thread",
                     "iostream"})) {
    return false;
  }
  return IsPlainStd(name);
}

bool IsBytesAngle(const std::string& name) {
  return IsPureAngle(name) || EndsWith(name, "intrin.h") ||
         IsOneOf(name, {"arm_neon.h", "cpuid.h", "zstd.h", "zstd_errors.h",
                        "xxhash.h"});
}

// Why a file may not include <name>; empty when it may.
std::string WhyNotAngle(const std::string& path, const std::string& name) {
  const std::string folder = Folder(path);
  if (StartsWith(name, "rocksdb/") && folder != "examples") {
    return "write \"rocksdb/...\" with quotation marks";
  }
  if (StartsWith(name, "varve/") && folder != "examples" &&
      !StartsWith(path, "tests/build/")) {
    return "write \"varve/...\" with quotation marks";
  }
  if (folder == "format" && !IsBytesAngle(name)) {
    return "format/ is bytes: std, zstd and xxhash; no files and no clock";
  }
  if (folder == "compaction" && !IsPureAngle(name)) {
    return "compaction/ sees std alone; no files and no clock of its own";
  }
  if (folder == "include" && !IsPlainStd(name)) {
    return "a public header needs std and RocksDB alone";
  }
  return "";
}

// What is built on the library: tools, tests, benches, fuzzers, examples.
std::string WhyNotOutside(const std::string& path, const std::string& name) {
  const std::string folder = Folder(path);
  const std::string layer = Folder(name);
  const bool ours =
      IsOneOf(layer, {"varve", "format", "compaction", "plugin", "index",
                      "tools", "tests", "bench", "fuzz"});
  if (InLibrary(path)) {
    return "a source of the library lies in a room (tests/tidy/rooms.cc)";
  }
  if (folder == "examples") {
    // An example is built by itself: its headers are its neighbours.
    if (layer.empty() || layer == "examples") return "";
    return "an example sees what programs see: <varve/varve.h>";
  }
  if (ours || layer == "rocksdb" || layer == "examples") return "";
  const bool sync_point =
      StartsWith(path, "tests/plugin/") && name == "test_util/sync_point.h";
  if (sync_point) return "";
  return layer.empty() ? "includes are relative to the root"
                       : "RocksDB's internal headers come in through "
                         "plugin/host/rocksdb_internals.h";
}

// The same for "name".
std::string WhyNotQuoted(const std::string& path, const std::string& name) {
  const bool door = IsOneOf(
      path, {"plugin/host/rocksdb_internals.h", "cmake/rocksdb_abi_check.cc"});
  if (door) return "";
  const Room* const room = RoomOf(path);
  return room != nullptr ? WhyNot(*room, name) : WhyNotOutside(path, name);
}

}  // namespace

void CheckIncludes(const std::string& path, const SourceText& source,
                   std::vector<Finding>* findings) {
  static const std::regex kInclude("^ *# *include *([\"<])([^\">]*)[\">]");
  std::smatch match;
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (source.starts_in_literal[i]) continue;
    if (!std::regex_search(source.lines[i], match, kInclude)) continue;
    if (source.comment_column[i] < source.lines[i].find('#')) continue;
    const std::string name = match[2];
    const std::string why =
        match[1] == "\"" ? WhyNotQuoted(path, name) : WhyNotAngle(path, name);
    if (why.empty()) continue;
    findings->push_back({path, i + 1, "includes", "'" + name + "': " + why});
  }
}

}  // namespace varve::tidy
