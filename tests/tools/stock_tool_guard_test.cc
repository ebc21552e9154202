// Which command lines of the stock tools would harm a Varve database.
#include "tools/stock_tool_guard.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/temp_dir.h"

namespace varve::tools {
namespace {

class StockToolGuardTest : public testing::Test {
 protected:
  StockToolGuardTest() {
    std::ofstream(ours_ / "OPTIONS-000007")
        << "  merge_operator={id=VarveSampleMerge;}\n";
    std::ofstream(other_ / "OPTIONS-000007") << "  merge_operator=nullptr\n";
  }

  static bool Refuses(const std::string& tool,
                      const std::vector<std::string>& words) {
    return !RefusalOf(tool, words).empty();
  }

  TempDir ours_, other_;
  const std::string db_ = "--db=" + ours_.path();
  const std::string other_db_ = "--db=" + other_.path();
};

TEST_F(StockToolGuardTest, LdbRepairAndReplacedTablesNeverRun) {
  EXPECT_TRUE(Refuses("ldb", {db_, "repair"}));
  EXPECT_TRUE(Refuses("ldb", {other_db_, "repair"}));
  EXPECT_TRUE(Refuses("ldb", {db_, "compact", "--block_size=4096"}));
  EXPECT_TRUE(Refuses("ldb", {db_, "--bloom_bits=10", "compact"}));
}

TEST_F(StockToolGuardTest, LdbMustLoadTheOptions) {
  EXPECT_TRUE(Refuses("ldb", {db_, "--try_load_options=false", "compact"}));
  EXPECT_TRUE(Refuses("ldb", {db_, "--create_if_missing", "put", "a", "b"}));
  EXPECT_TRUE(Refuses("ldb", {db_, "--ttl", "scan"}));
  EXPECT_FALSE(Refuses("ldb", {other_db_, "--ttl", "scan"}));
}

TEST_F(StockToolGuardTest, TheRestPasses) {
  EXPECT_FALSE(Refuses("ldb", {db_, "scan", "--hex"}));
  EXPECT_FALSE(Refuses("ldb", {db_, "get", "repair"}));
  EXPECT_FALSE(Refuses("ldb", {db_, "--try_load_options", "compact"}));
  EXPECT_FALSE(Refuses("sst_dump", {"--file=x", "--command=check"}));
  EXPECT_FALSE(Refuses("ldb", {}));
}

TEST_F(StockToolGuardTest, DbBenchDestroysNoSamples) {
  EXPECT_TRUE(Refuses("db_bench", {db_}));
  EXPECT_TRUE(Refuses("db_bench", {db_, "--use_existing_db=0"}));
  EXPECT_TRUE(Refuses("db_bench", {"--db", ours_.path()}));
  EXPECT_TRUE(Refuses("db_bench", {db_, "--use_existing_db=1"}));
  EXPECT_FALSE(
      Refuses("db_bench", {db_, "--use_existing_db=1", "--options_file=x"}));
  EXPECT_FALSE(Refuses("db_bench", {other_db_}));
  EXPECT_FALSE(Refuses("db_bench", {"--db=/no/such/directory"}));
}

}  // namespace
}  // namespace varve::tools
