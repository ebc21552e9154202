// varve policy and varve options: what they print is true.
#include <memory>
#include <string>

#include "rocksdb/db.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"
#include "tests/tools/tool_run.h"
#include "tools/options_text.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kPolicy[] =
    "downsampling_period=30d:5m,180d:1h;dedup_interval=15s;"
    "retention_period=1y;bucket=6h;partition=week;window=ceil";

using PolicyCommandTest = ToolTest;
using OptionsCommandTest = ToolTest;

TEST_F(PolicyCommandTest, ExplainsInWordsAndByExample) {
  const std::string out = Out({"policy", kPolicy});
  for (const char* const part :
       {"Rows: one holds the samples of one series and 6h.\n", "one week only",
        "(k*I-I, k*I]", "from 0       the last sample of each 15s\n",
        "from 30d     the last sample of each 5m\n",
        "from 180d    the last sample of each 1h\n", "from 1y      nothing",
        "+0      240\n", "+30d    12\n", "+180d   1\n", "+1y1ms  0\n"}) {
    EXPECT_NE(out.find(part), std::string::npos) << part << "\n" << out;
  }
  EXPECT_EQ(out.find("Warning"), std::string::npos);
}

TEST_F(PolicyCommandTest, WarnsAndRefuses) {
  EXPECT_NE(Out({"policy", "downsampling_period=30d:5m;partition=none"})
                .find("\nWarning: partition=none: "),
            std::string::npos);
  const ChildResult result = Varve({"policy", "dedup_interval=7m"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("dedup_interval"), std::string::npos) << result.err;
}

// Small and odd shapes have an example too.
TEST_F(PolicyCommandTest, TakesEveryValidPolicy) {
  for (const char* const text :
       {"", "bucket=1s", "bucket=366d;partition=none", "dedup_interval=1ms",
        "dedup_interval=7m;bucket=7m;partition=none",
        "downsampling_period=1s:1d", "retention_period=1s;safety_lag=0",
        "window=ceil;bucket=1s", "ageing=off;retention_period=1d"}) {
    const std::string out = Out({"policy", text, "--json"});
    EXPECT_EQ(out.find("{\"policy\":\""), 0u) << text << "\n" << out;
    EXPECT_NE(out.find("\"timeline\":[{"), std::string::npos) << text;
  }
}

TEST_F(OptionsCommandTest, WhatItPrintsOpensADatabase) {
  for (const std::string table : {"block", "part"}) {
    const std::string file = WriteFile(
        "options-" + table, Out({"options", std::string("--policy=") + kPolicy,
                                 "--table=" + table}));
    tools::FamilyOptions read;
    Status status = tools::ReadOptionsFile(file, "default", &read);
    ASSERT_TRUE(status.ok()) << status.ToString();
    rocksdb::Options options(read.db, read.cf);
    options.create_if_missing = true;
    rocksdb::DB* opened = nullptr;
    status = rocksdb::DB::Open(options, dir_ / table, &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(opened);
    Policy asked, there;
    ASSERT_TRUE(Policy::Parse(kPolicy, &asked).ok());
    ASSERT_TRUE(GetPolicy(db.get(), db->DefaultColumnFamily(), &there).ok());
    EXPECT_EQ(asked.Difference(there, "asked", "there"), "");
    EXPECT_TRUE(CheckColumnFamily(db.get(), db->DefaultColumnFamily()).ok());
    EXPECT_EQ(options.listeners.size(), 1u);
    // As people write it, not 0.94999999999999996.
    EXPECT_NE(ReadFile(file).find("ageing_min_due_ratio=0.95;"),
              std::string::npos);
    EXPECT_STREQ(options.table_factory->Name(),
                 table == "part" ? "VarvePartTable" : "BlockBasedTable");
    EXPECT_EQ(options.table_properties_collector_factories.size(), 1u);
  }
}

TEST_F(OptionsCommandTest, PrintsAPresetsSettings) {
  for (const std::string preset : {"keep", "leveled", "universal", "vm"}) {
    const std::string file =
        WriteFile(preset, Out({"options", "--policy=" + std::string(kPolicy),
                               "--compaction=" + preset}));
    tools::FamilyOptions read;
    Status status = tools::ReadOptionsFile(file, "default", &read);
    ASSERT_TRUE(status.ok()) << status.ToString();
    rocksdb::ColumnFamilyOptions expected;
    CompactionPreset parsed;
    ASSERT_TRUE(ParseCompactionPreset(preset, &parsed).ok());
    ASSERT_TRUE(ApplyCompactionPreset(parsed, &expected).ok());
    EXPECT_EQ(read.cf.compaction_style, expected.compaction_style);
    EXPECT_EQ(read.cf.level0_file_num_compaction_trigger,
              expected.level0_file_num_compaction_trigger);
    EXPECT_EQ(read.cf.level0_stop_writes_trigger,
              expected.level0_stop_writes_trigger);
    const auto& universal = read.cf.compaction_options_universal;
    EXPECT_EQ(universal.max_merge_width,
              expected.compaction_options_universal.max_merge_width);
    EXPECT_EQ(
        universal.max_size_amplification_percent,
        expected.compaction_options_universal.max_size_amplification_percent);
  }
  const ChildResult bad = Varve({"options", "--compaction=tiered"});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_NE(bad.err.find("keep, leveled, universal or vm"), std::string::npos);
}

// The same by the tool, from what it printed and from an OPTIONS file.
TEST_F(OptionsCommandTest, ImportCreatesADatabaseFromThem) {
  const std::string csv = "series,timestamp_ms,value\na,1,1\n";
  const std::string file =
      WriteFile("options", Out({"options", "--policy=bucket=6h"}));
  Out({"import", "--db=" + db_, "--options=" + file, "-"}, csv);
  std::string ini;
  for (const auto& entry : std::filesystem::directory_iterator(db_)) {
    const std::string name = entry.path().filename();
    if (name.compare(0, 8, "OPTIONS-") == 0) ini = entry.path();
  }
  const std::string copy = db_ + "2";
  Out({"import", "--db=" + copy, "--options=" + ini, "-"}, csv);
  EXPECT_NE(Out({"stats", "--db=" + copy}).find(";bucket=6h;"),
            std::string::npos);
  const ChildResult again =
      Varve({"import", "--db=" + copy, "--options=" + ini, "-"}, csv);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.err.find("options of its own"), std::string::npos);
}

TEST_F(OptionsCommandTest, RefusesOptionsWithoutVarve) {
  for (const std::string text :
       {"write_buffer_size=1000", "merge_operator=VarveSampleMurge",
        "no_such_option=1"}) {
    const std::string file = WriteFile("options", text);
    const ChildResult result =
        Varve({"import", "--db=" + db_, "--options=" + file, "-"});
    EXPECT_EQ(result.exit_code, 1) << text;
    EXPECT_EQ(result.err.find("varve: " + file + ": "), 0u) << result.err;
    EXPECT_FALSE(std::filesystem::exists(db_));
  }
}

}  // namespace
}  // namespace varve
