// varve stats, verify and dump: on whole databases, and on files that lie.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/utilities/options_util.h"
#include "tests/tools/tool_run.h"
#include "tools/file_verifier.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kNow[] = "1728000000000";  // 2024-10-04
const char kHeader[] = "series,timestamp_ms,value\n";

class InspectionTest : public ToolTest {
 protected:
  // Three series, a sample a minute of two days: one ends at kNow, one a year
  // before.
  void Fill(const std::string& policy, const std::string& table = "block") {
    std::string csv = kHeader;
    for (const char* const series : {"a", "b", "c"}) {
      for (int64_t i = 0; i < 2880; ++i) {
        const int64_t day = i < 1440 ? 1696377600000 : 1727913600000;
        csv += std::string(series) + "," +
               std::to_string(day + i % 1440 * 60000) + "," +
               std::to_string(i % 7) + "\n";
      }
    }
    const std::string options = WriteFile(
        "options", Out({"options", "--policy=" + policy, "--table=" + table}));
    Out({"import", "--db=" + db_, "--options=" + options, "--now", kNow, "-"},
        csv);
  }

  std::vector<std::string> SstFiles() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      if (entry.path().extension() == ".sst") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  // Names, sizes and bytes of everything.
  std::string Content() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      files.push_back(entry.path().filename().string() +
                      ReadFile(entry.path()));
    }
    std::sort(files.begin(), files.end());
    std::string content;
    for (const std::string& file : files) content += file;
    return content;
  }
};

TEST_F(InspectionTest, VerifyFindsNothingInAGoodDatabase) {
  for (const std::string table : {"block", "part"}) {
    Fill("downsampling_period=30d:5m;retention_period=2y", table);
    const std::string before = Content();
    const std::string json =
        Out({"verify", "--db=" + db_, "--now", kNow, "--json"});
    EXPECT_NE(json.find("\"samples\":8640,\"rows_read\":6,"
                        "\"problem_count\":0,\"problems\":[]"),
              std::string::npos)
        << json;
    EXPECT_EQ(Content(), before);
    Out({"compact", "--db=" + db_, "--now", kNow});
    EXPECT_NE(
        Out({"verify", "--db=" + db_, "--now", kNow}).find("; read 6 rows; "),
        std::string::npos);
    for (const std::string& file : SstFiles()) {
      EXPECT_NE(Out({"verify", file}).find(": no problem\n"),
                std::string::npos);
    }
    std::filesystem::remove_all(db_);
  }
}

// Foreign rows, deletions and overlapping range deletions are no problem.
TEST_F(InspectionTest, VerifyCountsWhatElseLiesThere) {
  Fill("", "part");
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  ASSERT_TRUE(rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), db_,
                                         &db_options, &families)
                  .ok());
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(
      rocksdb::DB::Open(rocksdb::Options(db_options, families[0].options), db_,
                        &opened)
          .ok());
  std::unique_ptr<rocksdb::DB> db(opened);
  const rocksdb::WriteOptions write;
  auto key = [](const char* series, int64_t time_ms) {
    std::string text;
    EXPECT_TRUE(EncodeRowKey(RowShape(), series, time_ms, &text).ok());
    return text;
  };
  rocksdb::ColumnFamilyHandle* const cf = db->DefaultColumnFamily();
  ASSERT_TRUE(db->Put(write, "zebra", "stripes").ok());
  ASSERT_TRUE(db->Delete(write, "zebu").ok());
  ASSERT_TRUE(db->Delete(write, key("c", 1727913600000)).ok());
  ASSERT_TRUE(db->DeleteRange(write, cf, key("a", 1696377600000),
                              key("b", 1696377600000))
                  .ok());
  ASSERT_TRUE(db->DeleteRange(write, cf, key("a", 1696377600000),
                              key("c", 1696377600000))
                  .ok());
  ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  db.reset();
  const std::string json =
      Out({"verify", "--db=" + db_, "--now", kNow, "--json"});
  EXPECT_NE(json.find("\"rows_read\":3,\"problem_count\":0,"),
            std::string::npos)
      << json;
  EXPECT_NE(Out({"dump", "--db=" + db_}).find("\ndelete range @"),
            std::string::npos);
  EXPECT_NE(Out({"stats", "--db=" + db_})
                .find("  1 foreign rows, 2 tombstones, 2 range tombstones\n"),
            std::string::npos)
      << Out({"stats", "--db=" + db_});
}

