// What the command line answers: help, versions and usage errors.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

using CommandLineTest = ToolTest;

// Exit code 2, nothing printed, one line that holds `part` on stderr.
void ExpectUsageError(const ChildResult& result, const std::string& part) {
  EXPECT_EQ(result.exit_code, 2) << result.ToString();
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
      << result.err;
}

const char* const kCommands[] = {
    "import", "export", "compact", "policy", "options",  "stats",    "plan",
    "verify", "dump",   "rescue",  "ldb",    "sst_dump", "db_bench", "help"};

TEST_F(CommandLineTest, ListsItsCommands) {
  const std::string help = Out({"help"});
  for (const char* const command : kCommands) {
    EXPECT_NE(help.find(std::string("\n  varve ") + command + " "),
              std::string::npos)
        << command;
  }
  EXPECT_NE(help.find("Exit codes: 0 done; "), std::string::npos);
  for (const char* const same : {"--help", "-help", "-h"}) {
    EXPECT_EQ(Out({same}), help);
  }
  ExpectUsageError(Varve({}), "names no command; see 'varve help'");
}

TEST_F(CommandLineTest, EveryCommandExplainsItself) {
  for (const char* const command : kCommands) {
    const std::string help = Out({command, "--help"});
    EXPECT_EQ(help.find(std::string("varve ") + command + " "), 0u);
    EXPECT_NE(help.find("\nExample:\n  varve "), std::string::npos);
    EXPECT_EQ(Out({"help", command}), help);
  }
}

TEST_F(CommandLineTest, LinesFitAPage) {
  std::vector<std::string> texts = {Out({"help"})};
  for (const char* const command : kCommands) {
    texts.push_back(Out({"help", command}));
  }
  for (const std::string& text : texts) {
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      EXPECT_LE(end - begin, 80u) << text.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

TEST_F(CommandLineTest, NamesItsVersionAndRocksDbs) {
  const std::string version = Out({"--version"});
  EXPECT_EQ(version.find("varve "), 0u);
  EXPECT_NE(version.find(", RocksDB "), std::string::npos);
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnow) {
  ExpectUsageError(Varve({"exprot"}), "no command is named 'exprot'");
  ExpectUsageError(Varve({"help", "exprot"}), "no command named 'exprot'");
  ExpectUsageError(Varve({"export", "--dbb=x"}), "no flag is named --dbb");
  ExpectUsageError(Varve({"export", "--db"}), "--db needs a value");
  ExpectUsageError(Varve({"export"}), "--db=DIR is needed");
  ExpectUsageError(Varve({"export", "--db=x", "y"}),
                   "does not know what to do with 'y'");
  ExpectUsageError(Varve({"import", "--db=x"}), "names no FILE");
  ExpectUsageError(Varve({"export", "--db=x", "--format=xml"}),
                   "--format is csv, jsonl, openmetrics or influx");
  ExpectUsageError(Varve({"policy"}), "names no POLICY");
  ExpectUsageError(Varve({"policy", "", "more"}), "with 'more'");
  ExpectUsageError(Varve({"verify"}), "--db=DIR or FILES");
  ExpectUsageError(Varve({"dump", "--db=x", "y"}), "--db=DIR or FILES");
  ExpectUsageError(Varve({"options", "--table=plain"}), "part or block");
  ExpectUsageError(Varve({"import", "--db=x", "--input_format=xml", "-"}),
                   "--input_format is one of auto, csv, jsonl");
  ExpectUsageError(Varve({"import", "--db=x", "--policy=", "--options=y", "-"}),
                   "--policy or --options, not both");
  ExpectUsageError(Varve({"export", "--db=x", "--now=today"}),
                   "--now=today: the value is a whole number");
  ExpectUsageError(Varve({"export", "--db=x", "--now=9223372036854775807"}),
                   "--now is in milliseconds");
  ExpectUsageError(Varve({"export", "--db=x", "--start=2", "--end=1"}),
                   "--start is later than --end");
  ExpectUsageError(Varve({"import", "--db=x", "--skip_bad_lines=maybe", "-"}),
                   "true or false");
}

// By whichever command it is given.
TEST_F(CommandLineTest, APolicyThatIsNoneIsAUsageError) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{
           {"policy", "foo"},
           {"options", "--policy=foo"},
           {"import", "--db=" + db_, "--policy=foo", "-"},
           {"plan", "--db=" + db_, "--policy=foo"},
           {"plan", "--db=" + db_, "--changes=foo"}}) {
    ExpectUsageError(
        Varve(words),
        "varve: policy: 'foo' is not a name=value; see 'varve policy --help'");
  }
  ExpectUsageError(Varve({"plan", "--db=" + db_, "--changes=retention=1"}),
                   "no policy field is named 'retention'");
  const std::string help = Out({"policy", "--help"});
  for (const char* const field :
       {"downsampling_period", "dedup_interval", "retention_period", "bucket",
        "partition", "window", "safety_lag", "future_limit", "ageing"}) {
    EXPECT_NE(help.find(std::string("\n  ") + field + "="), std::string::npos)
        << field;
  }
}

// gflags are global: other commands' and gflags' own are known to it.
TEST_F(CommandLineTest, RefusesFlagsOfOtherCommands) {
  ExpectUsageError(Varve({"export", "--db=x", "--skip_bad_lines"}),
                   "no flag is named --skip_bad_lines");
  ExpectUsageError(Varve({"compact", "--db=x", "--format=csv"}),
                   "no flag is named --format");
  ExpectUsageError(Varve({"compact", "--db=x", "--flagfile=/dev/null"}),
                   "no flag is named --flagfile");
}

TEST_F(CommandLineTest, TakesFlagsInEveryForm) {
  const std::string csv = WriteFile("a.csv", "series,timestamp_ms,value\n");
  Out({"import", "-db", db_, "--policy", "", "--noskip_bad_lines", csv,
       "--now=1", "--", csv});
  Out({"import", csv, "--skip-bad-lines", "--db=" + db_});
}

}  // namespace
}  // namespace varve
