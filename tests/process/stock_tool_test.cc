// varve ldb, sst_dump, db_bench and the generated documents, as processes.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

const char kCsv[] = "series,timestamp_ms,value\na,1,1\nb,2,2\n";

class StockToolTest : public ToolTest {
 protected:
  StockToolTest() { Import(db_, "", kCsv, "1000"); }

  std::string FileLike(const std::string& part) const {
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      const std::string path = entry.path();
      if (path.find(part) != std::string::npos) return path;
    }
    return "";
  }
};

TEST_F(StockToolTest, LdbSeesTheLibrary) {
  EXPECT_EQ(Out({"ldb", "--db=" + db_, "checkconsistency"}), "OK\n");
  Out({"ldb", "--db=" + db_, "compact"});
  EXPECT_EQ(Export(db_, "1000"), kCsv);
  Out({"verify", "--db=" + db_});
}

TEST_F(StockToolTest, ItsExitCodeAndErrorsPassThrough) {
  const ChildResult result =
      Varve({"ldb", "--db=" + (dir_ / "absent"), "get", "no_row"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("Failed: "), std::string::npos)
      << result.ToString();
}

// Before there was a list of what is let through, the guard looked for a few
// spellings: each of these destroyed the rows or replaced the OPTIONS.
TEST_F(StockToolTest, WhatIsNotListedIsRefusedAndNothingHappens) {
  const std::string options = FileLike("OPTIONS-");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{
           {"--try_load_options=false", "compact"},
           {"--try_load_options=False", "compact"},
           {"--try_load_options=FALSE", "compact"},
           {"put", "--create_if_missing", "--try_load_options", "a", "b"},
           {"put", "--create_if_missing", "--try_load_options=true", "a", "b"},
           {"--ttl", "--try_load_options", "compact"},
           {"no_such_command"}}) {
    std::vector<std::string> command = {"ldb", "--db=" + db_};
    command.insert(command.end(), words.begin(), words.end());
    const ChildResult result = Varve(command);
    EXPECT_EQ(result.exit_code, 2) << result.ToString();
    EXPECT_EQ(result.err.find("varve: 'ldb "), 0u) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
    EXPECT_EQ(FileLike("OPTIONS-"), options);
    EXPECT_EQ(Export(db_, "1000"), kCsv);
  }
}

// And the tool does not get the word.
TEST_F(StockToolTest, WhatIsAcknowledgedRuns) {
  const std::vector<std::string> scan = {"ldb", "--db=" + db_, "scan",
                                         "--fix_prefix_len=4", "--no_value"};
  EXPECT_EQ(Varve(scan).exit_code, 2);
  std::vector<std::string> acknowledged = scan;
  acknowledged.push_back("--i_know=fix_prefix_len");
  const std::string rows = Out(acknowledged);
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 2) << rows;
}

TEST_F(StockToolTest, RepairIsRefusedAndNothingHappens) {
  const ChildResult result = Varve({"ldb", "--db=" + db_, "repair"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err.find("varve: 'ldb repair' "), 0u) << result.err;
  EXPECT_EQ(Export(db_, "1000"), kCsv);
}

TEST_F(StockToolTest, SstDumpReadsAFile) {
  const std::string out =
      Out({"sst_dump", "--file=" + FileLike(".sst"), "--show_properties"});
  EXPECT_NE(out.find("varve.samples: 0x32"), std::string::npos) << out;
}

TEST_F(StockToolTest, DbBenchRunsOnOurOptions) {
  const ChildResult result =
      Varve({"db_bench", "--options_file=" + FileLike("OPTIONS-"),
             "--db=" + (dir_ / "bench"), "--num=1000", "--seed=1",
             "--benchmarks=fillseq,flush,readseq"});
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_NE(result.out.find("\nreadseq "), std::string::npos);
}

TEST_F(StockToolTest, ManualPagesAndCompletionAreWhole) {
  Out({"help", "--write_to=" + dir_.path()});
  for (const char* const name :
       {"varve.1", "varve-import.1", "varve-ldb.1", "varve-help.1"}) {
    const std::string page = ReadFile(dir_ / name);
    EXPECT_EQ(page.find(".TH VARVE"), 0u) << name;
    EXPECT_NE(page.find("\n.SH EXIT STATUS\n"), std::string::npos) << name;
  }
  EXPECT_NE(ReadFile(dir_ / "varve-import.1").find("\n.B \\-\\-bulk\n"),
            std::string::npos);
  // What a shell offers.
  const std::string script =
      "source '" + (dir_ / "varve.bash") +
      "'; complete_words() { COMP_WORDS=(varve \"$@\"); COMP_CWORD=$#; _varve; "
      "echo \"${COMPREPLY[@]}\"; }; complete_words exp; "
      "complete_words export --fo; complete_words help po; cd '" +
      db_ + "'; complete_words dump CURR";
  const ChildResult offered = RunChild({"bash", "-c", script});
  EXPECT_EQ(offered.out, "export\n--format=\npolicy\nCURRENT\n")
      << offered.ToString();
}

}  // namespace
}  // namespace varve
