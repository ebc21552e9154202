// A part of an early build whose policy had dedup_interval=5m and a tier of 5m:
// it made headers that name five minutes twice, could not read them, took the
// rows for foreign ones and put what was merged with them into containers.
// part_v1_thinned_twice.txt is such a part, byte for byte, with four series:
// a, which it could read; cpu, such a row; disk, a container of one and of a
// later write; mem, a plain operand. All of it can be read, written to, aged
// and verified. No version writes it anew: the file is never rewritten.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compaction/sample_properties.h"
#include "tests/format/row/golden_blocks.h"
#include "tests/plugin/samples/sample_db.h"
#include "tools/file_verifier.h"
#include "varve/varve.h"

namespace varve {
namespace {

using block_cases::BytesOfDump;
using block_cases::kLeapDay;

constexpr int64_t kMinuteMs = 60000;
// When it was written.
constexpr int64_t kThen = kLeapDay + 18 * kMillisPerHour + 7 * kMinuteMs;

class EarlyBuild : public testing::Test {
 protected:
  EarlyBuild()
      : db_("downsampling_period=6h:5m,12h:1h;dedup_interval=5m;safety_lag=0",
            kThen) {
    WriteFile(part_, BytesOfDump(ReadFile(SourceFile(
                         "tests/format/testdata/part_v1_thinned_twice.txt"))));
  }

  void Ingest() {
    const rocksdb::Status status = db_.db()->IngestExternalFile({part_}, {});
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  // What was written to cpu, as far as it was still there.
  static std::vector<SampleWrite> CpuWrites() {
    std::vector<SampleWrite> writes;
    const auto goldens = block_cases::GoldenBlocks();
    for (const auto& golden : goldens) {
      if (golden.name != "thinned_twice") continue;
      for (size_t i = 0; i < golden.samples.size(); ++i) {
        writes.push_back(
            {golden.samples.timestamps[i], golden.samples.value_bits[i]});
      }
    }
    return writes;
  }
  static std::vector<SampleWrite> DiskWrites() {
    std::vector<SampleWrite> writes = CpuWrites();
    writes.push_back({kLeapDay + 299000, BitsOf(2)});
    return writes;
  }

  void ExpectView(const std::string& series,
                  const std::vector<SampleWrite>& writes) {
    EXPECT_EQ(db_.Read(series),
              View(writes, db_.policy(), db_.clock()->NowMs()))
        << series;
  }

  // Of the only file.
  SampleProperties Properties() {
    rocksdb::TablePropertiesCollection tables;
    EXPECT_TRUE(db_.db()->GetPropertiesOfAllTables(db_.cf(), &tables).ok());
    EXPECT_EQ(tables.size(), 1u);
    SampleProperties properties;
    EXPECT_TRUE(
        ParseSampleProperties(tables.begin()->second->user_collected_properties,
                              &properties)
            .ok());
    return properties;
  }

  TempDir dir_;
  const std::string part_ = dir_ / "early.sst";
  SampleDb db_;
};

TEST_F(EarlyBuild, RowsThatItCouldNotReadAreRead) {
  Ingest();
  ASSERT_EQ(CpuWrites().size(), 78u);
  ExpectView("cpu", CpuWrites());
  ExpectView("disk", DiskWrites());
  EXPECT_EQ(db_.Read("a"), (SampleMap{{kLeapDay + 601000, BitsOf(3)}}));
  EXPECT_EQ(db_.Read("mem"), (SampleMap{{kLeapDay + 2000, BitsOf(2)}}));
  EXPECT_EQ(db_.List(), (std::vector<std::string>{"a", "cpu", "disk", "mem"}));
  SampleMap range;
  ASSERT_TRUE(db_.Read("cpu", kLeapDay + 6 * kMillisPerHour,
                       kLeapDay + 7 * kMillisPerHour, &range)
                  .ok());
  EXPECT_EQ(range.size(), 4u);
}

TEST_F(EarlyBuild, RowsThatItCouldNotReadTakeLateWrites) {
  Ingest();
  auto cpu = CpuWrites();
  auto disk = DiskWrites();
  for (const int64_t t : {kLeapDay + 59 * kMinuteMs, cpu[40].timestamp_ms,
                          kLeapDay + 23 * kMillisPerHour + 59 * kMinuteMs}) {
    db_.Write("cpu", t, 5);
    db_.Write("disk", t, 6);
    cpu.push_back({t, BitsOf(5)});
    disk.push_back({t, BitsOf(6)});
  }
  ExpectView("cpu", cpu);
  ExpectView("disk", disk);
  db_.Flush();
  ExpectView("cpu", cpu);
  db_.Compact();
  ExpectView("cpu", cpu);
  ExpectView("disk", disk);
  db_.clock()->SetMs(kThen + kMillisPerDay);
  db_.Compact();
  ExpectView("cpu", cpu);
  ExpectView("disk", disk);
}

// Until then its file says of itself what the early build saw, and ages by it.
TEST_F(EarlyBuild, ACompactionMakesItsFileSayWhatItHolds) {
  Ingest();
  EXPECT_EQ(Properties().foreign_rows, 2u);
  EXPECT_EQ(Properties().samples, 5u);
  db_.clock()->SetMs(kThen + 3 * kMillisPerDay);
  db_.Compact();
  const SampleProperties properties = Properties();
  EXPECT_EQ(properties.foreign_rows, 0u);
  EXPECT_EQ(properties.samples, 1u + 24u + 24u + 1u);
  ASSERT_EQ(properties.resolutions.size(), 1u);
  EXPECT_EQ(properties.resolutions[0].interval_ms, kMillisPerHour);
  EXPECT_EQ(db_.counters().blocks_undecodable, 0u);
}

// What the early build counted as foreign is no damage.
TEST_F(EarlyBuild, ItsFileVerifies) {
  tools::FileFindings findings;
  tools::VerifyFile(
      part_, rocksdb::FileSystem::Default(), [](uint64_t) {}, &findings);
  EXPECT_EQ(findings.problem_count, 0u) << findings.problems[0];
  EXPECT_EQ(findings.entries, 4u);
  EXPECT_EQ(findings.samples, 3u + 78u + 79u + 2u);
}

}  // namespace
}  // namespace varve
