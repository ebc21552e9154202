// Random writes, policies, clocks and RocksDB operations: after each step
// every reader sees exactly View(writes, policy, now).
//
//   metamorphic_test [--sequences=N] [--seed=S] [--log]
//
// Each sequence has its own seed, printed when it fails; --seed=S
// --sequences=1 --log replays one and prints its steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>

#include "format/sample_block.h"
#include "rocksdb/utilities/debug.h"
#include "tests/metamorphic/model.h"
#include "tests/metamorphic/subject.h"

namespace varve {
namespace {

uint64_t sequences_asked = 200;
uint64_t first_seed = 1;
bool log_steps = false;

const std::vector<std::string>& SeriesNames() {
  static const std::vector<std::string> kNames = {
      "cpu", std::string("a\0b", 3), "\xff\xff\x01",
      "http_requests_total{job=\"api\"}"};
  return kNames;
}

// Entries of a row's bytes, a container's one by one.
std::vector<std::string> EntriesOf(const std::string& bytes) {
  BlockHeader header;
  if (!PeekBlock(bytes, &header).ok() || header.form != BlockForm::kContainer) {
    return {bytes};
  }
  std::vector<std::string> entries;
  ContainerReader reader(bytes);
  Slice entry;
  while (reader.Next(&entry)) entries.push_back(entry.ToString());
  return entries;
}

class Sequence {
 public:
  explicit Sequence(uint64_t seed)
      : random_(seed),
        policy_(random_.ValidPolicy()),
        model_(policy_),
        subject_(policy_, &random_),
        latest_now_ms_(kTestNowMs) {}

  void Run() {
    Log("policy " + policy_.ToString());
    ASSERT_OK(subject_.Open());
    // RocksDB takes a snapshot at sequence number 0 for none at all when it
    // merges (merge_helper.cc, stop_before > 0), and gives a file ingested
    // into an empty database that number: begin with a write.
    ASSERT_OK(subject_.db()->Put(rocksdb::WriteOptions(), "first", "write"));
    model_.PutForeign("first", "write");
    const uint64_t steps = 8 + random_.Below(18);
    for (uint64_t i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      Step();
      if (!testing::Test::HasFatalFailure()) Verify();
    }
    ReleaseSnapshots();
  }

 private:
  struct Held {
    const rocksdb::Snapshot* snapshot;
    Model model;
  };

