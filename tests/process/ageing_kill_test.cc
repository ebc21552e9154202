// A process that writes, flushes and ages day by day is killed over and over,
// on one database: every other time at a random moment, else in the middle of
// an ageing job, at a certain file operation of it. Whatever it was rewriting
// or dropping, a reader then sees exactly View(now).
//
// VARVE_KILL_ROUNDS in the environment: how many times, 20 by default.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compaction/view.h"
#include "format/coding/value_bits.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "tests/mock_clock.h"
#include "tests/process/acknowledgements.h"
#include "tests/process/child_process.h"
#include "tests/process/deadly_file_system.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kFirstDay = 19723;
constexpr char kPolicy[] =
    "downsampling_period=2d:5m,5d:1h;retention_period=9d;bucket=6h;"
    "partition=day;safety_lag=0";

struct Opened {
  std::shared_ptr<MockClock> clock = std::make_shared<MockClock>(0);
  Policy policy;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;

  Status Open(const std::string& dir,
              const std::shared_ptr<rocksdb::FileSystem>& files = nullptr) {
    rocksdb::Options options;
    if (files != nullptr) {
      env = rocksdb::NewCompositeEnv(files);
      options.env = env.get();
    }
    options.create_if_missing = true;
    options.write_buffer_size = 64 << 10;
    options.arena_block_size = 4 << 10;
    options.level0_file_num_compaction_trigger = 2;
    Options ours;
    Status status = Policy::Parse(kPolicy, &ours.policy);
    policy = ours.policy;
    ours.clock = clock;
    if (status.ok()) status = ConfigureColumnFamily(ours, &options);
    std::shared_ptr<rocksdb::EventListener> listener;
    if (status.ok()) {
      status = rocksdb::EventListener::CreateFromString(
          rocksdb::ConfigOptions(), "id=VarveTierScheduler;ageing_interval=0",
          &listener);
    }
    if (!status.ok()) return status;
    options.listeners.push_back(listener);
    rocksdb::DB* opened = nullptr;
    status = rocksdb::DB::Open(options, dir, &opened);
    db.reset(opened);
    return status;
  }
};

// Of each day: in order, and some that come three days late.
std::vector<Sample> DayOf(int64_t i) {
  std::vector<Sample> samples;
  const int64_t start = (kFirstDay + i) * kMillisPerDay;
  for (int64_t t = 0; t < kMillisPerDay; t += 60000) {
    samples.push_back({start + t, static_cast<double>(i * 10000 + t)});
  }
  for (int64_t t = 0; t < kMillisPerDay; t += 3600000) {
    samples.push_back(
        {start - 3 * kMillisPerDay + t + 1000, static_cast<double>(-i)});
  }
  return samples;
}

int64_t NowAfter(int64_t i) { return (kFirstDay + i + 1) * kMillisPerDay; }

Status WriteAndAgeForEver(const std::string& dir, int64_t first, Death death) {
  const auto files = std::make_shared<DeadlyFileSystem>(death);
  Opened opened;
  opened.clock->SetMs(NowAfter(first - 1));
  Status status = opened.Open(dir, files);
  if (!status.ok()) return status;
  rocksdb::DB* const db = opened.db.get();
  std::unique_ptr<SampleWriter> writer;
  status = SampleWriter::Open(db, db->DefaultColumnFamily(), &writer);
  for (int64_t i = first; status.ok(); ++i) {
    const std::vector<Sample> samples = DayOf(i);
    rocksdb::WriteBatch batch;
    status = writer->Add("a", samples.data(), samples.size(), &batch);
    if (status.ok()) status = db->Write({}, &batch);
    if (status.ok()) status = db->Flush({});
    if (!status.ok()) return status;
    opened.clock->SetMs(NowAfter(i));
    if (write(STDOUT_FILENO, &i, sizeof i) != sizeof i) return status;
    // What RocksDB's own compactions get in the way of is done another day.
    const DeadlyFileSystem::Armed armed;
    AgeNow(db).PermitUncheckedError();
  }
  return status;
}

// The last day that was acknowledged. Kills after so many `days`, unless the
// child has its own death.
int64_t RunAndKill(const std::string& dir, int64_t first, uint64_t days,
                   Death death) {
  Acknowledgements acknowledgements;
  NamelessFile in, err;
  Child child(
      {"/proc/self/exe", "--child", dir, std::to_string(first),
       std::to_string(static_cast<int>(death.at)), std::to_string(death.count)},
      in.descriptor(), acknowledgements.write_end(), err.descriptor());
  acknowledgements.CloseWriteEnd();
  int64_t last = first - 1;
  if (death.count > 0) days = 200;  // far more than it takes
  for (int64_t day; days > 0 && acknowledgements.Next(&day); --days) last = day;
  EXPECT_TRUE(death.count == 0 || days > 0) << "it lives: " << err.Read();
  child.Kill(SIGKILL);
  const int status = child.Wait();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << err.Read();
  for (int64_t day; acknowledgements.Next(&day);) last = day;
  return last;
}

// View of the days up to `last` at `now_ms`, without what may be of the day
// after it, which was perhaps written when the process was killed.
void ExpectView(const std::string& dir, int64_t last) {
  Opened opened;
  opened.clock->SetMs(NowAfter(last));
  ASSERT_EQ(opened.Open(dir).ToString(), "OK");
  rocksdb::DB* const db = opened.db.get();
  std::unique_ptr<SampleReader> reader;
  ASSERT_TRUE(SampleReader::Open(db, db->DefaultColumnFamily(), &reader).ok());
  const auto expected = [&](int64_t days) {
    std::vector<SampleWrite> writes;
    for (int64_t i = 0; i <= days; ++i) {
      for (const Sample& sample : DayOf(i)) {
        writes.push_back({sample.timestamp_ms, BitsOf(sample.value)});
      }
    }
    return View(writes, opened.policy, NowAfter(last));
  };
  std::vector<Sample> samples;
  ASSERT_EQ(reader->Read({}, "a", 0, kTimestampMax, &samples).ToString(), "OK");
  std::map<int64_t, uint64_t> seen;
  for (const Sample& sample : samples) {
    seen[sample.timestamp_ms] = BitsOf(sample.value);
  }
  if (seen != expected(last)) {
    ASSERT_EQ(seen, expected(last + 1)) << "after day " << last;
  }
}

TEST(AgeingKill, TheViewIsThereWhateverWasUnderWay) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const char* const asked = std::getenv("VARVE_KILL_ROUNDS");
  const int rounds = asked == nullptr ? 20 : std::atoi(asked);
  const TempDir dir;
  const std::string db = dir / "db";
  int64_t last = -1;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Death death;
    if (round % 2 == 1) {
      death.at = kFileOperations[static_cast<size_t>(round / 2) %
                                 std::size(kFileOperations)];
      death.count = 1 + random.Below(6);
    }
    last = RunAndKill(db, last + 1, 1 + random.Below(6), death);
    ExpectView(db, last);
  }
  EXPECT_GE(last, rounds);
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  if (argc == 6 && std::strcmp(argv[1], "--child") == 0) {
    varve::Death death;
    death.at = static_cast<varve::FileOperation>(std::atoi(argv[4]));
    death.count = std::strtoull(argv[5], nullptr, 10);
    const rocksdb::Status status =
        varve::WriteAndAgeForEver(argv[2], std::atoll(argv[3]), death);
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
