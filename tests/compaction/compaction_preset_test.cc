// Presets of compaction: their names, what they set, what they refuse, and
// what they lead to in a database.
#include "varve/compaction_preset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "format/row/row_key.h"
#include "rocksdb/listener.h"
#include "tests/mock_clock.h"
#include "tests/plugin/options_database.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr CompactionPreset kPresets[] = {
    CompactionPreset::kKeep, CompactionPreset::kLeveled,
    CompactionPreset::kUniversal, CompactionPreset::kVm};

ColumnFamilyOptions ConfiguredAs(const std::string& text) {
  Options options;
  const Status status = Options::Parse(text, &options);
  EXPECT_TRUE(status.ok()) << status.ToString();
  ColumnFamilyOptions cf_options;
  EXPECT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  return cf_options;
}

// What a preset may set, as RocksDB prints it.
std::string Settings(const ColumnFamilyOptions& options) {
  std::string text;
  EXPECT_TRUE(
      rocksdb::GetStringFromColumnFamilyOptions(ConfigOptions(), options, &text)
          .ok());
  std::string settings;
  for (const char* name : {"compaction_style=", "compaction_options_universal=",
                           "level0_file_num_compaction_trigger=",
                           "level0_slowdown_writes_trigger=",
                           "level0_stop_writes_trigger=", "num_levels="}) {
    const size_t at = text.find(name);
    EXPECT_NE(at, std::string::npos) << name << " in " << text;
    const bool braced = text[text.find('=', at) + 1] == '{';
    settings += text.substr(at, text.find(braced ? '}' : ';', at) - at) + "\n";
  }
  return settings;
}

TEST(CompactionPreset, NamesParseToTheirPresets) {
  for (const CompactionPreset preset : kPresets) {
    CompactionPreset parsed = CompactionPreset::kKeep;
    ASSERT_TRUE(
        ParseCompactionPreset(CompactionPresetName(preset), &parsed).ok());
    EXPECT_EQ(parsed, preset);
  }
  CompactionPreset parsed = CompactionPreset::kVm;
  for (const char* bad : {"", "VM", "level", "fifo", "vm ", "0"}) {
    ExpectInvalid(
        ParseCompactionPreset(bad, &parsed),
        {std::string("compaction=") + bad, "keep, leveled, universal or vm"});
    EXPECT_EQ(parsed, CompactionPreset::kVm);
  }
}

TEST(CompactionPreset, StandsInAPolicysText) {
  Options options;
  const auto clock = std::make_shared<MockClock>(1);
  options.clock = clock;
  ASSERT_TRUE(
      Options::Parse(std::string(kPolicyText) + ";compaction=vm", &options)
          .ok());
  EXPECT_EQ(options.policy, PolicyOf(kPolicyText));
  EXPECT_EQ(options.compaction, CompactionPreset::kVm);
  EXPECT_EQ(options.clock, clock);
  ASSERT_TRUE(Options::Parse("", &options).ok());
  EXPECT_EQ(options.policy, Policy());
  EXPECT_EQ(options.compaction, Options().compaction);
}

TEST(CompactionPreset, ABadTextChangesNothing) {
  Options options;
  ASSERT_TRUE(
      Options::Parse("compaction=vm;dedup_interval=15s", &options).ok());
  ExpectInvalid(Options::Parse("compaction=tiered", &options),
                {"compaction=tiered"});
  ExpectInvalid(Options::Parse("compaction=vm;compaction=vm", &options),
                {"compaction is given twice"});
  ExpectInvalid(
      Options::Parse("compaction=leveled;dedup_interval=7s", &options),
      {"does not divide"});
  ExpectInvalid(Options::Parse("compactions=vm", &options), {"compactions"});
  EXPECT_EQ(options.compaction, CompactionPreset::kVm);
  EXPECT_EQ(options.policy.dedup_interval_ms, 15000);
}

TEST(CompactionPreset, AreDifferentSettings) {
  std::set<std::string> seen;
  for (const char* name : {"leveled", "universal", "vm"}) {
    EXPECT_TRUE(
        seen.insert(Settings(ConfiguredAs(std::string("compaction=") + name)))
            .second)
        << name;
  }
}