  static void ASSERT_OK(const Status& status) {
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void Log(const std::string& step) {
    if (log_steps) std::fprintf(stderr, "  %s\n", step.c_str());
  }

  int64_t Now() { return subject_.clock()->NowMs(); }

  const std::string& Series() { return random_.Pick(SeriesNames()); }

  std::vector<SampleWrite> SomeWrites() {
    static const std::vector<int64_t> kSpreads = {
        kMillisPerHour / 6, kMillisPerHour, kMillisPerDay, 60 * kMillisPerDay};
    return random_.Writes(1 + random_.Below(40), Now(), random_.Pick(kSpreads));
  }

  // Writes of one row only, that of the first of them.
  std::vector<SampleWrite> RowWrites() {
    auto writes = SomeWrites();
    const int64_t bucket = policy_.shape.BucketStart(writes[0].timestamp_ms);
    writes.erase(std::remove_if(writes.begin(), writes.end(),
                                [&](const SampleWrite& write) {
                                  return policy_.shape.BucketStart(
                                             write.timestamp_ms) != bucket;
                                }),
                 writes.end());
    return writes;
  }

  std::string Encode(const std::vector<SampleWrite>& writes) {
    std::string block;
    if (random_.OneIn(2)) {
      std::vector<int64_t> timestamps;
      std::vector<uint64_t> bits;
      for (const auto& write : writes) {
        timestamps.push_back(write.timestamp_ms);
        bits.push_back(write.value_bits);
      }
      AppendPlainBlock(timestamps.data(), bits.data(), bits.size(), &block);
      return block;
    }
    const auto samples = AsSamples(writes);
    ASSERT_OK(
        EncodeSamples(policy_.shape, samples.data(), samples.size(), &block));
    return block;
  }

  static std::vector<Sample> AsSamples(const std::vector<SampleWrite>& writes) {
    std::vector<Sample> samples(writes.size());
    for (size_t i = 0; i < writes.size(); ++i) {
      samples[i].timestamp_ms = writes[i].timestamp_ms;
      std::memcpy(&samples[i].value, &writes[i].value_bits, sizeof(double));
    }
    return samples;
  }

  std::string Garbage() {
    switch (random_.Below(4)) {
      case 0:
        return "";
      case 1:
        return "\xA7\x55 of a newer version";
      case 2: {  // a block cut short, unless that is one as well
        std::string block = Encode(RowWrites());
        block.resize(block.size() - 1);
        SampleRun run;
        if (!BlockDecoder().Decode(block, &run).ok()) return block;
        [[fallthrough]];
      }
      default:
        return "garbage " + std::to_string(random_.Bits());
    }
  }

  std::string ForeignKey() {
    switch (random_.Below(3)) {
      case 0:
        return "user:" + std::to_string(random_.Below(5));
      case 1:  // not aligned
        return model_.RowKey(Series(), Now()) + "x";
      default: {
        std::string key = model_.RowKey(Series(), Now());
        key.back() ^= 1;
        return key;
      }
    }
  }

  std::string ExistingRowKey() {
    if (model_.rows().empty()) return model_.RowKey(Series(), Now());
    auto row = model_.rows().begin();
    std::advance(row, random_.Below(model_.rows().size()));
    return row->first;
  }

  void Step() {
    struct Choice {
      unsigned weight;
      const char* name;
      void (Sequence::*run)();
    };
    static const Choice kChoices[] = {
        {30, "write", &Sequence::Write},
        {8, "raw merge", &Sequence::RawMerge},
        {5, "put row", &Sequence::PutRow},
        {4, "delete row", &Sequence::DeleteRow},
        {3, "delete range", &Sequence::DeleteRange},
        {2, "delete series", &Sequence::DeleteWholeSeries},
        {4, "garbage", &Sequence::WriteGarbage},
        {4, "foreign", &Sequence::WriteForeign},
        {14, "flush", &Sequence::Flush},
        {8, "compact range", &Sequence::CompactRange},
        {8, "compact all", &Sequence::CompactAll},
        {8, "compact files", &Sequence::CompactFiles},
        {14, "age", &Sequence::Age},
        {5, "ingest", &Sequence::Ingest},
        {5, "snapshot", &Sequence::TakeSnapshot},
        {6, "reopen", &Sequence::Reopen},
        {12, "clock", &Sequence::MoveClock},
    };
    unsigned sum = 0;
    for (const Choice& choice : kChoices) sum += choice.weight;
    auto at = static_cast<unsigned>(random_.Below(sum));
    for (const Choice& choice : kChoices) {
      if (at < choice.weight) {
        Log(choice.name);
        return (this->*choice.run)();
      }
      at -= choice.weight;
    }
  }

  void Commit(rocksdb::WriteBatch* batch) {
    ASSERT_OK(subject_.db()->Write(rocksdb::WriteOptions(), batch));
  }

  void Write() {
    rocksdb::WriteBatch batch;
    for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
      const std::string& series = Series();
      const auto writes = SomeWrites();
      const auto samples = AsSamples(writes);
      if (random_.OneIn(4)) {
        for (const Sample& sample : samples) {
          ASSERT_OK(subject_.writer()->Add(series, sample.timestamp_ms,
                                           sample.value, &batch));
        }
      } else {
        ASSERT_OK(subject_.writer()->Add(series, samples.data(), samples.size(),
                                         &batch));
      }
      for (const auto& write : writes) model_.Write(series, write);
    }
    Commit(&batch);
  }

  void RawMerge() {
    const std::string& series = Series();
    const auto writes = RowWrites();
    ASSERT_OK(subject_.db()->Merge(
        rocksdb::WriteOptions(), model_.RowKey(series, writes[0].timestamp_ms),
        Encode(writes)));
    for (const auto& write : writes) model_.Write(series, write);
  }

  void PutRow() {
    const auto writes = RowWrites();
    const auto key = model_.RowKey(Series(), writes[0].timestamp_ms);
    ASSERT_OK(subject_.db()->Put(rocksdb::WriteOptions(), key, Encode(writes)));
    model_.Put(key, writes);
  }

