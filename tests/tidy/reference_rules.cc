// The rule "references" of tidy_rules.h.
#include <regex>
#include <set>

#include "tests/tidy/source_text.h"
#include "tests/tidy/text_match.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {
namespace {

// Files of others, which comments may name.
bool IsForeign(const std::string& name) {
  static const std::set<std::string> kFolders = {
      "rocksdb", "db",      "table", "util", "cache",
      "file",    "options", "port",  "env",  "test_util"};
  return kFolders.count(Folder(name)) > 0;
}

// Every end of a path that begins with a folder or the file itself: comments
// name files as briefly as is clear.
std::set<std::string> Endings(const std::vector<std::string>& paths) {
  std::set<std::string> endings;
  for (const std::string& path : paths) {
    endings.insert(path);
    for (size_t at = path.find('/'); at != std::string::npos;
         at = path.find('/', at + 1)) {
      endings.insert(path.substr(at + 1));
    }
  }
  return endings;
}

}  // namespace

std::vector<Finding> CheckReferences(const std::vector<SourceFile>& files,
                                     const std::vector<std::string>& paths) {
  static const std::regex kName(
      "[A-Za-z0-9_./-]*[A-Za-z0-9_]\\.(h|cc|md|mk|cmake)(?![A-Za-z0-9_])");
  const std::set<std::string> known = Endings(paths);
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    if (!EndsWith(file.path, ".h") && !EndsWith(file.path, ".cc")) continue;
    const SourceText source = ReadSource(file.text);
    for (size_t i = 0; i < source.lines.size(); ++i) {
      if (source.comment_column[i] == std::string::npos) continue;
      const std::string comment =
          source.lines[i].substr(source.comment_column[i]);
      if (!Contains(comment, ".")) continue;
      for (std::sregex_iterator it(comment.begin(), comment.end(), kName), end;
           it != end; ++it) {
        const std::string name = it->str();
        if (known.count(name) > 0 || IsForeign(name)) continue;
        findings.push_back(
            {file.path, i + 1, "references", "no file is named " + name});
      }
    }
  }
  return findings;
}

}  // namespace varve::tidy