TEST(CompactionPreset, KeepChangesNothing) {
  ColumnFamilyOptions options;
  options.compaction_style = rocksdb::kCompactionStyleFIFO;
  options.num_levels = 1;
  const std::string before = Settings(options);
  ASSERT_TRUE(ApplyCompactionPreset(CompactionPreset::kKeep, &options).ok());
  EXPECT_EQ(Settings(options), before);
}

TEST(CompactionPreset, LargerLimitsOfTheServiceStay) {
  ColumnFamilyOptions options;
  options.level0_slowdown_writes_trigger = 1000;
  options.level0_stop_writes_trigger = 2000;
  ASSERT_TRUE(ApplyCompactionPreset(CompactionPreset::kVm, &options).ok());
  EXPECT_EQ(options.level0_slowdown_writes_trigger, 1000);
  EXPECT_EQ(options.level0_stop_writes_trigger, 2000);
}

TEST(CompactionPreset, RefusesWhatContradictsIt) {
  for (const CompactionPreset preset : kPresets) {
    if (preset == CompactionPreset::kKeep) continue;
    Options ours;
    ours.compaction = preset;
    ColumnFamilyOptions options;
    options.num_levels = 1;
    const std::string before = Settings(options);
    ExpectInvalid(ConfigureColumnFamily(ours, &options),
                  {CompactionPresetName(preset), "num_levels is 1"});
    EXPECT_EQ(Settings(options), before);
    EXPECT_EQ(options.merge_operator, nullptr);
    options.num_levels = 7;
    options.compaction_style = rocksdb::kCompactionStyleFIFO;
    ExpectInvalid(ConfigureColumnFamily(ours, &options),
                  {CompactionPresetName(preset), "FIFO", "compaction=keep"});
    EXPECT_EQ(options.merge_operator, nullptr);
  }
}

TEST(CompactionPreset, SurvivesStringsAndOptionsFiles) {
  for (const char* name : {"leveled", "universal", "vm"}) {
    const ColumnFamilyOptions options =
        ConfiguredAs(std::string("compaction=") + name);
    const std::string expected = Settings(options);
    std::string text;
    ASSERT_TRUE(rocksdb::GetStringFromColumnFamilyOptions(ConfigOptions(),
                                                          options, &text)
                    .ok());
    EXPECT_EQ(Settings(MustFromString(text)), expected) << name;
    TempDir dir;
    Database database(dir / "db");
    ASSERT_TRUE(database.Open(options).ok());
    for (int i = 0; i < 2; ++i) {
      const Status status = database.OpenFromItsOptions();
      ASSERT_TRUE(status.ok()) << status.ToString();
      EXPECT_EQ(Settings(database.cf_options()), expected) << name;
    }
  }
}

// ------------------------------------------------------------ in a database

// Each compaction's inputs as sorted runs (files of level 0, and levels), by
// their bytes.
class Compactions : public rocksdb::EventListener {
 public:
  void OnCompactionBegin(rocksdb::DB* db,
                         const rocksdb::CompactionJobInfo& info) override {
    std::lock_guard<std::mutex> lock(mutex_);
    std::map<int, uint64_t> levels;
    std::vector<uint64_t> runs;
    for (size_t i = 0; i < info.input_files.size(); ++i) {
      uint64_t bytes = 0;
      ASSERT_TRUE(db->GetEnv()->GetFileSize(info.input_files[i], &bytes).ok());
      const int level = info.input_file_infos[i].level;
      if (level == 0) {
        runs.push_back(bytes);
      } else {
        levels[level] += bytes;
      }
    }
    for (const auto& level : levels) runs.push_back(level.second);
    merges_.push_back(runs);
  }
  std::vector<std::vector<uint64_t>> merges() {
    std::lock_guard<std::mutex> lock(mutex_);
    return merges_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::vector<uint64_t>> merges_;
};

class VmDatabase {
 public:
  VmDatabase() : database_(dir_ / "db") {
    DBOptions db_options;
    compactions_ = std::make_shared<Compactions>();
    db_options.listeners.push_back(compactions_);
    EXPECT_TRUE(
        database_
            .Open(ConfiguredAs("compaction=vm;partition=month"), db_options)
            .ok());
    EXPECT_TRUE(
        SampleWriter::Open(database_.db(), database_.cf(), &writer_).ok());
  }
  ~VmDatabase() { writer_.reset(); }

