// varve rescue: a database that RocksDB does not open any more because of the
// order of its level 0.
#include <gflags/gflags.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/database.h"
#include "tools/json_text.h"
#include "tools/progress.h"
#include "tools/rescued_database.h"

namespace varve::tools {
namespace {

void Print(const LiftedFamily& family) {
  std::string text = family.name + ": ";
  if (family.files == 0) {
    text += "nothing at level 0";
  } else {
    text += Counted(family.files, "file") + " of level 0, " +
            Bytes(family.bytes) + ", compacted to level " +
            std::to_string(family.level);
  }
  text += family.memtable_bytes == 0
              ? "; nothing to flush"
              : "; flushed " + Bytes(family.memtable_bytes) +
                    " of the write-ahead log";
  std::printf("%s\n", text.c_str());
}

void Write(const LiftedFamily& family, JsonText* json) {
  json->BeginObject();
  json->Text("column_family", family.name);
  json->Number("level0_files", family.files);
  json->Number("level0_bytes", family.bytes);
  json->Number("level", static_cast<uint64_t>(family.level));
  json->Number("flushed_bytes", family.memtable_bytes);
  json->EndObject();
}

int RunRescue(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kRescueCommand, status.getState());
  std::unique_ptr<RescuedDatabase> database;
  std::vector<LiftedFamily> families;
  status = RescuedDatabase::Open(flags, &database);
  if (status.ok()) status = database->Rescue(&families);
  if (status.ok()) status = database->Prove();
  if (!status.ok()) return Fail(status);
  if (!FLAGS_json) {
    for (const LiftedFamily& family : families) Print(family);
    std::printf("%s opens and flushes again\n", flags.dir.c_str());
    return kOk;
  }
  JsonText json;
  json.BeginList();
  for (const LiftedFamily& family : families) Write(family, &json);
  json.EndList();
  std::fputs(json.Finish().c_str(), stdout);
  return kOk;
}

}  // namespace

const Command kRescueCommand = {
    "rescue",
    "--db=DIR [--now=MS]",
    "make a database open again that says 'L0 file ... seqno'",
    "RocksDB up to 7.9 can bring itself to a state in which it neither flushes "
    "nor\nopens a database, when files were ingested beside writes without\n"
    "varve::IngestFiles: 'Corruption: force_consistency_checks: L0 file ... "
    "with\nseqno'. Nothing is lost then. This opens the database with what "
    "the\n"
    "write-ahead log holds in memory, compacts all files of level 0 to a "
    "level\n"
    "below, flushes, and opens it once more as it is configured. A database "
    "that is\nwell comes to no harm.\n\n"
    "The memory that it takes is that of everything in the write-ahead log. "
    "While\nit works, the database's own options are in DIR/varve-rescue: run "
    "it again if\nit was killed, and it finishes.",
    "  varve rescue --db=/data/metrics\n",
    {"db", "now", "json"},
    Arguments::kNone,
    RunRescue,
    "  A list, an object for each column family: column_family, level0_files "
    "and\n  level0_bytes (what lay at level 0), level (to which it was "
    "compacted),\n  flushed_bytes (of memtables).\n",
};

}  // namespace varve::tools
