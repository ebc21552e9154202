// RocksDB's own db_bench with the library preloaded and the OPTIONS of a Varve
// database: plain keys and values go through our objects as foreign rows.
#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

class DbBenchTest : public ToolTest {
 protected:
  std::string OptionsFile() {
    Import(db_, "downsampling_period=30d:5m;retention_period=1y",
           "series,timestamp_ms,value\na,1,1\n", "1000");
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      const std::string name = entry.path().filename();
      if (name.compare(0, 8, "OPTIONS-") == 0) return entry.path();
    }
    ADD_FAILURE() << "no OPTIONS in " << db_;
    return "";
  }
};

TEST_F(DbBenchTest, RunsOnOurOptions) {
  ChildOptions options;
  options.environment = {"LD_PRELOAD=" VARVE_LIBRARY_FILE};
  const std::string bench_db = dir_ / "bench";
  const ChildResult result = RunChild(
      {VARVE_DB_BENCH_FILE, "--options_file=" + OptionsFile(),
       "--db=" + bench_db, "--num=20000", "--reads=5000",
       // Any name switches the merge benchmarks on; the file has the operator.
       "--merge_operator=put", "--seed=1",
       "--benchmarks=fillseq,flush,readrandom,mergerandom,readmissing,flush,"
       "compact,readseq,seekrandom,stats"},
      options);
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  for (const char* const name : {"fillseq", "readrandom", "mergerandom",
                                 "compact", "readseq", "seekrandom"}) {
    EXPECT_NE(result.out.find(std::string("\n") + name + " "),
              std::string::npos)
        << name << "\n"
        << result.out;
  }
  EXPECT_NE(result.out.find("(5000 of 5000 found)"), std::string::npos)
      << result.out;
  const std::string log = ReadFile(bench_db + "/LOG");
  EXPECT_NE(log.find("VarveSampleMerge"), std::string::npos);
  EXPECT_NE(log.find("VarveTierFilter"), std::string::npos);
}

}  // namespace
}  // namespace varve
