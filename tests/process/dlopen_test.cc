// The library comes into a plain RocksDB program by its path alone.
#include <cstring>
#include <string>

#include "tests/tools/tool_run.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kOptions[] =
    "create_if_missing=true;"
    "merge_operator={id=VarveSampleMerge;bucket=1h;partition=day};"
    "compaction_filter_factory={id=VarveTierFilter;bucket=1h;partition=day};"
    "sst_partitioner_factory={id=VarveTimePartitioner;bucket=1h;"
    "partition=day};"
    "table_properties_collectors={{id=VarveSampleProperties;bucket=1h;"
    "partition=day}}";

class DlopenTest : public ToolTest {
 protected:
  static ChildResult Plain(std::vector<std::string> words) {
    words.insert(words.begin(), VARVE_PLAIN_ROCKSDB_FILE);
    return RunChild(words);
  }

  static std::string Key(const std::string& series, int64_t timestamp_ms) {
    Policy policy;
    EXPECT_TRUE(Policy::Parse("bucket=1h;partition=day", &policy).ok());
    std::string key;
    EXPECT_TRUE(EncodeRowKey(policy.shape, series, timestamp_ms, &key).ok());
    return Slice(key).ToString(/*hex=*/true);
  }

  // The operand form that any language can write.
  static std::string Operand(int64_t timestamp_ms, double value) {
    std::string operand = "\xA7\x01";
    char bytes[16];
    std::memcpy(bytes, &timestamp_ms, 8);
    std::memcpy(bytes + 8, &value, 8);
    operand.append(bytes, sizeof bytes);
    return Slice(operand).ToString(/*hex=*/true);
  }
};

TEST_F(DlopenTest, AnOptionsStringIsEnough) {
  const ChildResult created = Plain(
      {VARVE_LIBRARY_FILE, db_, kOptions, Key("a", 5000), Operand(5000, 1),
       Key("a", 5000), Operand(4000, 2), Key("a", 5000), Operand(5000, 3)});
  EXPECT_EQ(created.out, "OK\n") << created.ToString();
  const std::string header = "series,timestamp_ms,value\n";
  EXPECT_EQ(Export(db_, "10000"), header + "a,4000,2\na,5000,3\n");

  const ChildResult reopened = Plain(
      {VARVE_LIBRARY_FILE, db_, "", Key("b", 7200000), Operand(7200000, 4)});
  EXPECT_EQ(reopened.out, "OK\n") << reopened.ToString();
  EXPECT_EQ(Export(db_, "8000000"),
            header + "a,4000,2\na,5000,3\nb,7200000,4\n");
}

TEST_F(DlopenTest, WithoutTheLibraryAStrictOpenNamesWhatIsMissing) {
  const ChildResult by_string = Plain({"", db_, kOptions});
  EXPECT_EQ(by_string.exit_code, 1);
  EXPECT_NE(by_string.out.find("Could not load"), std::string::npos)
      << by_string.out;

  Import(db_, "", "series,timestamp_ms,value\na,1,1\n", "10");
  const ChildResult by_file = Plain({"", db_, ""});
  EXPECT_EQ(by_file.exit_code, 1);
  EXPECT_NE(by_file.out.find("Varve"), std::string::npos) << by_file.out;
  EXPECT_EQ(Export(db_, "10"), "series,timestamp_ms,value\na,1,1\n");
}

// What docs/OPERATIONS.md says of it, by table format.
TEST_F(DlopenTest, WithoutTheLibraryALaxOpenLosesNothing) {
  const std::string first = "series,timestamp_ms,value\na,1,1\n";
  Import(db_, "", first, "10");
  const ChildResult parts = Plain({"", db_, "lax"});
  EXPECT_EQ(parts.exit_code, 1);
  EXPECT_NE(parts.out.find("Missing configurable object: table_factory"),
            std::string::npos)
      << parts.out;
  EXPECT_EQ(Export(db_, "10"), first);

  const std::string block_based = db_ + "-block-based";
  EXPECT_EQ(Plain({VARVE_LIBRARY_FILE, block_based, kOptions}).out, "OK\n");
  const std::vector<std::string> import = {"import", "--db=" + block_based,
                                           "--now=10", "-"};
  Out(import, first);
  Out(import, "series,timestamp_ms,value\na,2,2\nb,2,2\n");
  Out(import, "series,timestamp_ms,value\na,3,3\nb,3,3\n");
  const ChildResult opened = Plain({"", block_based, "lax"});
  EXPECT_EQ(opened.exit_code, 1);
  EXPECT_NE(opened.out.find("merge_operator is not properly initialized"),
            std::string::npos)
      << opened.out;
  // The options string brings the objects back, and OPTIONS is whole again.
  EXPECT_EQ(Plain({VARVE_LIBRARY_FILE, block_based, kOptions}).out, "OK\n");
  EXPECT_EQ(Export(block_based, "10"), first + "a,2,2\na,3,3\nb,2,2\nb,3,3\n");
}

}  // namespace
}  // namespace varve