// Every byte of a file counts, the padding in a footer too; nothing crashes.
TEST_F(InspectionTest, VerifyFindsEveryFlippedByte) {
  for (const std::string table : {"block", "part"}) {
    SCOPED_TRACE(table);
    Fill("", table);
    const std::string good = ReadFile(SstFiles().at(0));
    constexpr size_t kEndBytes = 100;
    size_t i = 0;
    while (i < good.size()) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 0x10);
      tools::FileFindings findings;
      tools::VerifyFile(
          WriteFile("bad.sst", bad), rocksdb::FileSystem::Default(),
          [](uint64_t) {}, &findings);
      EXPECT_GT(findings.problem_count, 0u)
          << "byte " << i << " of " << good.size();
      i += i + kEndBytes < good.size() ? 1 + good.size() / 200 : 1;
    }
    std::filesystem::remove_all(db_);
  }
}

TEST_F(InspectionTest, VerifyReportsWhatIsWrongAndWhatToDo) {
  Fill("");
  const std::string file = SstFiles().at(0);
  std::string bad = ReadFile(file);
  bad[100] = static_cast<char>(bad[100] ^ 1);
  const std::string path = WriteFile("bad.sst", bad);
  const ChildResult result = Varve({"verify", path, file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out.find(path + ": Corruption: "), 0u) << result.out;
  EXPECT_EQ(result.out.find(path + ": ", 1), std::string::npos) << result.out;
  EXPECT_EQ(result.err,
            "varve: 1 problem; restore what is named from a backup or a "
            "checkpoint\n");
}

// A file whose blocks break one law each.
class LawTest : public InspectionTest {
 protected:
  LawTest() {
    Options varve_options;
    EXPECT_TRUE(Policy::Parse("", &varve_options.policy).ok());
    EXPECT_TRUE(ConfigureColumnFamily(varve_options, &options_).ok());
  }

  static std::string Block(const BlockSpec& spec,
                           const std::vector<int64_t>& timestamps) {
    const std::vector<uint64_t> values(timestamps.size(), 1);
    std::string block;
    BlockEncoder().Encode(spec, timestamps.data(), values.data(),
                          timestamps.size(), &block);
    return block;
  }

  std::vector<std::string> Findings(const std::string& block) {
    const std::string path = dir_ / "law.sst";
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    EXPECT_TRUE(writer.Open(path).ok());
    std::string key;
    EXPECT_TRUE(EncodeRowKey(RowShape(), "a", 0, &key).ok());
    EXPECT_TRUE(writer.Merge(key, block).ok());
    EXPECT_TRUE(writer.Finish().ok());
    tools::FileFindings findings;
    tools::VerifyFile(
        path, rocksdb::FileSystem::Default(), [](uint64_t) {}, &findings);
    return findings.problems;
  }

  void ExpectFinding(const std::string& block, const std::string& part) {
    const std::vector<std::string> problems = Findings(block);
    ASSERT_FALSE(problems.empty()) << part;
    EXPECT_NE(problems[0].find(part), std::string::npos) << problems[0];
  }

  rocksdb::Options options_;
};

TEST_F(LawTest, AGoodBlockHasNoFindings) {
  BlockSpec spec;
  spec.thinned_count = 1;
  spec.thinned[0] = {60000, 120000};
  EXPECT_TRUE(Findings(Block(spec, {1000, 61000, 120000, 120001})).empty());
}

TEST_F(LawTest, AThinnedWindowHoldsOneSample) {
  BlockSpec spec;
  spec.thinned_count = 1;
  spec.thinned[0] = {60000, 120000};
  ExpectFinding(Block(spec, {1000, 61000, 62000}),
                "two samples in the window of 60000 ms at 60000");
}

TEST_F(LawTest, ABlockBelongsToItsRow) {
  BlockSpec spec;
  spec.bucket_start_ms = kMillisPerDay;
  ExpectFinding(Block(spec, {kMillisPerDay + 1, kMillisPerDay + 2}),
                "row of series a, bucket 0: cannot be read");
  ExpectFinding("garbage", "row of series a, bucket 0: cannot be read");
}

TEST_F(LawTest, CountsMustBeExact) {
  // A collector that says what is not so. (In the place of the one that says
  // what is: RocksDB with assertions ends where two write one property.)
  class Liar : public rocksdb::TablePropertiesCollector {
   public:
    explicit Liar(rocksdb::TablePropertiesCollector* honest)
        : honest_(honest) {}
    Status AddUserKey(const Slice& key, const Slice& value,
                      rocksdb::EntryType type, rocksdb::SequenceNumber sequence,
                      uint64_t file_size) override {
      return honest_->AddUserKey(key, value, type, sequence, file_size);
    }
    Status Finish(rocksdb::UserCollectedProperties* properties) override {
      const Status status = honest_->Finish(properties);
      (*properties)["varve.samples"] = "7";
      return status;
    }
    rocksdb::UserCollectedProperties GetReadableProperties() const override {
      return {};
    }
    const char* Name() const override { return "Liar"; }

   private:
    const std::unique_ptr<rocksdb::TablePropertiesCollector> honest_;
  };
  class LiarFactory : public rocksdb::TablePropertiesCollectorFactory {
   public:
    explicit LiarFactory(
        const std::shared_ptr<rocksdb::TablePropertiesCollectorFactory>& honest)
        : honest_(honest) {}
    rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(
        Context context) override {
      return new Liar(honest_->CreateTablePropertiesCollector(context));
    }
    const char* Name() const override { return "LiarFactory"; }

   private:
    const std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> honest_;
  };
  auto& factories = options_.table_properties_collector_factories;
  ASSERT_EQ(factories.size(), 1u);
  factories[0] = std::make_shared<LiarFactory>(factories[0]);
  const std::vector<std::string> problems = Findings(Block({}, {1, 2, 3}));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0], "property varve.samples is 7, found 3");
}

