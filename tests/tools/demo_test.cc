// The demo, from a fixed time: its counts are known.
#include <algorithm>
#include <string>

#include "tests/tools/tool_run.h"

namespace varve {
namespace {

class DemoTest : public ToolTest {};

TEST_F(DemoTest, PrintsTheCountsThatTheLawsGive) {
  ChildOptions options;
  options.environment = {"VARVE_LIBRARY_FILE=" VARVE_LIBRARY_FILE,
                         "VARVE_LDB_FILE=" VARVE_LDB_FILE};
  const ChildResult result = RunChild(
      {VARVE_DEMO_FILE, "--now=1795226400000", "--db=" + db_,
       "--data=" VARVE_SOURCE_DIR "/examples/data/node_exporter_1s.jsonl.zst"},
      options);
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_EQ(result.err, "");
  for (const char* const part : {
           "891 series, 772,905 samples",
           "3,091,620 samples in all; 772,905 of them past the retention",
           "  77,203 samples of 1 hour ago again",
           "overwritten 77,203, downsampled ",
           "expired 891 rows",
           "the same, bit for bit",
           "  1 hour    868 of 868 samples  ",
           "  2 years     0 of 868 samples\n",
           "  $ ldb --db=DIR checkconsistency\n    OK\n",
       }) {
    EXPECT_NE(result.out.find(part), std::string::npos) << part;
  }
  EXPECT_LE(std::count(result.out.begin(), result.out.end(), '\n'), 60);
  if (HasFailure()) ADD_FAILURE() << result.ToString();
}

}  // namespace
}  // namespace varve
