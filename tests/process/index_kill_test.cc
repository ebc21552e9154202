// A process that registers, writes and deletes series from several threads is
// killed at any moment. Then every sample's series is in the index, with its
// labels and under one id, and every series of the index has its sample.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rocksdb/db.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/series_index.h"

namespace varve {
namespace {

#ifdef VARVE_SANITIZED
constexpr uint64_t kRounds = 3;
#else
constexpr uint64_t kRounds = 8;
#endif
constexpr uint64_t kThreads = 2;

void Must(const Status& status) {
  if (status.ok()) return;
  fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

// An index, and in place of samples a row a series: its name -> its labels.
struct Database {
  explicit Database(const std::string& dir) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    rocksdb::ColumnFamilyOptions index_options;
    Must(ConfigureIndexColumnFamily({}, &index_options));
    index_options.write_buffer_size = 64 << 10;
    rocksdb::DB* opened = nullptr;
    Must(rocksdb::DB::Open(
        options, dir,
        {{"default", rocksdb::ColumnFamilyOptions()}, {"index", index_options}},
        &families, &opened));
    db.reset(opened);
    SeriesIndexOptions small;
    small.series_cache_bytes = 4096;
    small.pair_cache_bytes = 4096;
    Must(SeriesIndex::Open(opened, families[1], small, &index));
  }
  ~Database() {
    index.reset();
    for (auto* const family : families) {
      Must(db->DestroyColumnFamilyHandle(family));
    }
  }

  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<SeriesIndex> index;
};

struct Pod {
  explicit Pod(uint64_t number)
      : metric("m" + std::to_string(number % 3)),
        name("pod-" + std::to_string(number)),
        labels{{"__name__", metric}, {"pod", name}} {}
  Pod(const Pod&) = delete;
  Pod& operator=(const Pod&) = delete;

  const std::string metric;
  const std::string name;
  const Label labels[2];
};

void WriteSome(Database* database, RandomSource* random) {
  std::vector<std::unique_ptr<Pod>> pods;
  std::vector<SeriesEntry> entries;
  for (int i = 0; i < 20; ++i) {
    pods.push_back(std::make_unique<Pod>(random->Below(400)));
    entries.push_back({{pods.back()->labels, 2}, kTestNowMs});
  }
  rocksdb::WriteBatch batch;
  Registration held;
  Must(
      database->index->Register(entries.data(), entries.size(), &batch, &held));
  for (size_t i = 0; i < pods.size(); ++i) {
    Must(batch.Put(SeriesName(held.ids()[i]),
                   pods[i]->metric + " " + pods[i]->name));
  }
  if (random->OneIn(5)) return;  // given up
  Must(database->db->Write({}, &batch));
  if (random->OneIn(2)) held.Written();
}

void DeleteSome(Database* database, RandomSource* random) {
  const Matcher matcher = {"pod", MatchKind::kRegex,
                           "pod-." + std::to_string(random->Below(10))};
  Must(database->index->DeleteSeries(
      {matcher},
      [](SeriesId id, rocksdb::WriteBatch* batch) {
        return batch->Delete(SeriesName(id));
      },
      nullptr));
}

// Until it is killed; a byte to the standard output for each step.
[[noreturn]] void Child(const std::string& dir, uint64_t seed) {
  Database database(dir);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      RandomSource random(seed * kThreads + t);
      for (;;) {
        if (random.OneIn(30)) {
          DeleteSome(&database, &random);
        } else if (random.OneIn(60)) {
          Must(database.index->Compact());
        } else {
          WriteSome(&database, &random);
        }
        if (write(STDOUT_FILENO, "+", 1) != 1) std::abort();
      }
    });
  }
  for (;;) pause();
}

// Runs a child and kills it after so many steps.
void KillAfter(uint64_t steps, const std::string& dir, uint64_t seed) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    const std::string seed_text = std::to_string(seed);
    execl("/proc/self/exe", "index_kill_test", "--child", dir.c_str(),
          seed_text.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  char byte;
  for (uint64_t i = 0; i < steps; ++i) {
    if (read(ends[0], &byte, 1) != 1) break;
  }
  kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  close(ends[0]);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

void CheckNoOrphans(const std::string& dir) {
  Database database(dir);
  std::map<SeriesId, std::string> samples;
  std::map<std::string, SeriesId> ids;
  const std::unique_ptr<rocksdb::Iterator> rows(database.db->NewIterator({}));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    SeriesId id;
    ASSERT_TRUE(ParseSeriesName(rows->key(), &id));
    samples[id] = rows->value().ToString();
    EXPECT_TRUE(ids.emplace(samples[id], id).second)
        << samples[id] << " has two ids";
  }
  std::unique_ptr<SeriesIdCursor> cursor;
  Must(database.index->Select({}, {}, &cursor));
  std::map<SeriesId, std::string> series;
  Must(database.index->ReadLabels(
      cursor.get(), [&](SeriesId id, const LabelSet& set) {
        EXPECT_EQ(set.count, 2u);
        series[id] = set.labels[0].value.ToString() + " " +
                     set.labels[1].value.ToString();
        return true;
      }));
  EXPECT_EQ(cursor->count(), series.size());
  EXPECT_EQ(series, samples);
  for (const auto& one : ids) {
    const Label labels[] = {
        {"__name__", Slice(one.first.data(), 2)},
        {"pod", Slice(one.first.data() + 3, one.first.size() - 3)}};
    const LabelSet set{labels, 2};
    std::vector<SeriesId> resolved;
    Must(database.index->Resolve(&set, 1, &resolved));
    EXPECT_EQ(resolved[0], one.second);
  }
}

TEST(IndexKill, NoOrphansAndNoSecondIdWheneverTheProcessIsKilled) {
  TempDir dir;
  for (uint64_t round = 0; round < kRounds; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    ASSERT_NO_FATAL_FAILURE(
        KillAfter(1 + random.Below(250), dir / "db", random.seed()));
    ASSERT_NO_FATAL_FAILURE(CheckNoOrphans(dir / "db"));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--child") {
    varve::Child(argv[2], std::strtoull(argv[3], nullptr, 10));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
