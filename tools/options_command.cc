// varve options: the strings that make a column family Varve's.
#include <gflags/gflags.h>

#include <cstdio>
#include <string>
#include <vector>

#include "rocksdb/table.h"
#include "tools/command.h"
#include "tools/json_text.h"
#include "tools/options_text.h"
#include "varve/varve.h"

DECLARE_string(policy);
DEFINE_string(table, "part",
              "The table format: part (Varve's) or block (RocksDB's own)");
DEFINE_string(compaction, "vm",
              "How RocksDB picks files to compact: keep, leveled, universal or "
              "vm (docs/presets.md)");

namespace varve::tools {
namespace {

int RunOptions(const std::vector<std::string>&) {
  if (FLAGS_table != "block" && FLAGS_table != "part") {
    return FailUsage(kOptionsCommand,
                     "--table is part or block, not " + FLAGS_table);
  }
  Policy policy;
  FamilyOptions options;
  CompactionPreset compaction = CompactionPreset::kKeep;
  Status status = ParseCompactionPreset(FLAGS_compaction, &compaction);
  if (!status.ok()) return FailUsage(kOptionsCommand, status.getState());
  status = Policy::Parse(FLAGS_policy, &policy);
  if (!status.ok()) return FailPolicy(status);
  status = OptionsOfPolicy(policy, &options, compaction);
  if (!status.ok()) return Fail(status);
  if (FLAGS_table == "block") {
    options.cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
  }
  const std::string family = ColumnFamilyText(options.cf);
  const std::string database = DatabaseText(options.db);
  if (FLAGS_json) {
    JsonText json;
    json.BeginObject();
    json.Text("column_family", family);
    json.Text("database", database);
    json.EndObject();
    std::fputs(json.Finish().c_str(), stdout);
    return kOk;
  }
  std::printf(
      "# Of the column family: for GetColumnFamilyOptionsFromString, and line "
      "by\n# line for [CFOptions \"default\"] of an OPTIONS file.\n%s\n"
      "# Of the database: for GetDBOptionsFromString and [DBOptions].\n%s",
      family.c_str(), database.c_str());
  return kOk;
}

}  // namespace

const Command kOptionsCommand = {
    "options",
    "[--policy=POLICY] [--table=part|block] [--compaction=PRESET]",
    "print option strings to paste",
    "Prints what a program, or a RocksDB OPTIONS file, needs to make a column\n"
    "family Varve's: options strings that name its objects with the policy. "
    "All\nelse stays as the service has it. 'varve import --options=FILE' "
    "reads it too.",
    "  varve options --policy='downsampling_period=30d:5m;retention_period=1y'"
    "\n",
    {"policy", "table", "compaction", "json"},
    Arguments::kNone,
    RunOptions,
    "  An object: column_family and database, the two texts.\n",
};

}  // namespace varve::tools
