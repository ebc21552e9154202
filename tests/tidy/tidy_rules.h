// The rules that this tree keeps, beyond what the compilers check. Most look
// at one file; `path` is relative to the root and says which rules apply:
//
//   includes      from the root, and only what the table of rooms allows
//                 (rooms.h); RocksDB's internal headers come in through
//                 plugin/host/rocksdb_internals.h alone
//   file_length   400 lines at best (a warning), 700 at most
//   function      70 lines at most
//   parameters    7 of a function at most, outside of kernels (value_kernels*,
//                 value_loops.h) and overrides of RocksDB's
//   file_name     one noun: no util, helper, manager, common
//   pragma_once   in every header
//   text          no tabs, no blanks at a line's end, 80 columns, a line end
//                 at the end, nothing left to do (the usual markers)
//   clock         no sleeping and no wall clock in the library and the tests;
//                 random_device only where the seed is printed
//   exceptions    none thrown in the library, nothing that needs RTTI
//   version       no comparison with RocksDB's version but in plugin/host
//                 (version.h); tests may use its macros
//   disabled      no test that is switched off
//   disk_enum     an enum with numbers in format/ has all of them explicit,
//                 and a comment that says they never change
//
// and some at the tree as a whole:
//
//   listed        a build list names every source, test and public header
//   references    a file that a comment names is there
//   members       a private member is read somewhere, not only written
#pragma once

#include <string>
#include <vector>

namespace varve::tidy {

enum class Severity { kWarning, kFailure };

struct Finding {
  std::string path;
  size_t line = 0;  // from 1; 0: the file as a whole
  std::string rule;
  std::string message;
  Severity severity = Severity::kFailure;
};

inline constexpr size_t kFileLinesWarn = 400;
inline constexpr size_t kFileLinesMax = 700;
inline constexpr size_t kFunctionLinesMax = 70;
inline constexpr size_t kParametersMax = 7;
inline constexpr size_t kColumnsMax = 80;

// All rules that apply to this file.
std::vector<Finding> CheckFile(const std::string& path,
                               const std::string& text);

// The texts of the build lists.
struct BuildLists {
  std::string varve_mk;
  std::string tests_cmake;     // tests/CMakeLists.txt
  std::string programs_cmake;  // cmake/Programs.cmake
};

// Sources, tests and public headers that no build list names. (An example has
// a list of its own, and is built by a test.)
std::vector<Finding> CheckListed(const std::vector<std::string>& paths,
                                 const BuildLists& lists);

struct SourceFile {
  std::string path;
  std::string text;
};

// Comments in `files` that name files which are not in `paths`. What belongs
// to RocksDB or to the system is known by its folder or by a short list.
std::vector<Finding> CheckReferences(const std::vector<SourceFile>& files,
                                     const std::vector<std::string>& paths);

// Members (`name_`) that are declared and written, and that neither their file
// nor any that includes it ever reads. What lives for its destructor alone is
// known by its type.
std::vector<Finding> CheckMembers(const std::vector<SourceFile>& files);

}  // namespace varve::tidy
