// Varve's main job in one run: a quarter of an hour of real metrics, written
// at four ages into a RocksDB that was opened from an options string; some of
// it written again, late and changed; compacted; read back; and looked into
// by RocksDB's own ldb.
#include <gflags/gflags.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <varve/varve.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "examples/demo/capture.h"
#include "examples/demo/report.h"
#include "examples/demo/stored.h"

namespace {

const char* FromEnvironment(const char* name, const char* otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

}  // namespace

DEFINE_string(data,
              FromEnvironment("VARVE_DEMO_DATA",
                              "examples/data/node_exporter_1s.jsonl.zst"),
              "The capture to write");
DEFINE_string(db, FromEnvironment("VARVE_DEMO_DB", "build/demo-db"),
              "Where the database is made; must not exist");
DEFINE_string(library, FromEnvironment("VARVE_LIBRARY_FILE", "libvarve.so"),
              "What ldb preloads");
DEFINE_string(ldb, FromEnvironment("VARVE_LDB_FILE", "ldb"),
              "RocksDB's ldb (package rocksdb-tools)");
DEFINE_int64(now, -1,
             "The time to count from, in ms since 1970; negative: the clock");

namespace demo {
namespace {

using rocksdb::Status;
using varve::Sample;

constexpr char kPolicy[] =
    "downsampling_period=30d:5m,180d:1h;retention_period=1y";
constexpr char kShownSeries[] = "node_load1{";
constexpr int64_t kHourMs = 3600 * 1000;
constexpr int64_t kDayMs = 24 * kHourMs;

// The time of day stands still while the demo runs.
class FixedClock : public rocksdb::SystemClockWrapper {
 public:
  explicit FixedClock(int64_t now_ms)
      : SystemClockWrapper(SystemClock::Default()), now_ms_(now_ms) {}
  const char* Name() const override { return "DemoClock"; }
  uint64_t NowMicros() override {
    return static_cast<uint64_t>(now_ms_) * 1000;
  }
  Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return Status::OK();
  }

 private:
  const int64_t now_ms_;
};

class Demo {
 public:
  Demo(const Capture& capture, int64_t now_ms)
      : capture_(capture), now_ms_(now_ms) {}
  ~Demo() { Close(); }

  Status Run();

 private:
  Status Open();
  void Close();
  Status WriteAges();
  Status WriteAge(Age* age);
  Status WriteLate();
  Status WriteSeries(const Age& age, const CapturedSeries& series,
                     double change);
  Status Compact();
  Status ReadAll(uint64_t* samples, uint64_t* hash);
  Status Deduplicate();
  Status PrintSeries();
  bool PrintLdb() const;

  // How far a sample of the capture is moved to lie at this age.
  int64_t ShiftMs(const Age& age) const {
    return now_ms_ - age.age_ms - capture_.last_ms;
  }
  varve::Counters Counters() const;

  const Capture& capture_;
  const int64_t now_ms_;
  std::vector<Age> ages_ = {{"1 hour", kHourMs},
                            {"45 days", 45 * kDayMs},
                            {"200 days", 200 * kDayMs},
                            {"2 years", 730 * kDayMs}};
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<varve::SampleWriter> writer_;
  std::unique_ptr<varve::SampleReader> reader_;
};

Status Demo::Open() {
  const std::string policy = kPolicy;
  // One line to a service; each object has the policy.
  const std::string text =
      "create_if_missing=true;error_if_exists=true;"
      "disable_auto_compactions=true;compression=kZSTD;"
      "listeners={id=VarveTierScheduler};"
      "merge_operator={id=VarveSampleMerge;" +
      policy +
      "};"
      "compaction_filter_factory={id=VarveTierFilter;" +
      policy +
      "};"
      "sst_partitioner_factory={id=VarveTimePartitioner};"
      "table_properties_collectors={{id=VarveSampleProperties}}";
  std::printf("A RocksDB, opened from an options string:\n");
  for (size_t begin = 0, depth = 0, i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '{') ++depth;
    if (i < text.size() && text[i] == '}') --depth;
    if (i < text.size() && (text[i] != ';' || depth > 0)) continue;
    std::printf("  %s\n", text.substr(begin, i + 1 - begin).c_str());
    begin = i + 1;
  }
  rocksdb::Options options;
  Status status = rocksdb::GetOptionsFromString(
      rocksdb::ConfigOptions(), rocksdb::Options(), text, &options);
  if (!status.ok()) return status;
  varve::SetClock(options, std::make_shared<FixedClock>(now_ms_));
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(options, FLAGS_db, &db);
  db_.reset(db);
  if (!status.ok()) return status;
  status = varve::SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_);
  if (!status.ok()) return status;
  return varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader_);
}

