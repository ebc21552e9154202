// Each room includes what the picture in docs/ARCHITECTURE.md draws, and
// nothing else: every pair of rooms is tried, and what each room may see of
// RocksDB, of the public headers and of the standard library.
#include "tests/tidy/rooms.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {
namespace {

// The lines of `include` that may not stand in a file of that folder.
size_t Refused(const std::string& folder, const std::string& include) {
  size_t refused = 0;
  for (const Finding& finding :
       CheckFile(folder + "/a.cc", "#include " + include + "\n")) {
    refused += finding.rule == "includes" ? 1 : 0;
  }
  return refused;
}

std::string Quoted(const std::string& name) { return "\"" + name + "\""; }

// The arrows as they are drawn, from a room to the rooms below it.
const std::set<std::pair<std::string, std::string>> kArrows = {
    {"format/values", "format/coding"},
    {"format/timestamps", "format/coding"},
    {"format/row", "format/coding"},
    {"format/row", "format/values"},
    {"format/row", "format/timestamps"},
    {"format/part", "format/coding"},
    {"format/part", "format/row"},
    {"compaction", "format/coding"},
    {"compaction", "format/row"},
    {"plugin/host", "compaction"},
    {"plugin/samples", "plugin/host"},
    {"plugin/samples", "compaction"},
    {"plugin/samples", "format/coding"},
    {"plugin/samples", "format/row"},
    {"plugin/part_table", "plugin/host"},
    {"plugin/part_table", "compaction"},
    {"plugin/part_table", "format/part"},
    {"plugin/memtable", "plugin/host"},
    {"plugin/memtable", "compaction"},
    {"plugin/ageing", "plugin/host"},
    {"plugin/ageing", "plugin/samples"},
    {"plugin/ageing", "compaction"},
    {"plugin", "plugin/host"},
    {"plugin", "plugin/samples"},
    {"plugin", "plugin/part_table"},
    {"plugin", "plugin/memtable"},
    {"plugin", "plugin/ageing"},
    {"plugin", "compaction"},
    {"compaction", "format/index"},
    {"format/index", "format/coding"},
    {"index", "compaction"},
    {"index", "format/coding"},
    {"index", "format/index"},
};

TEST(Rooms, EveryPairIsAllowedOrRefusedAsDrawn) {
  size_t forbidden = 0;
  for (const Room& from : Rooms()) {
    for (const Room& to : Rooms()) {
      if (to.folder == "include/varve") continue;
      const bool allowed =
          (from.folder == to.folder && from.folder != "include/varve") ||
          kArrows.count({from.folder, to.folder}) != 0;
      EXPECT_EQ(Refused(from.folder, Quoted(to.folder + "/b.h")),
                allowed ? 0u : 1u)
          << from.folder << " -> " << to.folder;
      forbidden += allowed ? 0 : 1;
    }
  }
  EXPECT_EQ(forbidden + kArrows.size() + Rooms().size() - 1,
            Rooms().size() * (Rooms().size() - 1));
}

TEST(Rooms, ArrowsGoOneWay) {
  for (const auto& arrow : kArrows) {
    EXPECT_EQ(kArrows.count({arrow.second, arrow.first}), 0u)
        << arrow.first << " and " << arrow.second;
  }
}

TEST(Rooms, NobodyIncludesWhatIsBuiltOnTheLibrary) {
  for (const Room& room : Rooms()) {
    for (const char* upwards : {"tools/a.h", "tests/a.h", "bench/a.h",
                                "fuzz/a.h", "examples/a/a.h", "a.h"}) {
      EXPECT_EQ(Refused(room.folder, Quoted(upwards)), 1u)
          << room.folder << " -> " << upwards;
    }
  }
}

TEST(Rooms, TheDoorToRocksdbsInternalsStandsOpenToTwo) {
  const std::string door = Quoted("plugin/host/rocksdb_internals.h");
  const std::string past_it = Quoted("table/table_builder.h");
  for (const Room& room : Rooms()) {
    const bool may =
        room.folder == "plugin/host" || room.folder == "plugin/part_table";
    EXPECT_EQ(Refused(room.folder, door), may ? 0u : 1u) << room.folder;
    EXPECT_EQ(Refused(room.folder, past_it), 1u) << room.folder;
  }
  for (const char* outside : {"tools", "tests/plugin", "bench", "fuzz"}) {
    EXPECT_EQ(Refused(outside, past_it), 1u) << outside;
  }
  EXPECT_EQ(CheckFile("plugin/host/rocksdb_internals.h",
                      "#pragma once\n#include " + past_it + "\n")
                .size(),
            0u);
}

TEST(Rooms, FormatIsBytes) {
  for (const Room& room : Rooms()) {
    const bool bytes = room.folder.compare(0, 7, "format/") == 0;
    EXPECT_EQ(Refused(room.folder, Quoted("rocksdb/slice.h")), 0u);
    EXPECT_EQ(Refused(room.folder, Quoted("rocksdb/db.h")), bytes ? 1u : 0u);
    EXPECT_EQ(Refused(room.folder, Quoted("varve/row_shape.h")), 0u);
    EXPECT_EQ(Refused(room.folder, Quoted("varve/policy.h")), bytes ? 1u : 0u);
    EXPECT_EQ(Refused(room.folder, Quoted("varve/varve.h")),
              bytes || room.folder == "compaction" ? 1u : 0u);
  }
  for (const char* bad : {"<chrono>", "<fstream>", "<unistd.h>", "<thread>"}) {
    EXPECT_EQ(Refused("format/row", bad), 1u) << bad;
    EXPECT_EQ(Refused("compaction", bad), 1u) << bad;
  }
  for (const char* good : {"<vector>", "<zstd.h>", "<immintrin.h>"}) {
    EXPECT_EQ(Refused("format/row", good), 0u) << good;
  }
  EXPECT_EQ(Refused("compaction", "<zstd.h>"), 1u);
}

TEST(Rooms, APublicHeaderNeedsStdAndRocksdbAlone) {
  for (const char* bad : {"<zstd.h>", "<unistd.h>", "<gflags/gflags.h>",
                          "\"compaction/view.h\"", "\"db/db_impl.h\""}) {
    EXPECT_EQ(Refused("include/varve", bad), 1u) << bad;
  }
  for (const char* good :
       {"<vector>", "\"rocksdb/db.h\"", "\"varve/policy.h\""}) {
    EXPECT_EQ(Refused("include/varve", good), 0u) << good;
  }
}

TEST(Rooms, ASourceOfTheLibraryLiesInARoom) {
  EXPECT_EQ(RoomOf("format/row/row_key.cc")->folder, "format/row");
  EXPECT_EQ(RoomOf("format/row_key.cc"), nullptr);
  EXPECT_EQ(Refused("format", Quoted("format/row/a.h")), 1u);
  EXPECT_EQ(Refused("plugin/attic", Quoted("rocksdb/db.h")), 1u);
}

TEST(Rooms, AnExampleSeesWhatProgramsSee) {
  EXPECT_EQ(Refused("examples/a", "<varve/varve.h>"), 0u);
  EXPECT_EQ(Refused("examples/a", Quoted("examples/a/b.h")), 0u);
  EXPECT_EQ(Refused("examples/a", Quoted("b.h")), 0u);
  EXPECT_EQ(Refused("examples/a", Quoted("compaction/view.h")), 1u);
  EXPECT_EQ(Refused("tools", "<varve/varve.h>"), 1u);
  EXPECT_EQ(Refused("tools", "<rocksdb/db.h>"), 1u);
  EXPECT_EQ(Refused("tests", Quoted("b.h")), 1u);
}

}  // namespace
}  // namespace varve::tidy