  void DeleteRow() {
    const std::string key = ExistingRowKey();
    ASSERT_OK(subject_.db()->Delete(rocksdb::WriteOptions(), key));
    model_.Delete(key);
  }

  void DeleteRange() {
    std::string begin = ExistingRowKey();
    std::string end = ExistingRowKey();
    if (begin > end) std::swap(begin, end);
    ASSERT_OK(subject_.db()->DeleteRange(rocksdb::WriteOptions(), subject_.cf(),
                                         begin, end));
    model_.DeleteRange(begin, end);
  }

  void DeleteWholeSeries() {
    const std::string& series = Series();
    ASSERT_OK(DeleteSeries(rocksdb::WriteOptions(), subject_.db(),
                           subject_.cf(), series));
    for (const auto& [bucket, row] : model_.RowsOf(series)) {
      model_.Delete(model_.RowKey(series, policy_.shape.BucketLast(bucket)));
    }
  }

  void WriteGarbage() {
    const std::string key = ExistingRowKey();
    if (random_.OneIn(2)) {
      ASSERT_OK(subject_.db()->Put(rocksdb::WriteOptions(), key, Garbage()));
      model_.PutGarbage(key);
    } else {
      ASSERT_OK(subject_.db()->Merge(rocksdb::WriteOptions(), key, Garbage()));
      model_.MergeGarbage(key);
    }
  }

  void WriteForeign() {
    const std::string key = ForeignKey();
    const std::string value = "value " + std::to_string(random_.Below(100));
    if (random_.OneIn(2)) {
      ASSERT_OK(subject_.db()->Put(rocksdb::WriteOptions(), key, value));
      model_.PutForeign(key, value);
    } else {
      ASSERT_OK(subject_.db()->Merge(rocksdb::WriteOptions(), key, value));
      model_.MergeForeign(key, value);
    }
  }

  void Flush() { ASSERT_OK(subject_.Flush()); }
  void Age() {
    const Status status =
        subject_.Age(!subject_.db()->GetOptions().disable_auto_compactions);
    // Jobs that RocksDB's own compactions got in the way of.
    ASSERT_TRUE(
        status.ok() ||
        (!subject_.db()->GetOptions().disable_auto_compactions &&
         (status.IsAborted() || status.IsBusy() || status.IsInvalidArgument())))
        << status.ToString();
  }
  void CompactRange() { ASSERT_OK(subject_.CompactSomeRange()); }
  void CompactAll() {
    ASSERT_OK(subject_.CompactAll());
    if (held_.empty() && Now() == latest_now_ms_) VerifyDisk();
  }
  void CompactFiles() { ASSERT_OK(subject_.CompactSomeFiles()); }

  void Ingest() {
    std::map<std::string, std::string> operands;
    for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
      const std::string& series = Series();
      const auto writes = RowWrites();
      const auto key = model_.RowKey(series, writes[0].timestamp_ms);
      if (!operands.emplace(key, Encode(writes)).second) continue;
      for (const auto& write : writes) model_.Write(series, write);
    }
    ASSERT_OK(subject_.Ingest({operands.begin(), operands.end()}));
  }

  void TakeSnapshot() {
    if (held_.size() >= 3) ReleaseSnapshots();
    held_.push_back({subject_.db()->GetSnapshot(), model_});
  }

  void ReleaseSnapshots() {
    for (const Held& held : held_) {
      subject_.db()->ReleaseSnapshot(held.snapshot);
    }
    held_.clear();
  }

  void Reopen() {
    ReleaseSnapshots();
    subject_.Close();
    ASSERT_OK(subject_.Open());
  }

  // Forward by anything up to weeks; then, at times, back by less than the
  // safety lag, as a replica's clock may be.
  void MoveClock() {
    static const std::vector<int64_t> kSteps = {
        1000, kMillisPerHour, kMillisPerDay, 20 * kMillisPerDay};
    latest_now_ms_ += random_.Between(0, random_.Pick(kSteps));
    int64_t now = latest_now_ms_;
    if (random_.OneIn(3)) now -= random_.Between(0, policy_.safety_lag_ms);
    subject_.clock()->SetMs(now);
  }