TEST_F(InspectionTest, StatsCountSamplesLevelsPartitionsAndWhatIsDue) {
  Fill("downsampling_period=30d:5m");
  const std::string json =
      Out({"stats", "--db=" + db_, "--now", kNow, "--json", "--columns"});
  for (const char* const part :
       {"\"samples\":8640,", "\"levels\":[{\"level\":0,\"files\":1,",
        "\"resolutions\":[{\"interval_ms\":0,\"files\":1,",
        "\"partitions\":[{\"first_day\":\"several\",\"files\":1,",
        "\"timestamp_bytes\":",
        "\"pending\":[{\"rule\":\"30d:5m\",\"due_samples\":0,"
        "\"waiting_samples\":4320}]"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
  }
  Out({"compact", "--db=" + db_, "--now", kNow});
  const std::string after =
      Out({"stats", "--db=" + db_, "--now", kNow, "--json"});
  for (const char* const part :
       {"{\"first_day\":\"2023-10-01\",\"files\":1,",
        "{\"first_day\":\"2024-10-01\",\"files\":1,",
        "{\"interval_ms\":300000,\"files\":1,", "\"samples\":864}",
        "\"due_samples\":0,\"waiting_samples\":0}]"}) {
    EXPECT_NE(after.find(part), std::string::npos) << part << "\n" << after;
  }
  const std::string text =
      Out({"stats", "--db=" + db_, "--now", kNow, "--columns"});
  EXPECT_NE(text.find("\nageing: nothing is due\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  2023-10-01 "), std::string::npos) << text;
  EXPECT_NE(Out({"stats", "--db=" + db_, "--now=2000000000000"})
                .find("\nageing: 4,320 samples are due for 30d:5m, 4,320 of "
                      "them now\n"),
            std::string::npos);
}

TEST_F(InspectionTest, PlanTellsWhatIsDueAndChangesNothing) {
  Fill("downsampling_period=30d:5m");
  Out({"compact", "--db=" + db_, "--now=1728100000000"});
  const std::string before = Content();
  // October 2024 has not reached the tier; all of 2023 has been thinned.
  const std::string now = Out({"plan", "--db=" + db_, "--now=1728100000000"});
  EXPECT_NE(now.find("\n  30d:5m"), std::string::npos) << now;
  EXPECT_EQ(now.find("Warning"), std::string::npos) << now;
  EXPECT_NE(now.find("\njobs\n  none now\n"), std::string::npos) << now;
  const std::string later =
      Out({"plan", "--db=" + db_, "--now=1800000000000", "--files", "--json"});
  for (const char* const part :
       {"[{\"column_family\":\"default\",", "\"rule\":\"30d:5m\"",
        "\"due_samples\":4320,", "\"jobs\":[{\"action\":\"",
        "\"files\":[{\"name\":\"/"}) {
    EXPECT_NE(later.find(part), std::string::npos) << part << "\n" << later;
  }
  const std::string changed = Out({"plan", "--db=" + db_, "--now=1728100000000",
                                   "--changes=retention_period=100d"});
  EXPECT_NE(changed.find("\n  retention 100d"), std::string::npos) << changed;
  EXPECT_EQ(changed.find("\n  none now\n"), std::string::npos) << changed;
  EXPECT_EQ(Content(), before);
  for (const char* const bad : {"--changes=bucket=1h", "--policy=bucket=1h"}) {
    const ChildResult result = Varve({"plan", "--db=" + db_, bad});
    EXPECT_EQ(result.exit_code, 1) << result.ToString();
  }
}

TEST_F(InspectionTest, PlanShowsWhatANewPolicyWouldDropBeforeItDoes) {
  Fill("downsampling_period=30d:5m;retention_period=2y");
  Out({"compact", "--db=" + db_, "--now", kNow});
  const std::string before = Content();
  const auto plan = [&](const std::string& policy) {
    return Out({"plan", "--db=" + db_, "--now", kNow, "--json", "--files",
                "--policy=" + policy});
  };
  // October 2023: 3 series of 288 samples, in one file.
  const std::string shorter =
      plan("downsampling_period=30d:5m;retention_period=300d");
  EXPECT_NE(shorter.find("\"rule\":\"retention 300d\",\"interval_ms\":0,"
                         "\"done_samples\":0,\"done_bytes\":0,"
                         "\"due_samples\":864,"),
            std::string::npos)
      << shorter;
  EXPECT_NE(shorter.find("\"jobs\":[{\"action\":\"drop\","), std::string::npos)
      << shorter;
  EXPECT_NE(shorter.find("\"warnings\":[]"), std::string::npos) << shorter;
  // What the present policy did and the new one would not have done.
  const std::string finer = plan("retention_period=3y");
  EXPECT_NE(finer.find("what the tier 30d:5m has thinned stays thinned"),
            std::string::npos)
      << finer;
  EXPECT_NE(finer.find("what was older than retention_period 2y is gone or may "
                       "be, although the new policy keeps it for 3y"),
            std::string::npos)
      << finer;
  EXPECT_EQ(Content(), before);
  EXPECT_NE(Out({"plan", "--db=" + db_, "--now", kNow, "--json"})
                .find("\"warnings\":[]"),
            std::string::npos);
}

TEST_F(InspectionTest, DumpShowsEveryEntryWithItsMeaning) {
  Fill("", "part");
  const std::string all = Out({"dump", "--db=" + db_});
  EXPECT_NE(all.find(": a part, "), std::string::npos) << all;
  EXPECT_NE(all.find("\n  varve.samples  8640\n"), std::string::npos);
  EXPECT_NE(all.find("series b  bucket 2023-10-04T00:00:00.000Z  month of "
                     "2023-10-01"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("0000  a7 02                    block\n"),
            std::string::npos);
  EXPECT_NE(all.find("  ... 1435 more samples\n"), std::string::npos) << all;
  const std::string one =
      Out({"dump", SstFiles().at(0), "--series=b", "--brief"});
  EXPECT_EQ(one.find("series a"), std::string::npos);
  EXPECT_NE(one.find("\nmerge @"), std::string::npos) << one;
  EXPECT_NE(Out({"dump", SstFiles().at(0), "--samples=-1"})
                .find("2024-10-03T23:59:00.000Z  1727999940000  "),
            std::string::npos);
  const ChildResult bad = Varve({"dump", WriteFile("x.sst", "x")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.err.find("x.sst: it does not end as SST files do: "),
            std::string::npos)
      << bad.err;
}

}  // namespace
}  // namespace varve
