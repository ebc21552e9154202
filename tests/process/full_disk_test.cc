// varve and varve_bench on a disk that becomes full at each of their writes in
// turn (full_disk.cc): one line, exit code 1, nothing lost, and the same
// command does it once there is room. RocksDB's LOG writer ended import and
// compact by an assertion there. rescue and compact waited for ever where
// RocksDB began to recover by itself while they closed, which full_disk.cc
// brings about.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

namespace fs = std::filesystem;

const char kNow[] = "1728000000000";
const char kPolicy[] = "--policy=downsampling_period=30d:5m";

class FullDiskTest : public ToolTest {
 protected:
  FullDiskTest() {
    fs::create_directory(disk_);
    old_csv_ = Csv("old", 0);
    new_csv_ = Csv("new", 1);
  }

  static std::string Csv(const std::string& series, int value) {
    std::string csv = "series,timestamp_ms,value\n";
    for (int i = 0; i < 300; ++i) {
      csv += series + "," + std::to_string(1727990000000 + i * 15000) + "," +
             std::to_string(value + i % 7) + "\n";
    }
    return csv;
  }

  // A full disk below disk_ from the at-th write on; 0: never.
  ChildResult Run(const std::vector<std::string>& command, int at,
                  const std::string& input) {
    ChildOptions options;
    options.input = input;
    options.environment = {"LD_PRELOAD=" VARVE_FULL_DISK_FILE,
                           "VARVE_FULL_DISK_DIR=" + disk_,
                           "VARVE_FULL_DISK_AT=" + std::to_string(at),
                           "VARVE_FULL_DISK_COUNT=" + (dir_ / "count"),
                           "VARVE_FULL_DISK_RECOVERY=300"};
    return RunChild(command, options);
  }

  // Files below disk_ as they are now are what each run begins with.
  void KeepDisk() {
    fs::copy(disk_, dir_ / "kept", fs::copy_options::recursive);
  }
  void RestoreDisk() {
    fs::remove_all(disk_);
    fs::copy(dir_ / "kept", disk_, fs::copy_options::recursive);
  }

  // Runs the command with the disk full from each `step`-th of its writes on,
  // and, a third of the times, again when there is room. `check` looks at what
  // a run that has failed, or has not, has left.
  void FillAtEachWrite(const std::vector<std::string>& command,
                       const std::string& input, int step,
                       const std::function<void(bool failed)>& check) {
    KeepDisk();
    const ChildResult whole = Run(command, 0, input);
    ASSERT_EQ(whole.exit_code, 0) << whole.ToString();
    const int writes = std::stoi(ReadFile(dir_ / "count"));
    ASSERT_GT(writes, 15);
    int failures = 0;
    for (int at = 1; at <= writes && !HasFailure(); at += step) {
      SCOPED_TRACE("full at write " + std::to_string(at) + " of " +
                   std::to_string(writes));
      RestoreDisk();
      const ChildResult result = Run(command, at, input);
      EXPECT_EQ(result.signal, 0) << result.ToString();
      if (result.exit_code != 0) {
        ++failures;
        EXPECT_EQ(result.exit_code, 1) << result.ToString();
        EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
            << result.ToString();
        EXPECT_NE(result.err.find("o space left on device"), std::string::npos)
            << result.ToString();
      }
      check(result.exit_code != 0);
      if (at / step % 3 != 0) continue;
      // There is room again.
      const ChildResult again = Run(command, 0, input);
      EXPECT_EQ(again.exit_code, 0) << again.ToString();
      check(/*failed=*/false);
    }
    EXPECT_GT(failures, writes / step / 2);
  }

  std::string Exported() const { return Export(disk_ + "/db", kNow); }

  const std::string disk_ = dir_ / "disk";
  const std::string disk_db_ = "--db=" + disk_ + "/db";
  std::string old_csv_, new_csv_;
};

TEST_F(FullDiskTest, ImportIntoANewDatabase) {
  FillAtEachWrite(
      {VARVE_TOOL_FILE, "import", disk_db_, kPolicy, "--now", kNow, "-"},
      new_csv_, 1, [&](bool failed) {
        if (!failed) {
          EXPECT_TRUE(Exported() == new_csv_);
        }
      });
}

// In a database that has room for it.
TEST_F(FullDiskTest, ImportIntoANewColumnFamily) {
  Import(disk_ + "/db", "downsampling_period=30d:5m", old_csv_, kNow);
  FillAtEachWrite({VARVE_TOOL_FILE, "import", disk_db_, kPolicy,
                   "--column_family=more", "--now", kNow, "-"},
                  new_csv_, 2, [&](bool failed) {
                    EXPECT_TRUE(Exported() == old_csv_);
                    if (failed) return;
                    EXPECT_EQ(
                        Export(disk_ + "/db", kNow, {"--column_family=more"}),
                        new_csv_);
                  });
}

TEST_F(FullDiskTest, ImportIntoADatabase) {
  Import(disk_ + "/db", "downsampling_period=30d:5m", old_csv_, kNow);
  const std::string both = new_csv_ + old_csv_.substr(old_csv_.find('\n') + 1);
  for (const char* const way : {"--nobulk", "--bulk"}) {
    fs::remove_all(dir_ / "kept");
    FillAtEachWrite(
        {VARVE_TOOL_FILE, "import", disk_db_, way, "--now", kNow, "-"},
        new_csv_, 1, [&](bool failed) {
          const std::string exported = Exported();
          if (!failed) {
            EXPECT_TRUE(exported == both);
          }
          // What was there is there.
          EXPECT_NE(exported.find(old_csv_.substr(old_csv_.find('\n') + 1)),
                    std::string::npos);
        });
    RestoreDisk();
  }
}

TEST_F(FullDiskTest, Compact) {
  Import(disk_ + "/db", "downsampling_period=30d:5m", old_csv_, kNow);
  Import(disk_ + "/db", "downsampling_period=30d:5m", new_csv_, kNow);
  const std::string before = Exported();
  FillAtEachWrite({VARVE_TOOL_FILE, "compact", disk_db_, "--now", kNow}, "", 1,
                  [&](bool) {
                    EXPECT_TRUE(Exported() == before);
                    Out({"verify", disk_db_, "--now", kNow});
                  });
}

TEST_F(FullDiskTest, Rescue) {
  Import(disk_ + "/db", "downsampling_period=30d:5m", old_csv_, kNow);
  FillAtEachWrite({VARVE_TOOL_FILE, "rescue", disk_db_, "--now", kNow}, "", 2,
                  [&](bool) { EXPECT_TRUE(Exported() == old_csv_); });
}

TEST_F(FullDiskTest, VarveBench) {
  FillAtEachWrite(
      {VARVE_BENCH_FILE, disk_db_, "--num=2000", "--series=5", "--reads=5",
       "--benchmarks=fillseries,overwritelate,mergecompact,agetiers,fillbulk"},
      "", 7, [&](bool failed) {
        // Another run destroys only what a run has marked as its own.
        if (failed && !fs::exists(disk_ + "/db/VARVE_BENCH")) {
          fs::remove_all(disk_ + "/db");
        }
      });
}

}  // namespace
}  // namespace varve
