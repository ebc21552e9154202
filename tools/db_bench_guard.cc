#include "tools/db_bench_guard.h"

#include <strings.h>

#include <algorithm>
#include <map>
#include <memory>

#include "plugin/part_table/sst_walk.h"
#include "rocksdb/env.h"
#include "rocksdb/utilities/options_util.h"
#include "tools/db_bench_flags.h"

namespace varve::tools {
namespace {

using rocksdb::Status;

// As gflags takes words apart.
class DbBenchLine {
 public:
  // What is wrong with the first word that is.
  std::string Read(const std::vector<std::string>& words,
                   const Acknowledged& acknowledged);

  // Of several the last counts.
  std::string ValueOf(const std::string& name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? "" : it->second;
  }
  bool IsOn(const std::string& name) const {
    const std::string value = ValueOf(name);
    return std::any_of(std::begin(kTrue), std::end(kTrue), [&](const char* on) {
      return strcasecmp(value.c_str(), on) == 0;
    });
  }

 private:
  static constexpr const char* kTrue[] = {"1", "t", "true", "y", "yes"};

  std::string ReadWord(const std::string& word,
                       const Acknowledged& acknowledged);

  std::map<std::string, std::string> values_;
};

std::string DbBenchLine::Read(const std::vector<std::string>& words,
                              const Acknowledged& acknowledged) {
  for (const std::string& word : words) {
    const std::string refusal = ReadWord(word, acknowledged);
    if (!refusal.empty()) return refusal;
  }
  return "";
}

std::string DbBenchLine::ReadWord(const std::string& word,
                                  const Acknowledged& acknowledged) {
  size_t begin = 0;
  while (begin < 2 && begin < word.size() && word[begin] == '-') ++begin;
  if (begin == 0 || begin == word.size()) {
    return "'db_bench " + word +
           "' is not a flag; write a flag and its value as one word, "
           "--num=1000";
  }
  const size_t equals = std::min(word.find('='), word.size());
  std::string name = word.substr(begin, equals - begin);
  // gflags takes one for the other.
  std::replace(name.begin(), name.end(), '-', '_');
  const bool has_value = equals < word.size();
  if (DbBenchSwitches().count(name) > 0) {
    values_[name] = has_value ? word.substr(equals + 1) : "true";
    return "";
  }
  if (DbBenchValues().count(name) > 0) {
    if (has_value) {
      values_[name] = word.substr(equals + 1);
      return "";
    }
    return "'db_bench " + word +
           "' would take the next word for its value; write --" + name +
           "=VALUE";
  }
  if (!has_value && name.compare(0, 2, "no") == 0 &&
      DbBenchSwitches().count(name.substr(2)) > 0) {
    values_[name.substr(2)] = "false";
    return "";
  }
  return acknowledged.Refuse(name, UnlistedWhy("'db_bench " + word + "'"));
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Whether the text names one of our objects, or cannot be read.
bool MayNameVarve(const std::string& options_file) {
  std::string text;
  const Status status =
      rocksdb::ReadFileToString(rocksdb::Env::Default(), options_file, &text);
  return !status.ok() || text.find("=Varve") != std::string::npos;
}

// Whether it has our properties, or cannot be read.
bool MayHoldSamples(const std::string& sst_file) {
  std::unique_ptr<SstWalk> walk;
  if (!SstWalk::Open(sst_file, &walk).ok()) return true;
  return walk->is_part() || walk->properties().user_collected_properties.count(
                                "varve.samples") > 0;
}

// A database of other data has OPTIONS that do not name us, and files that we
// have not written. Where that cannot be seen it may hold samples.
bool MayBeVarves(const std::string& dir) {
  std::vector<std::string> files;
  rocksdb::Env::Default()->GetChildren(dir, &files).PermitUncheckedError();
  bool is_database = false;
  bool has_options = false;
  for (const std::string& file : files) {
    const std::string path = dir + "/" + file;
    const bool is_options =
        file.compare(0, 8, "OPTIONS-") == 0 && !EndsWith(file, ".dbtmp");
    has_options = has_options || is_options;
    is_database = is_database || is_options || file == "CURRENT" ||
                  file.compare(0, 9, "MANIFEST-") == 0 ||
                  EndsWith(file, ".sst") || EndsWith(file, ".blob");
    if (is_options && MayNameVarve(path)) return true;
    if (EndsWith(file, ".sst") && MayHoldSamples(path)) return true;
  }
  return is_database && !has_options;
}

// db_bench's own directory where it is given none.
std::string DirectoryOf(const DbBenchLine& line) {
  std::string dir = line.ValueOf("db");
  if (!dir.empty()) return dir;
  rocksdb::Env::Default()->GetTestDirectory(&dir).PermitUncheckedError();
  return dir + "/dbbench";
}

std::string WhyNotOnSamples(const std::string& dir, const DbBenchLine& line) {
  const std::string holds = dir + " holds samples, or nobody can tell";
  if (!line.IsOn("readonly")) {
    return "db_bench destroys the database in --db before it starts, or opens "
           "it with options of its own, and " +
           holds +
           "; name another directory, or --readonly=1 with --options_file";
  }
  if (!line.ValueOf("options_file").empty()) return "";
  return holds +
         ", and db_bench opens it without Varve's merge operator and table "
         "format; add --options_file=" +
         dir + "/OPTIONS-...";
}

// A database's OPTIONS may name places of that database.
std::string WhyNotOptionsFile(const std::string& options_file) {
  if (options_file.empty()) return "";
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const Status status = rocksdb::LoadOptionsFromFile(
      rocksdb::ConfigOptions(), options_file, &options, &families);
  if (!status.ok() || options.wal_dir.empty()) return "";
  return "db_bench destroys what lies in the wal_dir that " + options_file +
         " names, " + options.wal_dir +
         "; take the line out of a copy of that file";
}

}  // namespace

std::string RefusalOfDbBench(const std::vector<std::string>& words,
                             const Acknowledged& acknowledged) {
  DbBenchLine line;
  std::string refusal = line.Read(words, acknowledged);
  if (!refusal.empty()) return refusal;
  const std::string dir = DirectoryOf(line);
  if (MayBeVarves(dir)) {
    refusal = acknowledged.Refuse("db", WhyNotOnSamples(dir, line));
  }
  if (!refusal.empty() || line.IsOn("readonly")) return refusal;
  return acknowledged.Refuse("options_file",
                             WhyNotOptionsFile(line.ValueOf("options_file")));
}

}  // namespace varve::tools