void Demo::Close() {
  writer_.reset();
  reader_.reset();
  db_.reset();
}

varve::Counters Demo::Counters() const {
  varve::Counters counters;
  varve::GetCounters(db_.get(), db_->DefaultColumnFamily(), &counters)
      .PermitUncheckedError();
  return counters;
}

Status Demo::WriteSeries(const Age& age, const CapturedSeries& series,
                         double change) {
  std::vector<Sample> samples = series.samples;
  for (Sample& sample : samples) {
    sample.timestamp_ms += ShiftMs(age);
    sample.value += change;
  }
  rocksdb::WriteBatch batch;
  const Status status =
      writer_->Add(series.name, samples.data(), samples.size(), &batch);
  if (!status.ok()) return status;
  return db_->Write(rocksdb::WriteOptions(), &batch);
}

Status Demo::WriteAge(Age* age) {
  for (size_t i = 0; i < capture_.series.size(); ++i) {
    const CapturedSeries& series = capture_.series[i];
    const Status status = WriteSeries(*age, series, 0);
    if (!status.ok()) return status;
    age->written += series.samples.size();
    ShowProgress(std::string("writing, ") + age->name + " old: " +
                 std::to_string(100 * i / capture_.series.size()) + "%");
  }
  ShowProgress("");
  return db_->Flush(rocksdb::FlushOptions());
}

Status Demo::WriteAges() {
  Heading("Written through the public API, then flushed:");
  std::printf("  %zu series, %s samples a second apart, four times over\n",
              capture_.series.size(),
              WithCommas(capture_.sample_count).c_str());
  for (Age& age : ages_) {
    const Status status = WriteAge(&age);
    if (!status.ok()) return status;
  }
  const uint64_t expired = Counters().written_expired;
  std::printf("  %s samples in all; %s of them past the retention already\n",
              WithCommas(4 * capture_.sample_count).c_str(),
              WithCommas(expired).c_str());
  return WriteLate();
}

// Every tenth series of the youngest age once more, its values changed.
Status Demo::WriteLate() {
  Age* const age = &ages_.front();
  size_t shown = 0;
  while (capture_.series[shown].name.compare(0, strlen(kShownSeries),
                                             kShownSeries) != 0) {
    if (++shown == capture_.series.size()) {
      return Status::NotFound(std::string("no series ") + kShownSeries);
    }
  }
  uint64_t samples = 0;
  for (size_t i = shown % 10; i < capture_.series.size(); i += 10) {
    const Status status = WriteSeries(*age, capture_.series[i], 1000);
    if (!status.ok()) return status;
    samples += capture_.series[i].samples.size();
  }
  age->written += samples;
  std::printf("  %s samples of 1 hour ago again: late, and 1000 higher\n",
              WithCommas(samples).c_str());
  return db_->Flush(rocksdb::FlushOptions());
}

Status Demo::Compact() {
  ShowProgress("compacting ...");
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  const Status status = db_->CompactRange(options, nullptr, nullptr);
  ShowProgress("");
  return status;
}

// Everything that a reader sees, as a count and a hash of all its bits.
Status Demo::ReadAll(uint64_t* samples, uint64_t* hash) {
  varve::SampleReadOptions options;
  options.now_ms = now_ms_;
  *samples = 0;
  *hash = 14695981039346656037u;
  auto mix = [hash](uint64_t bits) {
    *hash = (*hash ^ bits) * 1099511628211u;
    *hash ^= *hash >> 29;
  };
  std::vector<Sample> read;
  for (const CapturedSeries& series : capture_.series) {
    const Status status =
        reader_->Read(options, series.name, 0, varve::kTimestampMax, &read);
    if (!status.ok()) return status;
    *samples += read.size();
    for (const Sample& sample : read) {
      uint64_t bits;
      memcpy(&bits, &sample.value, sizeof bits);
      mix(static_cast<uint64_t>(sample.timestamp_ms));
      mix(bits);
    }
  }
  return Status::OK();
}

