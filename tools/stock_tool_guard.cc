#include "tools/stock_tool_guard.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace varve::tools {
namespace {

// A word's flag and value, however many hyphens it has.
struct Flag {
  std::string name;
  std::string value;
};

std::vector<Flag> FlagsOf(const std::vector<std::string>& words) {
  std::vector<Flag> flags;
  for (size_t i = 0; i < words.size(); ++i) {
    const size_t begin = words[i].find_first_not_of('-');
    if (begin == 0 || begin == std::string::npos) continue;
    const size_t equals = std::min(words[i].find('='), words[i].size());
    Flag flag = {words[i].substr(begin, equals - begin), ""};
    if (equals < words[i].size()) {
      flag.value = words[i].substr(equals + 1);
    } else if (i + 1 < words.size() && words[i + 1][0] != '-') {
      flag.value = words[i + 1];  // gflags takes it so; a guess elsewhere
    }
    flags.push_back(std::move(flag));
  }
  return flags;
}

const Flag* Find(const std::vector<Flag>& flags, const std::string& name) {
  for (const Flag& flag : flags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

// The first word that is no flag: ldb's command.
std::string CommandOf(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (!word.empty() && word[0] != '-') return word;
  }
  return "";
}

// Whether the newest OPTIONS of a directory name one of our objects.
bool IsVarves(const std::string& dir) {
  std::error_code error;
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    const std::string name = entry.path().filename();
    if (name.compare(0, 8, "OPTIONS-") != 0) continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    found = found || text.str().find("VarveSampleMerge") != std::string::npos;
  }
  return found;
}

std::string RefusalOfLdb(const std::vector<std::string>& words) {
  const std::vector<Flag> flags = FlagsOf(words);
  const Flag* const db = Find(flags, "db");
  if (CommandOf(words) == "repair") {
    return "'ldb repair' ignores the database's OPTIONS: it moves files whose "
           "table format it does not know to lost/ and says OK; restore a "
           "backup or a checkpoint instead, and see 'varve verify'";
  }
  for (const char* const name : {"block_size", "bloom_bits"}) {
    if (Find(flags, name) == nullptr) continue;
    return std::string("'ldb --") + name +
           "' replaces the table format that the OPTIONS name; leave it away, "
           "and change the options of the table factory instead";
  }
  if (db == nullptr || !IsVarves(db->value)) return "";
  const Flag* const load = Find(flags, "try_load_options");
  const bool is_off = load != nullptr && load->value == "false";
  for (const char* const name : {"create_if_missing", "ttl"}) {
    if (Find(flags, name) == nullptr || load != nullptr) continue;
    return std::string("'ldb --") + name +
           "' opens the database without its OPTIONS: its rows would be "
           "merged by string append and destroyed; leave it away";
  }
  if (!is_off) return "";
  return "'ldb --try_load_options=false' opens the database without its "
         "OPTIONS: its rows would be merged by string append and destroyed; "
         "leave it away";
}

std::string RefusalOfDbBench(const std::vector<std::string>& words) {
  const std::vector<Flag> flags = FlagsOf(words);
  const Flag* const db = Find(flags, "db");
  if (db == nullptr || !IsVarves(db->value)) return "";
  const Flag* const existing = Find(flags, "use_existing_db");
  const bool keeps = existing != nullptr && existing->value != "0" &&
                     existing->value != "false";
  if (!keeps) {
    return "db_bench destroys the database in --db before it starts, and " +
           db->value +
           " holds samples; name another directory, or --use_existing_db=1 "
           "with --options_file";
  }
  if (Find(flags, "options_file") == nullptr) {
    return "db_bench opens " + db->value +
           " with options of its own, without Varve's merge operator and "
           "table format; add --options_file=" +
           db->value + "/OPTIONS-...";
  }
  return "";
}

}  // namespace

std::string RefusalOf(const std::string& tool,
                      const std::vector<std::string>& words) {
  if (tool == "ldb") return RefusalOfLdb(words);
  if (tool == "db_bench") return RefusalOfDbBench(words);
  return "";
}

}  // namespace varve::tools
