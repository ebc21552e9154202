// An index in a database of its own, for tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "tests/index/index_view.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/series_index.h"

namespace varve {

// Labels as the interface takes them.
class OwnedLabels {
 public:
  explicit OwnedLabels(const Labels& labels) : labels_(labels) {
    for (const auto& label : labels_) {
      views_.push_back({label.first, label.second});
    }
  }
  LabelSet set() const { return {views_.data(), views_.size()}; }

 private:
  const Labels labels_;
  std::vector<Label> views_;
};

class IndexFixture {
 public:
  explicit IndexFixture(int64_t retention_ms = 0) {
    column_.retention_ms = retention_ms;
    options_.clock = clock;
    // So small that all is displaced, and looked up, now and then.
    options_.series_cache_bytes = 512;
    options_.pair_cache_bytes = 512;
    options_.text_buffer_bytes = 2048;
  }
  ~IndexFixture() { Close(); }

  void Open() {
    rocksdb::Options options;
    options.create_if_missing = true;
    ASSERT_TRUE(ConfigureIndexColumnFamily(column_, &options).ok());
    options.write_buffer_size = size_t{1} << 20;
    rocksdb::DB* opened = nullptr;
    Status status = rocksdb::DB::Open(options, dir_ / "db", &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    db.reset(opened);
    status = SeriesIndex::Open(db.get(), db->DefaultColumnFamily(), options_,
                               &index);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  void Close() {
    index.reset();
    db.reset();
  }

  // Registers and writes.
  std::vector<SeriesId> Write(const std::vector<Labels>& sets,
                              int64_t timestamp_ms) {
    rocksdb::WriteBatch batch;
    Registration held;
    Register(sets, timestamp_ms, &batch, &held);
    EXPECT_TRUE(db->Write(rocksdb::WriteOptions(), &batch).ok());
    held.Written();
    return held.ids();
  }
  void Register(const std::vector<Labels>& sets, int64_t timestamp_ms,
                rocksdb::WriteBatch* batch, Registration* held) {
    std::vector<OwnedLabels> owned(sets.begin(), sets.end());
    std::vector<SeriesEntry> entries;
    for (const OwnedLabels& labels : owned) {
      entries.push_back({labels.set(), timestamp_ms});
    }
    const Status status =
        index->Register(entries.data(), entries.size(), batch, held);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  SeriesId Resolve(const Labels& labels) {
    const OwnedLabels owned(labels);
    const LabelSet set = owned.set();
    std::vector<SeriesId> ids;
    EXPECT_TRUE(index->Resolve(&set, 1, &ids).ok());
    return ids.empty() ? kNoSeries : ids[0];
  }
  // By id; each label set once.
  std::map<SeriesId, Labels> Select(const std::vector<Matcher>& matchers,
                                    const SelectOptions& options = {}) {
    std::unique_ptr<SeriesIdCursor> cursor;
    Status status = index->Select(matchers, options, &cursor);
    EXPECT_TRUE(status.ok()) << status.ToString();
    std::map<SeriesId, Labels> result;
    if (!status.ok()) return result;
    const uint64_t count = cursor->count();
    status =
        index->ReadLabels(cursor.get(), [&](SeriesId id, const LabelSet& set) {
          Labels labels;
          for (size_t i = 0; i < set.count; ++i) {
            labels[set.labels[i].name.ToString()] =
                set.labels[i].value.ToString();
          }
          EXPECT_EQ(labels.size(), set.count);
          result[id] = labels;
          return true;
        });
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(result.size(), count);
    return result;
  }

  std::shared_ptr<MockClock> clock = std::make_shared<MockClock>(kTestNowMs);
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<SeriesIndex> index;

 private:
  TempDir dir_;
  IndexColumnFamilyOptions column_;
  SeriesIndexOptions options_;
};

}  // namespace varve