  void Verify() {
    // Any time that is not further back than the safety lag.
    int64_t now = Now();
    if (random_.OneIn(3)) {
      now = latest_now_ms_ - random_.Between(0, policy_.safety_lag_ms);
    } else if (random_.OneIn(3)) {
      now = latest_now_ms_ + random_.Between(0, 100 * kMillisPerDay);
    }
    SampleReadOptions options;
    options.now_ms = now;
    VerifyAll(options, model_);
    for (const Held& held : held_) {
      options.rocksdb.snapshot = held.snapshot;
      VerifyAll(options, held.model);
    }
  }

  // One rewrite finishes a row: after a compaction of everything each row is
  // one value that holds what View asks for at the time that disks go by.
  void VerifyDisk() {
    const int64_t disk_now = Now() - policy_.safety_lag_ms;
    for (const auto& [key, row] : model_.rows()) {
      if (row.undecodable) continue;
      rocksdb::PinnableSlice value;
      const Status status = subject_.db()->Get(rocksdb::ReadOptions(),
                                               subject_.cf(), key, &value);
      Samples seen;
      if (!status.IsNotFound()) {
        ASSERT_OK(status);
        std::vector<Sample> samples;
        ASSERT_OK(DecodeSamples(value, &samples));
        for (const Sample& sample : samples) {
          std::memcpy(&seen[sample.timestamp_ms], &sample.value,
                      sizeof(double));
        }
      }
      ASSERT_EQ(seen, model_.ViewOf(row, disk_now))
          << Slice(key).ToString(true);
    }
    std::vector<rocksdb::KeyVersion> versions;
    ASSERT_OK(rocksdb::GetAllKeyVersions(subject_.db(), Slice(), Slice(), 10000,
                                         &versions));
    for (const rocksdb::KeyVersion& version : versions) {
      constexpr int kValue = 1;
      constexpr int kBlobIndex = 17;
      ASSERT_TRUE(version.type == kValue || version.type == kBlobIndex)
          << "type " << version.type << " at " << version.sequence
          << ", not a value: " << Slice(version.user_key).ToString(true);
    }
  }

  void VerifyAll(const SampleReadOptions& options, const Model& model) {
    for (const std::string& series : SeriesNames()) {
      VerifySeries(options, model, series);
      if (testing::Test::HasFatalFailure()) return;
    }
    VerifyList(options, model);
    for (const auto& [key, entries] : model.foreign()) {
      std::string value;
      ASSERT_OK(subject_.db()->Get(options.rocksdb, key, &value));
      ASSERT_EQ(EntriesOf(value), entries);
    }
  }

  Status Read(const SampleReadOptions& options, const std::string& series,
              int64_t start_ms, int64_t end_ms, Samples* samples) {
    auto cursor = subject_.reader()->Read(options, series, start_ms, end_ms);
    int64_t previous = -1;
    while (cursor->Next()) {
      EXPECT_GT(cursor->size(), 0u);
      for (size_t i = 0; i < cursor->size(); ++i) {
        const int64_t t = cursor->timestamps_ms()[i];
        EXPECT_GT(t, previous) << "not ascending";
        previous = t;
        std::memcpy(&(*samples)[t], &cursor->values()[i], sizeof(double));
      }
    }
    return cursor->status();
  }

  void VerifySeries(const SampleReadOptions& options, const Model& model,
                    const std::string& series) {
    Samples expected;
    bool readable = true;
    for (const auto& [bucket, row] : model.RowsOf(series)) {
      const int64_t first =
          std::max(kTimestampMin, policy_.shape.BucketFirst(bucket));
      const int64_t last = policy_.shape.BucketLast(bucket);
      if (row->undecodable) {
        if (model.Expired(bucket, options.now_ms)) continue;
        Samples ignored;
        const Status status = Read(options, series, first, last, &ignored);
        ASSERT_TRUE(status.IsCorruption() || status.IsNotSupported())
            << status.ToString();
        readable = false;
        continue;
      }
      const Samples view = model.ViewOf(*row, options.now_ms);
      expected.insert(view.begin(), view.end());
    }
    if (!readable) {
      for (const auto& [bucket, row] : model.RowsOf(series)) {
        if (!row->undecodable) VerifyRow(options, model, series, bucket, *row);
      }
      return;
    }
    Samples seen;
    ASSERT_OK(Read(options, series, kTimestampMin, kTimestampMax, &seen));
    ASSERT_EQ(seen, expected)
        << "now " << options.now_ms
        << (options.rocksdb.snapshot == nullptr ? "" : ", at a snapshot");
    VerifySomeRange(options, series, expected);
  }

