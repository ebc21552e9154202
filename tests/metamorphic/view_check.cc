// See view_check.h.
#include "tests/metamorphic/view_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "format/coding/value_bits.h"
#include "format/row/sample_block.h"
#include "rocksdb/utilities/debug.h"

namespace varve {
namespace {

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

Samples Decoded(const Slice& block) {
  std::vector<Sample> samples;
  AssertOk(DecodeSamples(block, &samples));
  Samples seen;
  for (const Sample& sample : samples) {
    seen[sample.timestamp_ms] = BitsOf(sample.value);
  }
  return seen;
}

std::vector<SampleWrite> AsWrites(const Samples& samples) {
  std::vector<SampleWrite> writes;
  for (const auto& [time, bits] : samples) writes.push_back({time, bits});
  return writes;
}

}  // namespace

const std::vector<std::string>& SeriesNames() {
  static const std::vector<std::string> kNames = {
      "cpu", std::string("a\0b", 3), "\xff\xff\x01",
      "http_requests_total{job=\"api\"}"};
  return kNames;
}

void AssertOk(const Status& status) {
  ASSERT_TRUE(status.ok()) << status.ToString();
}

void ViewCheck::Readers(const SampleReadOptions& options, const Model& model) {
  for (const std::string& series : SeriesNames()) {
    Series(options, model, series);
    if (testing::Test::HasFatalFailure()) return;
  }
  Scan(options);
  List(options, model);
  for (const auto& [key, entries] : model.foreign()) {
    std::string value;
    AssertOk(subject_.db()->Get(options.rocksdb, key, &value));
    ASSERT_EQ(EntriesOf(value), entries);
  }
}

Status ViewCheck::Read(const SampleReadOptions& options,
                       const std::string& series, int64_t start_ms,
                       int64_t end_ms, Samples* samples) {
  auto cursor = subject_.reader()->Read(options, series, start_ms, end_ms);
  int64_t previous = -1;
  while (cursor->Next()) {
    EXPECT_GT(cursor->size(), 0u);
    for (size_t i = 0; i < cursor->size(); ++i) {
      const int64_t t = cursor->timestamps_ms()[i];
      EXPECT_GT(t, previous) << "not ascending";
      previous = t;
      (*samples)[t] = BitsOf(cursor->values()[i]);
    }
  }
  return cursor->status();
}

void ViewCheck::Series(const SampleReadOptions& options, const Model& model,
                       const std::string& series) {
  const RowShape& shape = model.policy().shape;
  const auto rows = model.RowsOf(series);
  Samples expected;
  bool readable = true;
  for (const auto& [bucket, row] : rows) {
    if (!row->undecodable) {
      const Samples view = model.ViewOf(*row, options.now_ms);
      expected.insert(view.begin(), view.end());
      continue;
    }
    if (model.Expired(bucket, options.now_ms)) continue;
    Samples ignored;
    const Status status = Read(
        options, series, std::max(kTimestampMin, shape.BucketFirst(bucket)),
        shape.BucketLast(bucket), &ignored);
    // Where retention leaves a part of the bucket only, the damage may lie in
    // what is not looked at.
    const bool whole = model.policy().retention_ms == 0 ||
                       shape.BucketFirst(bucket) >=
                           options.now_ms - model.policy().retention_ms;
    ASSERT_TRUE(status.IsCorruption() || status.IsNotSupported() ||
                (status.ok() && (!whole || model.OnceExpired(bucket))))
        << status.ToString();
    readable = false;
  }
  if (!readable || !model.exact()) {
    for (const auto& [bucket, row] : rows) {
      if (!row->undecodable) Row(options, model, series, bucket, *row);
    }
  }
  if (!readable) return;
  Samples seen;
  AssertOk(Read(options, series, kTimestampMin, kTimestampMax, &seen));
  if (model.exact()) {
    ASSERT_EQ(seen, expected)
        << "now " << options.now_ms
        << (options.rocksdb.snapshot == nullptr ? "" : ", at a snapshot");
  }
  SomeRange(options, series, seen);
}

void ViewCheck::Row(const SampleReadOptions& options, const Model& model,
                    const std::string& series, int64_t bucket,
                    const Model::Row& row) {
  const RowShape& shape = model.policy().shape;
  Samples seen;
  AssertOk(Read(options, series,
                std::max(kTimestampMin, shape.BucketFirst(bucket)),
                shape.BucketLast(bucket), &seen));
  if (model.exact()) {
    ASSERT_EQ(seen, model.ViewOf(row, options.now_ms));
  } else {
    RowAsChanged(options, model, row, seen);
  }
}

void ViewCheck::RowAsChanged(const SampleReadOptions& options,
                             const Model& model, const Model::Row& row,
                             const Samples& seen) {
  for (const auto& sample : model.SafeOf(row, options.now_ms)) {
    const auto at = seen.find(sample.first);
    ASSERT_NE(at, seen.end()) << "lost: " << sample.first;
    ASSERT_EQ(at->second, sample.second) << "at " << sample.first;
  }
  for (const auto& sample : seen) {
    ASSERT_TRUE(std::any_of(row.writes.begin(), row.writes.end(),
                            [&](const SampleWrite& write) {
                              return write.timestamp_ms == sample.first &&
                                     write.value_bits == sample.second;
                            }))
        << "never written: " << sample.first;
  }
  ASSERT_EQ(View(AsWrites(seen), model.policy(), options.now_ms), seen)
      << "does not obey the policy";
}

void ViewCheck::SomeRange(const SampleReadOptions& options,
                          const std::string& series, const Samples& all) {
  int64_t start =
      subject_.clock()->NowMs() - random_.Between(0, 60 * kMillisPerDay);
  if (!all.empty() && random_.OneIn(2)) {
    auto sample = all.begin();
    std::advance(sample, random_.Below(all.size()));
    start = sample->first;
  }
  static const std::vector<int64_t> kWidths = {
      0, 60000, kMillisPerHour, kMillisPerDay, 30 * kMillisPerDay};
  const int64_t end = start + random_.Between(0, random_.Pick(kWidths));
  Samples seen;
  AssertOk(Read(options, series, start, end, &seen));
  const Samples expected(all.lower_bound(start), all.upper_bound(end));
  ASSERT_EQ(seen, expected)
      << "from " << start << " to " << end << " now " << options.now_ms;
}

// A scan says of each series what reading it says. (The words of an error
// count the row's writes, which a compaction in between makes fewer.)
void ViewCheck::Scan(const SampleReadOptions& options) {
  static const std::vector<size_t> kBuffers = {0, 2000, 1 << 20};
  ScanOptions scan;
  scan.buffer_bytes = random_.Pick(kBuffers);
  std::map<std::string, Samples> scanned;
  std::map<std::string, Status::Code> codes;
  const auto cursor = subject_.reader()->Scan(options, scan);
  while (cursor->NextSeries()) {
    Samples& samples = scanned[cursor->series()];
    while (cursor->Next()) {
      for (size_t i = 0; i < cursor->size(); ++i) {
        samples[cursor->timestamps_ms()[i]] = BitsOf(cursor->values()[i]);
      }
    }
    codes[cursor->series()] = cursor->status().code();
  }
  AssertOk(cursor->status());
  for (const std::string& series : SeriesNames()) {
    Samples seen;
    const Status status =
        Read(options, series, kTimestampMin, kTimestampMax, &seen);
    ASSERT_EQ(scanned[series], seen) << series;
    ASSERT_EQ(codes[series], status.code()) << status.ToString();
  }
}

// Every series that has samples is listed, none that has no rows.
void ViewCheck::List(const SampleReadOptions& options, const Model& model) {
  std::vector<std::string> listed;
  auto cursor = subject_.reader()->ListSeries(options, "");
  while (cursor->Next()) listed.push_back(cursor->series());
  AssertOk(cursor->status());
  ASSERT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  ASSERT_EQ(std::adjacent_find(listed.begin(), listed.end()), listed.end());
  for (const std::string& series : SeriesNames()) {
    const auto rows = model.RowsOf(series);
    bool has_samples = false;
    for (const auto& [bucket, row] : rows) {
      has_samples |= !model.SafeOf(*row, options.now_ms).empty();
    }
    const bool is_listed =
        std::binary_search(listed.begin(), listed.end(), series);
    ASSERT_TRUE(is_listed || !has_samples) << series;
    ASSERT_TRUE(!is_listed || !rows.empty()) << series;
  }
}

void ViewCheck::Disk(const Model& model, int64_t disk_now_ms) {
  // With ageing off all writes stay, the last at each timestamp.
  Policy on_disk;
  on_disk.shape = model.policy().shape;
  if (model.policy().ageing) on_disk = model.policy();
  for (const auto& [key, row] : model.rows()) {
    if (row.undecodable) continue;
    rocksdb::PinnableSlice value;
    const Status status =
        subject_.db()->Get(rocksdb::ReadOptions(), subject_.cf(), key, &value);
    Samples seen;
    if (!status.IsNotFound()) {
      AssertOk(status);
      seen = Decoded(value);
    }
    // An earlier policy may have done more.
    ASSERT_EQ(seen, View(model.changed() ? AsWrites(seen) : row.writes, on_disk,
                         disk_now_ms))
        << Slice(key).ToString(true);
  }
  OnlyValues();
}

void ViewCheck::OnlyValues() {
  std::vector<rocksdb::KeyVersion> versions;
  AssertOk(rocksdb::GetAllKeyVersions(subject_.db(), Slice(), Slice(), 10000,
                                      &versions));
  for (const rocksdb::KeyVersion& version : versions) {
    constexpr int kValue = 1;
    constexpr int kBlobIndex = 17;
    ASSERT_TRUE(version.type == kValue || version.type == kBlobIndex)
        << "type " << version.type << " at " << version.sequence
        << ", not a value: " << Slice(version.user_key).ToString(true);
  }
}

}  // namespace varve
