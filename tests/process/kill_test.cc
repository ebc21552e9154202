// A writer is killed at a random moment, over and over, on one database: every
// sample whose write it was told is safe is there when it is opened again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "tests/mock_clock.h"
#include "tests/process/acknowledgements.h"
#include "tests/process/child_process.h"
#include "tests/process/kill_writer.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

// Runs the writer from `first` and kills it after so many batches. The last
// one that it acknowledged.
int64_t WriteAndKill(const std::string& dir, int64_t first, uint64_t batches) {
  Acknowledgements acknowledgements;
  NamelessFile in, err;
  Child child({VARVE_KILL_WRITER_FILE, dir, std::to_string(first)},
              in.descriptor(), acknowledgements.write_end(), err.descriptor());
  acknowledgements.CloseWriteEnd();
  int64_t last = first - 1;
  for (int64_t batch; batches > 0 && acknowledgements.Next(&batch); --batches) {
    EXPECT_EQ(batch, last + 1);
    last = batch;
  }
  child.Kill(SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(child.Wait())) << err.Read();
  // What it said between the last that was read and its end.
  for (int64_t batch; acknowledgements.Next(&batch);) last = batch;
  return last;
}

using Seen = std::map<std::string, std::map<int64_t, double>>;

Seen ReadAll(const std::string& dir) {
  rocksdb::Options options;
  // The first writers may not get as far as that.
  options.create_if_missing = true;
  Options varve_options;
  EXPECT_TRUE(Policy::Parse(kKillPolicy, &varve_options.policy).ok());
  varve_options.clock = std::make_shared<MockClock>(kKillNowMs);
  EXPECT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, dir, &opened);
  EXPECT_TRUE(status.ok()) << status.ToString();
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<SampleReader> reader;
  status = SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader);
  EXPECT_TRUE(status.ok()) << status.ToString();
  Seen seen;
  for (const std::string series : {kLastSeries, "a", "b", "c"}) {
    std::vector<Sample> samples;
    status = reader->Read({}, series, 0, kTimestampMax, &samples);
    EXPECT_TRUE(status.ok()) << status.ToString();
    for (const Sample& sample : samples) {
      seen[series][sample.timestamp_ms] = sample.value;
    }
  }
  return seen;
}

TEST(Kill, EveryAcknowledgedSampleIsThere) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  const TempDir dir;
  const std::string db = dir / "db";
  int64_t last = -1;
  for (int round = 0; round < 24 && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    // Most often early, so that recovery itself is hit as well.
    last = WriteAndKill(db, last + 1,
                        random.OneIn(3) ? random.Below(3) : random.Below(300));
    Seen seen = ReadAll(db);
    if (last < 0) continue;
    ASSERT_GE(seen[kLastSeries][kLastMs], static_cast<double>(last));
    for (int64_t i = 0; i <= last; ++i) {
      for (const SeriesSamples& part : KillBatch(i)) {
        if (part.series == kLastSeries) continue;
        for (const Sample& sample : part.samples) {
          const auto found = seen[part.series].find(sample.timestamp_ms);
          ASSERT_NE(found, seen[part.series].end()) << "batch " << i;
          ASSERT_EQ(found->second, sample.value) << "batch " << i;
        }
      }
    }
  }
  EXPECT_GT(last, 500) << "the rounds wrote too little to say anything";
}

}  // namespace
}  // namespace varve
