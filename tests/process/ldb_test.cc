// RocksDB's own ldb with the library preloaded: it works on a Varve database
// as on any other, and samples come through it whole.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "plugin/host/behaviour.h"
#include "tests/tools/tool_run.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kNow[] = "1728000000000";

class LdbTest : public ToolTest {
 protected:
  // Three series over ten hours and two partitions, in several files. ldb has
  // the system's clock: the policy thins, but by no age.
  void SetUp() override {
    for (int part = 0; part < 3; ++part) {
      std::string csv = "series,timestamp_ms,value\n";
      for (int i = 0; i < 600; ++i) {
        const int64_t timestamp_ms = 1727720000000 + i * 60000;
        const std::string tail = "," +
                                 std::to_string(timestamp_ms + part * 20000) +
                                 "," + std::to_string(i % 7 + part) + "\n";
        csv += "a" + tail + "b" + tail + "c" + tail;
      }
      Import(db_, "dedup_interval=5m;bucket=1h", csv, kNow);
    }
    exported_ = Export(db_, kNow);
  }

  // All of ldb's output; the command must do well.
  static std::string Ldb(const std::string& db,
                         const std::vector<std::string>& words) {
    std::vector<std::string> command = {VARVE_LDB_FILE, "--db=" + db};
    command.insert(command.end(), words.begin(), words.end());
    ChildOptions options;
    options.environment = {"LD_PRELOAD=" VARVE_LIBRARY_FILE};
    const ChildResult result = RunChild(command, options);
    EXPECT_EQ(result.exit_code, 0) << result.ToString();
    return result.out;
  }

  std::string exported_;
};

TEST_F(LdbTest, ScansAndGetsRows) {
  const std::string rows = Ldb(db_, {"scan", "--hex"});
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 3 * 11);
  const size_t key_end = rows.find(kLdbArrow);
  ASSERT_NE(key_end, std::string::npos) << rows;
  const std::string key = rows.substr(0, key_end);
  const size_t value_at = key_end + std::strlen(kLdbArrow);
  const std::string value = rows.substr(value_at, rows.find('\n') - value_at);
  EXPECT_EQ(Ldb(db_, {"get", "--hex", key}), value + "\n");
  EXPECT_EQ(Export(db_, kNow), exported_);
}

TEST_F(LdbTest, PutsAForeignRowBesideTheSamples) {
  EXPECT_EQ(Ldb(db_, {"put", "zebra", "stripes"}), "OK\n");
  EXPECT_EQ(Ldb(db_, {"get", "zebra"}), "stripes\n");
  EXPECT_EQ(Export(db_, kNow), exported_);
  Ldb(db_, {"compact"});
  EXPECT_EQ(Ldb(db_, {"get", "zebra"}), "stripes\n");
  EXPECT_EQ(Export(db_, kNow), exported_);
}

TEST_F(LdbTest, LooksIntoFiles) {
  EXPECT_NE(Ldb(db_, {"idump", "--hex"}).find("Internal keys in range: "),
            std::string::npos);
  const std::string files = Ldb(db_, {"list_live_files_metadata"});
  EXPECT_NE(files.find(".sst"), std::string::npos) << files;
  EXPECT_NE(Ldb(db_, {"manifest_dump"}).find("Column family \"default\""),
            std::string::npos);
  EXPECT_EQ(Ldb(db_, {"checkconsistency"}), "OK\n");
  EXPECT_EQ(Export(db_, kNow), exported_);
}

TEST_F(LdbTest, CompactsWithoutChangingTheView) {
  Ldb(db_, {"compact"});
  EXPECT_EQ(Export(db_, kNow), exported_);
}

TEST_F(LdbTest, MakesCheckpointsThatAreDatabases) {
  const std::string copy = dir_ / "checkpoint";
  Ldb(db_, {"checkpoint", "--checkpoint_dir=" + copy});
  EXPECT_EQ(Export(copy, kNow), exported_);
  Out({"compact", "--db=" + copy, "--now", kNow});
  EXPECT_EQ(Export(copy, kNow), exported_);
}

TEST_F(LdbTest, BacksUpAndRestores) {
  const std::string backups = dir_ / "backups";
  const std::string copy = dir_ / "restored";
  Ldb(db_, {"backup", "--backup_dir=" + backups});
  Ldb(copy, {"restore", "--backup_dir=" + backups});
  EXPECT_EQ(Export(copy, kNow), exported_);
}

}  // namespace
}  // namespace varve
