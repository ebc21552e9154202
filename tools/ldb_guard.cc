#include "tools/ldb_guard.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "tools/ldb_options.h"

namespace varve::tools {
namespace {

// As ldb takes words apart: two hyphens make a flag, wherever it stands, and
// the first of the others is the command.
struct LdbLine {
  std::string command;
  std::vector<std::pair<std::string, std::string>> flags;

  explicit LdbLine(const std::vector<std::string>& words) {
    bool has_command = false;
    for (const std::string& word : words) {
      if (word.compare(0, 2, "--") != 0) {
        if (!has_command) command = word;
        has_command = true;
        continue;
      }
      const size_t equals = std::min(word.find('='), word.size());
      flags.emplace_back(
          word.substr(2, equals - 2),
          equals < word.size() ? word.substr(equals + 1) : std::string());
    }
  }

  // Of several the last counts.
  std::string ValueOf(const std::string& name) const {
    std::string value;
    for (const auto& flag : flags) {
      if (flag.first == name) value = flag.second;
    }
    return value;
  }

  bool Has(const std::string& name) const {
    return std::any_of(flags.begin(), flags.end(),
                       [&](const auto& flag) { return flag.first == name; });
  }
};

const LdbWord* Find(const std::vector<LdbWord>& list, const std::string& name) {
  const auto it =
      std::find_if(list.begin(), list.end(),
                   [&](const LdbWord& word) { return name == word.name; });
  return it == list.end() ? nullptr : &*it;
}

constexpr char kWithoutOptions[] =
    " opens the database without its OPTIONS: its rows would be merged by "
    "string append and destroyed, and its OPTIONS replaced; leave it away";
constexpr char kReplacesTable[] =
    " replaces the table format that the OPTIONS name; leave it away, and "
    "change the options of the table factory instead";
constexpr char kPersists[] =
    " changes the options of the database, and ldb writes them into its "
    "OPTIONS for good; leave it away";

// Why some are not let through; the rest is not known.
std::string WhyNot(const std::string& name) {
  static const std::map<std::string, const char*> reasons = {
      {"auto_compaction", kPersists},
      {"block_size", kReplacesTable},
      {"bloom_bits", kReplacesTable},
      {"change_compaction_style", kPersists},
      {"compression_type", kPersists},
      {"create_if_missing", kWithoutOptions},
      {"disable_consistency_checks", kPersists},
      {"drop_column_family",
       " drops all of a column family's samples; make a backup first"},
      {"file_size", kPersists},
      {"fix_prefix_len", kPersists},
      {"ingest_extern_sst",
       " adds rows past the rules by which they keep their order; 'varve "
       "import --bulk' keeps them"},
      {"reduce_levels", kPersists},
      {"repair",
       " ignores the database's OPTIONS: it moves files whose table format it "
       "does not know to lost/ and says OK; restore a backup or a checkpoint "
       "instead, and see 'varve verify'"},
      {"singledelete",
       " leaves it undefined what a row of merges holds afterwards; 'delete' "
       "deletes it"},
      {"try_load_options", kWithoutOptions},
      {"ttl", kWithoutOptions},
      {"unsafe_remove_sst_file",
       " loses what the file holds, and may bring back what it hid; restore a "
       "backup or a checkpoint instead"},
      {"write_buffer_size", kPersists},
  };
  const auto it = reasons.find(name);
  return it == reasons.end() ? "" : it->second;
}

// "'ldb repair' ignores ...".
std::string Why(const std::string& name, const std::string& word) {
  const std::string what = "'ldb " + word + "'";
  const std::string why = WhyNot(name);
  return why.empty() ? UnlistedWhy(what) : what + why;
}

std::string RefusalOfFlag(const std::string& name, const std::string& value,
                          LdbAccess access, const Acknowledged& acknowledged) {
  const LdbWord* const flag = Find(LdbFlags(), name);
  const std::string word = "--" + name + (value.empty() ? "" : "=" + value);
  if (flag == nullptr) return acknowledged.Refuse(name, Why(name, word));
  if (name == "try_load_options" && !value.empty() && value != "true") {
    return acknowledged.Refuse(name, Why(name, word));
  }
  if (flag->access == LdbAccess::kReads && access == LdbAccess::kWrites) {
    return acknowledged.Refuse(
        name, "'ldb --" + name +
                  "' goes with commands that only read; leave it away");
  }
  return "";
}

// Restoring deletes every file in the directory first.
std::string WhyNotRestoreTo(const std::string& dir) {
  std::error_code error;
  if (std::filesystem::is_empty(dir, error) || error) return "";
  return "'ldb restore' deletes every file in " + dir +
         " before it restores; name an empty directory";
}

}  // namespace

const std::vector<LdbWord>& LdbCommands() {
  static const std::vector<LdbWord> commands = {
      {"approxsize", LdbAccess::kReads},
      {"backup", LdbAccess::kWrites},
      {"batchput", LdbAccess::kWrites},
      {"checkconsistency", LdbAccess::kReads},
      {"checkpoint", LdbAccess::kWrites},
      {"compact", LdbAccess::kWrites},
      {"create_column_family", LdbAccess::kWrites},
      {"delete", LdbAccess::kWrites},
      {"deleterange", LdbAccess::kWrites},
      {"dump", LdbAccess::kReads},
      {"dump_live_files", LdbAccess::kReads},
      {"dump_wal", LdbAccess::kReads},
      {"file_checksum_dump", LdbAccess::kReads},
      {"get", LdbAccess::kReads},
      {"get_entity", LdbAccess::kReads},
      {"get_property", LdbAccess::kReads},
      {"idump", LdbAccess::kReads},
      {"list_column_families", LdbAccess::kReads},
      {"list_file_range_deletes", LdbAccess::kReads},
      {"list_live_files_metadata", LdbAccess::kReads},
      {"load", LdbAccess::kWrites},
      {"manifest_dump", LdbAccess::kReads},
      {"multi_get", LdbAccess::kReads},
      {"multi_get_entity", LdbAccess::kReads},
      {"put", LdbAccess::kWrites},
      {"query", LdbAccess::kWrites},
      {"restore", LdbAccess::kReads},  // its own look: WhyNotRestoreTo
      {"scan", LdbAccess::kReads},
  };
  return commands;
}

const std::vector<LdbWord>& LdbFlags() {
  static const std::vector<LdbWord> flags = {
      {"backup_dir", LdbAccess::kWrites},
      {"checkpoint_dir", LdbAccess::kWrites},
      {"column_family", LdbAccess::kWrites},
      {"compact", LdbAccess::kWrites},
      {"count_delim", LdbAccess::kWrites},
      {"count_only", LdbAccess::kWrites},
      {"db", LdbAccess::kWrites},
      {"decode_blob_index", LdbAccess::kWrites},
      {"dump_uncompressed_blobs", LdbAccess::kWrites},
      // These two must be as the OPTIONS have them: see ldb_options.h.
      {"enable_blob_files", LdbAccess::kWrites},
      {"enable_blob_garbage_collection", LdbAccess::kWrites},
      {"from", LdbAccess::kWrites},
      {"header", LdbAccess::kWrites},
      {"hex", LdbAccess::kWrites},
      {"ignore_unknown_options", LdbAccess::kReads},
      {"input_key_hex", LdbAccess::kWrites},
      {"json", LdbAccess::kWrites},
      {"key_hex", LdbAccess::kWrites},
      {"max_keys", LdbAccess::kWrites},
      {"no_value", LdbAccess::kWrites},
      {"num_threads", LdbAccess::kWrites},
      {"path", LdbAccess::kReads},
      {"print_value", LdbAccess::kWrites},
      {"secondary_path", LdbAccess::kReads},
      {"sort_by_filename", LdbAccess::kWrites},
      {"stats", LdbAccess::kWrites},
      {"stderr_log_level", LdbAccess::kWrites},
      {"to", LdbAccess::kWrites},
      {"try_load_options", LdbAccess::kWrites},
      {"value_hex", LdbAccess::kWrites},
      {"verbose", LdbAccess::kWrites},
      {"walfile", LdbAccess::kWrites},
      {"write_committed", LdbAccess::kWrites},
  };
  return flags;
}

std::string RefusalOfLdb(const std::vector<std::string>& words,
                         const Acknowledged& acknowledged) {
  if (words.empty()) return "";  // ldb's own help
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "--version")) {
    return "";
  }
  const LdbLine line(words);
  const LdbWord* const command = Find(LdbCommands(), line.command);
  std::string refusal;
  if (command == nullptr) {
    refusal =
        acknowledged.Refuse(line.command, Why(line.command, line.command));
    if (!refusal.empty()) return refusal;
  }
  // What somebody knows of a command, he does not of the OPTIONS.
  const LdbAccess access =
      command == nullptr ? LdbAccess::kWrites : command->access;
  for (const auto& [name, value] : line.flags) {
    refusal = RefusalOfFlag(name, value, access, acknowledged);
    if (!refusal.empty()) return refusal;
  }
  const std::string db = line.ValueOf("db");
  if (line.command == "restore") {
    return acknowledged.Refuse("restore", WhyNotRestoreTo(db));
  }
  if (access == LdbAccess::kReads) return "";
  LdbOptionsUse use;
  use.family = line.Has("column_family") ? line.ValueOf("column_family")
                                         : rocksdb::kDefaultColumnFamilyName;
  use.enables_blob_files = line.Has("enable_blob_files");
  use.enables_blob_garbage_collection =
      line.Has("enable_blob_garbage_collection");
  return acknowledged.Refuse("options", WhyNotUnderOptions(db, use));
}

}  // namespace varve::tools