Status Demo::Deduplicate() {
  Heading("The policy changes while the database runs: dedup_interval=15s");
  const varve::Counters before = Counters();
  const uint64_t samples = ages_.front().after.samples;
  Status status = varve::SetPolicy(db_.get(), db_->DefaultColumnFamily(),
                                   "dedup_interval=15s");
  if (status.ok()) status = Compact();
  if (status.ok()) status = Measure(db_.get(), now_ms_, &Age::after, &ages_);
  if (!status.ok()) return status;
  std::printf(
      "  deduplicated %s samples; 1 hour ago: %s -> %s\n",
      WithCommas(Counters().samples_deduplicated - before.samples_deduplicated)
          .c_str(),
      WithCommas(samples).c_str(),
      WithCommas(ages_.front().after.samples).c_str());
  return status;
}

Status Demo::PrintSeries() {
  varve::SampleReadOptions options;
  options.now_ms = now_ms_;
  const auto series =
      std::find_if(capture_.series.begin(), capture_.series.end(),
                   [](const CapturedSeries& candidate) {
                     return candidate.name.compare(0, strlen(kShownSeries),
                                                   kShownSeries) == 0;
                   });
  Heading("One series read back: " + series->name);
  for (const Age& age : ages_) {
    std::vector<Sample> samples;
    const int64_t shift_ms = ShiftMs(age);
    const Status status =
        reader_->Read(options, series->name, capture_.first_ms + shift_ms,
                      capture_.last_ms + shift_ms, &samples);
    if (!status.ok()) return status;
    std::printf("  %-9s %3zu of %zu samples", age.name, samples.size(),
                series->samples.size());
    for (size_t i = 0; i < std::min<size_t>(samples.size(), 2); ++i) {
      std::printf("  %s  %g", UtcTime(samples[i].timestamp_ms).c_str(),
                  samples[i].value);
    }
    std::printf("\n");
  }
  return Status::OK();
}

bool Demo::PrintLdb() const {
  Heading("The same database in RocksDB's own ldb, libvarve.so preloaded:");
  bool good = true;
  for (const char* const arguments :
       {"list_live_files_metadata", "scan --hex --max_keys=2",
        "approxsize --hex --from=0x80000000 --to=0x90000000",
        "checkconsistency"}) {
    const std::string db = "--db='" + FLAGS_db + "' ";
    good = PrintCommand(std::string("ldb --db=DIR ") + arguments,
                        "LD_PRELOAD='" + FLAGS_library + "' '" + FLAGS_ldb +
                            "' " + db + arguments,
                        6) &&
           good;
  }
  return good;
}

Status Demo::Run() {
  uint64_t seen = 0, hash = 0, seen_before = 0, hash_before = 0;
  Status status = Open();
  if (status.ok()) status = WriteAges();
  if (status.ok()) status = Measure(db_.get(), now_ms_, &Age::before, &ages_);
  if (status.ok()) status = ReadAll(&seen_before, &hash_before);
  if (!status.ok()) return status;

  const varve::Counters before = Counters();
  status = Compact();
  const varve::Counters after = Counters();
  if (status.ok()) status = Measure(db_.get(), now_ms_, &Age::after, &ages_);
  if (status.ok()) status = ReadAll(&seen, &hash);
  if (!status.ok()) return status;
  Heading(std::string("Compacted under ") + kPolicy + ":");
  PrintStored(ages_);
  std::printf(
      "  overwritten %s, downsampled %s, expired %s rows\n"
      "  a reader saw %s samples before and sees %s after: %s\n",
      WithCommas(after.samples_overwritten - before.samples_overwritten)
          .c_str(),
      WithCommas(after.samples_downsampled - before.samples_downsampled)
          .c_str(),
      WithCommas(after.rows_expired - before.rows_expired).c_str(),
      WithCommas(seen_before).c_str(), WithCommas(seen).c_str(),
      hash == hash_before ? "the same, bit for bit" : "DIFFERENT");
  if (hash != hash_before) return Status::Corruption("the view has changed");

  status = PrintSeries();
  if (status.ok()) status = Deduplicate();
  if (!status.ok()) return status;
  Close();
  if (!PrintLdb()) return Status::Aborted("ldb failed");
  std::printf("\nThe database stays in %s.\n", FLAGS_db.c_str());
  return Status::OK();
}

int Main() {
  Capture capture;
  Status status = ReadCapture(FLAGS_data, &capture);
  if (status.ok()) {
    const auto clock_ms = static_cast<int64_t>(
        rocksdb::SystemClock::Default()->NowMicros() / 1000);
    status = Demo(capture, FLAGS_now < 0 ? clock_ms : FLAGS_now).Run();
  }
  if (status.ok()) return 0;
  std::fflush(stdout);
  std::fprintf(stderr, "varve_demo: %s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  gflags::SetUsageMessage("writes real metrics at four ages and compacts");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  return demo::Main();
}