  // One flush of as many samples of noise, and what RocksDB makes of it.
  void WriteRun(int64_t day, int samples) {
    rocksdb::WriteBatch batch;
    std::vector<Sample> run;
    for (int i = 0; i < samples; ++i) {
      noise_ = noise_ * 6364136223846793005u + 1442695040888963407u;
      run.push_back({day * kMillisPerDay + next_ms_++,
                     static_cast<double>(noise_ >> 11)});
    }
    ASSERT_TRUE(writer_->Add("cpu", run.data(), run.size(), &batch).ok());
    ASSERT_TRUE(database_.db()->Write({}, &batch).ok());
    ASSERT_TRUE(database_.db()->Flush({}).ok());
    size_t before = 0;
    do {
      before = compactions_->merges().size();
      for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(database_.db()->PauseBackgroundWork().ok());
        ASSERT_TRUE(database_.db()->ContinueBackgroundWork().ok());
      }
    } while (compactions_->merges().size() != before);
  }

  std::vector<std::vector<uint64_t>> merges() { return compactions_->merges(); }
  std::vector<size_t> widths() {
    std::vector<size_t> widths;
    for (const auto& runs : merges()) widths.push_back(runs.size());
    return widths;
  }
  rocksdb::ColumnFamilyMetaData Metadata() {
    rocksdb::ColumnFamilyMetaData metadata;
    database_.db()->GetColumnFamilyMetaData(&metadata);
    return metadata;
  }

 private:
  TempDir dir_;
  std::shared_ptr<Compactions> compactions_;
  Database database_;
  std::unique_ptr<SampleWriter> writer_;
  uint64_t noise_ = 1;
  int64_t next_ms_ = 0;
};

TEST(VmCompaction, MergesFifteenOfOneSizeAtOnce) {
  VmDatabase db;
  for (int i = 0; i < 14; ++i) db.WriteRun(20000, 200);
  EXPECT_EQ(db.widths(), std::vector<size_t>());
  db.WriteRun(20000, 200);
  EXPECT_EQ(db.widths(), std::vector<size_t>({15}));
}

TEST(VmCompaction, LeavesALargePartAlone) {
  VmDatabase db;
  // Far larger than the oldest: a matter of space, to universal compaction.
  db.WriteRun(20000, 200);
  db.WriteRun(20000, 40000);
  for (int i = 0; i < 28; ++i) db.WriteRun(20000, 200);
  EXPECT_EQ(db.merges().size(), 2u);
  for (const std::vector<uint64_t>& runs : db.merges()) {
    EXPECT_GE(runs.size(), 12u);
    EXPECT_LT(*std::max_element(runs.begin(), runs.end()), 100000u);
  }
}

TEST(VmCompaction, AMergeAlwaysPays) {
  VmDatabase db;
  for (int i = 0; i < 150; ++i) db.WriteRun(20000, 100);
  const std::vector<std::vector<uint64_t>> merges = db.merges();
  // 150 files are at least 150 / 15 merges of new ones, and some of those.
  EXPECT_GE(merges.size(), 10u);
  EXPECT_LE(merges.size(), 25u);
  for (const std::vector<uint64_t>& runs : merges) {
    EXPECT_GE(runs.size(), 4u);
    EXPECT_LE(runs.size(), 15u);
    const uint64_t sum = std::accumulate(runs.begin(), runs.end(), uint64_t{0});
    const uint64_t largest = *std::max_element(runs.begin(), runs.end());
    EXPECT_GE(sum - largest + (sum - largest) / 10, largest);
  }
}

TEST(VmCompaction, CutsEveryPartBelowLevelZeroByPartition) {
  VmDatabase db;
  // January and February 2024 in every flush.
  for (int i = 0; i < 30; ++i) {
    db.WriteRun(19730, 50);
    db.WriteRun(19760, 50);
  }
  size_t below = 0;
  for (const auto& level : db.Metadata().levels) {
    if (level.level == 0) continue;
    for (const auto& file : level.files) {
      ++below;
      EXPECT_EQ(file.smallestkey.substr(0, kPartitionBytes),
                file.largestkey.substr(0, kPartitionBytes));
    }
  }
  EXPECT_GE(below, 2u);
}

}  // namespace
}  // namespace varve
