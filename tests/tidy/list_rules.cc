// The rule "listed" of tidy_rules.h.
#include <cstring>

#include "tests/tidy/text_match.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {

std::vector<Finding> CheckListed(const std::vector<std::string>& paths,
                                 const BuildLists& lists) {
  std::vector<Finding> findings;
  for (const std::string& path : paths) {
    const auto expect = [&](bool listed, const char* list) {
      if (listed) return;
      findings.push_back({path, 0, "listed", std::string("not in ") + list});
    };
    const std::string folder = Folder(path);
    if (folder == "include") {
      expect(Contains(lists.varve_mk, "varve_HEADERS += " + path + "\n"),
             "varve.mk");
    }
    if (!EndsWith(path, ".cc")) continue;
    if (InLibrary(path)) {
      expect(Contains(lists.varve_mk, "_SOURCES += " + path + "\n"),
             "varve.mk");
    } else if (IsOneOf(folder, {"tools", "bench", "fuzz"})) {
      // A fuzzer is listed by its name, without folder and ending.
      const std::string stem = path.substr(0, path.rfind("_fuzz.cc"));
      const std::string fuzzer =
          "varve_fuzzer(" + stem.substr(stem.find('/') + 1);
      expect(Contains(lists.programs_cmake, path) ||
                 Contains(lists.programs_cmake, fuzzer + ")") ||
                 Contains(lists.programs_cmake, fuzzer + " "),
             "cmake/Programs.cmake");
    } else if (folder == "tests" && !StartsWith(path, "tests/build/")) {
      expect(Contains(lists.tests_cmake, path.substr(strlen("tests/"))),
             "tests/CMakeLists.txt");
    }
  }
  return findings;
}

}  // namespace varve::tidy
