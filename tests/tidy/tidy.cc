// Polices the tree: tidy ROOT checks every file of ours below ROOT by the
// rules of tidy_rules.h, prints what it finds as file:line: rule: message,
// and fails unless there are only warnings. Reads files, changes none.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/tidy_rules.h"

namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool IsOurText(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string extension = path.extension().string();
  for (const char* known : {".h", ".cc", ".cmake", ".mk", ".md", ".in", ".map",
                            ".supp", ".txt", ".sh"}) {
    if (extension == known) return true;
  }
  return name == "Makefile" ||
         (extension.empty() && path.parent_path().filename() == "scripts");
}

// Relative paths, sorted. Test data are what they are and not looked at.
std::vector<std::string> FindFiles(const fs::path& root) {
  std::vector<std::string> paths;
  auto add = [&](const fs::path& path) {
    if (IsOurText(path)) paths.push_back(path.lexically_relative(root));
  };
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) add(entry.path());
  }
  for (const char* folder :
       {"include", "format", "compaction", "plugin", "index", "tools", "tests",
        "bench", "fuzz", "examples", "cmake", "scripts", "packaging", "docs"}) {
    if (!fs::is_directory(root / folder)) continue;
    for (fs::recursive_directory_iterator it(root / folder), end; it != end;
         ++it) {
      const std::string name = it->path().filename();
      if (name == "data" || name == "testdata") it.disable_recursion_pending();
      if (it->is_regular_file()) add(it->path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

int main(int argc, char** argv) {
  using varve::tidy::Finding;
  using varve::tidy::Severity;
  if (argc != 2 || !fs::exists(fs::path(argv[1]) / "varve.mk")) {
    fprintf(stderr, "usage: tidy ROOT (the folder that holds varve.mk)\n");
    return 2;
  }
  const fs::path root = fs::path(argv[1]).lexically_normal();
  const std::vector<std::string> paths = FindFiles(root);
  std::vector<Finding> findings;
  const auto add = [&](const std::vector<Finding>& found) {
    findings.insert(findings.end(), found.begin(), found.end());
  };
  add(varve::tidy::CheckListed(
      paths,
      {ReadFile(root / "varve.mk"), ReadFile(root / "tests" / "CMakeLists.txt"),
       ReadFile(root / "cmake" / "Programs.cmake")}));
  std::vector<varve::tidy::SourceFile> files;
  for (const std::string& path : paths) {
    files.push_back({path, ReadFile(root / path)});
    add(varve::tidy::CheckFile(path, files.back().text));
  }
  add(varve::tidy::CheckReferences(files, paths));
  add(varve::tidy::CheckMembers(files));
  size_t failures = 0;
  for (const Finding& finding : findings) {
    const bool failure = finding.severity == Severity::kFailure;
    failures += failure ? 1 : 0;
    printf("%s:%zu: %s%s: %s\n", finding.path.c_str(), finding.line,
           failure ? "" : "warning: ", finding.rule.c_str(),
           finding.message.c_str());
  }
  printf("%zu files, %zu failures, %zu warnings\n", paths.size(), failures,
         findings.size() - failures);
  return failures == 0 ? 0 : 1;
}