  void VerifyRow(const SampleReadOptions& options, const Model& model,
                 const std::string& series, int64_t bucket,
                 const Model::Row& row) {
    Samples seen;
    ASSERT_OK(Read(options, series,
                   std::max(kTimestampMin, policy_.shape.BucketFirst(bucket)),
                   policy_.shape.BucketLast(bucket), &seen));
    ASSERT_EQ(seen, model.ViewOf(row, options.now_ms));
  }

  void VerifySomeRange(const SampleReadOptions& options,
                       const std::string& series, const Samples& all) {
    int64_t start = Now() - random_.Between(0, 60 * kMillisPerDay);
    if (!all.empty() && random_.OneIn(2)) {
      auto sample = all.begin();
      std::advance(sample, random_.Below(all.size()));
      start = sample->first;
    }
    static const std::vector<int64_t> kWidths = {
        0, 60000, kMillisPerHour, kMillisPerDay, 30 * kMillisPerDay};
    const int64_t end = start + random_.Between(0, random_.Pick(kWidths));
    Samples seen;
    ASSERT_OK(Read(options, series, start, end, &seen));
    const Samples expected(all.lower_bound(start), all.upper_bound(end));
    ASSERT_EQ(seen, expected)
        << "from " << start << " to " << end << " now " << options.now_ms;
  }

  // Every series that has samples is listed, none that has no rows.
  void VerifyList(const SampleReadOptions& options, const Model& model) {
    std::vector<std::string> listed;
    auto cursor = subject_.reader()->ListSeries(options, "");
    while (cursor->Next()) listed.push_back(cursor->series());
    ASSERT_OK(cursor->status());
    ASSERT_TRUE(std::is_sorted(listed.begin(), listed.end()));
    ASSERT_EQ(std::adjacent_find(listed.begin(), listed.end()), listed.end());
    for (const std::string& series : SeriesNames()) {
      const auto rows = model.RowsOf(series);
      bool has_samples = false;
      for (const auto& [bucket, row] : rows) {
        has_samples |= !model.ViewOf(*row, options.now_ms).empty();
      }
      const bool is_listed =
          std::binary_search(listed.begin(), listed.end(), series);
      ASSERT_TRUE(is_listed || !has_samples) << series;
      ASSERT_TRUE(!is_listed || !rows.empty()) << series;
    }
  }

  RandomSource random_;
  const Policy policy_;
  Model model_;
  Subject subject_;
  std::vector<Held> held_;
  int64_t latest_now_ms_;
};

TEST(Metamorphic, ReaderSeesTheViewAfterEveryStep) {
  for (uint64_t i = 0; i < sequences_asked; ++i) {
    const uint64_t seed = first_seed + i;
    SCOPED_TRACE("--seed=" + std::to_string(seed) + " --sequences=1");
    if (log_steps)
      std::fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    Sequence(seed).Run();
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
  std::printf("%llu sequences from seed %llu\n",
              (unsigned long long)sequences_asked,
              (unsigned long long)first_seed);
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  varve::first_seed = varve::RandomSource::BaseSeed();
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--sequences=", 12) == 0) {
      varve::sequences_asked = std::strtoull(argv[i] + 12, nullptr, 10);
    } else if (std::strncmp(argv[i], "--seed=", 7) == 0) {
      varve::first_seed = std::strtoull(argv[i] + 7, nullptr, 10);
    } else if (std::strcmp(argv[i], "--log") == 0) {
      varve::log_steps = true;
    } else {
      std::fprintf(stderr, "metamorphic_test: unknown argument %s\n", argv[i]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
