// Steps of a sequence that write: samples in every form, bytes that are none,
// and deletions.
#include <gtest/gtest.h>

#include <algorithm>

#include "format/coding/value_bits.h"
#include "format/row/sample_block.h"
#include "tests/metamorphic/sequence.h"

namespace varve {
namespace {

std::vector<Sample> AsSamples(const std::vector<SampleWrite>& writes) {
  std::vector<Sample> samples(writes.size());
  for (size_t i = 0; i < writes.size(); ++i) {
    samples[i].timestamp_ms = writes[i].timestamp_ms;
    samples[i].value = ValueOf(writes[i].value_bits);
  }
  return samples;
}

}  // namespace

std::vector<SampleWrite> Sequence::SomeWrites() {
  static const std::vector<int64_t> kSpreads = {
      kMillisPerSecond, kMillisPerHour / 6, kMillisPerHour, kMillisPerDay,
      60 * kMillisPerDay};
  return random_.Writes(1 + random_.Below(40), WritesUpTo(),
                        random_.Pick(kSpreads));
}

// The newest timestamp of some writes: now, or about where a tier reaches.
int64_t Sequence::WritesUpTo() {
  if (policy_.tiers.empty() || random_.OneIn(2)) return Now();
  const Tier& tier = random_.Pick(policy_.tiers);
  const int64_t reach_ms = Now() - policy_.safety_lag_ms - tier.offset_ms;
  const int64_t beyond_ms = std::min(3 * tier.interval_ms, kMillisPerDay);
  const int64_t up_to_ms = reach_ms + random_.Between(0, beyond_ms);
  return up_to_ms < 100 * kMillisPerDay ? Now() : std::min(up_to_ms, Now());
}

// The ends of time, and what lies beyond 2059. A writer takes no such times
// with a future_limit.
void Sequence::AddEdges(std::vector<SampleWrite>* writes) {
  if (policy_.future_limit_ms > 0 || !random_.OneIn(3)) return;
  static const std::vector<int64_t> kEdges = {kTimestampMin, kTimestampMin + 1,
                                              32872 * kMillisPerDay,
                                              kTimestampMax - 1, kTimestampMax};
  for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
    writes->push_back({random_.Pick(kEdges), random_.ValueBits()});
  }
}

// Writes of one row only, that of the first of them.
std::vector<SampleWrite> Sequence::RowWrites() {
  auto writes = SomeWrites();
  AddEdges(&writes);
  if (random_.OneIn(2)) std::swap(writes.front(), writes.back());
  const int64_t bucket = policy_.shape.BucketStart(writes[0].timestamp_ms);
  writes.erase(std::remove_if(writes.begin(), writes.end(),
                              [&](const SampleWrite& write) {
                                return policy_.shape.BucketStart(
                                           write.timestamp_ms) != bucket;
                              }),
               writes.end());
  return writes;
}

std::string Sequence::Encode(const std::vector<SampleWrite>& writes) {
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
  AssertOk(
      EncodeSamples(policy_.shape, samples.data(), samples.size(), &block));
  return block;
}

std::string Sequence::Garbage() {
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

std::string Sequence::ForeignKey() {
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

std::string Sequence::ExistingRowKey() {
  if (model_.rows().empty()) return model_.RowKey(Series(), Now());
  auto row = model_.rows().begin();
  std::advance(row, random_.Below(model_.rows().size()));
  return row->first;
}

void Sequence::Commit(rocksdb::WriteBatch* batch) {
  AssertOk(subject_.db()->Write(rocksdb::WriteOptions(), batch));
}

void Sequence::AddWrites(const std::string& series,
                         rocksdb::WriteBatch* batch) {
  auto writes = SomeWrites();
  AddEdges(&writes);
  const auto samples = AsSamples(writes);
  if (random_.OneIn(4)) {
    for (const Sample& sample : samples) {
      AssertOk(subject_.writer()->Add(series, sample.timestamp_ms, sample.value,
                                      batch));
    }
  } else {
    AssertOk(
        subject_.writer()->Add(series, samples.data(), samples.size(), batch));
  }
  for (const auto& write : writes) model_.Write(series, write);
}

void Sequence::Write() {
  rocksdb::WriteBatch batch;
  for (uint64_t n = 1 + random_.Below(3); n > 0; --n) {
    AddWrites(Series(), &batch);
  }
  Commit(&batch);
}

void Sequence::RawMerge() {
  const std::string& series = Series();
  const auto writes = RowWrites();
  AssertOk(subject_.db()->Merge(rocksdb::WriteOptions(),
                                model_.RowKey(series, writes[0].timestamp_ms),
                                Encode(writes)));
  for (const auto& write : writes) model_.Write(series, write);
}

void Sequence::PutRow() {
  const auto writes = RowWrites();
  const auto key = model_.RowKey(Series(), writes[0].timestamp_ms);
  AssertOk(subject_.db()->Put(rocksdb::WriteOptions(), key, Encode(writes)));
  model_.Put(key, writes);
}

void Sequence::DeleteRow() {
  const std::string key = ExistingRowKey();
  AssertOk(subject_.db()->Delete(rocksdb::WriteOptions(), key));
  model_.Delete(key);
}

void Sequence::DeleteRange() {
  std::string begin = ExistingRowKey();
  std::string end = ExistingRowKey();
  if (begin > end) std::swap(begin, end);
  AssertOk(subject_.db()->DeleteRange(rocksdb::WriteOptions(), subject_.cf(),
                                      begin, end));
  model_.DeleteRange(begin, end);
}

void Sequence::DeleteWholeSeries() {
  const std::string& series = Series();
  AssertOk(DeleteSeries(rocksdb::WriteOptions(), subject_.db(), subject_.cf(),
                        series));
  for (const auto& [bucket, row] : model_.RowsOf(series)) {
    model_.Delete(model_.RowKey(series, policy_.shape.BucketLast(bucket)));
  }
}

void Sequence::WriteGarbage() {
  const std::string key = ExistingRowKey();
  if (random_.OneIn(2)) {
    AssertOk(subject_.db()->Put(rocksdb::WriteOptions(), key, Garbage()));
    model_.PutGarbage(key);
  } else {
    AssertOk(subject_.db()->Merge(rocksdb::WriteOptions(), key, Garbage()));
    model_.MergeGarbage(key);
  }
}

void Sequence::WriteForeign() {
  const std::string key = ForeignKey();
  const std::string value = "value " + std::to_string(random_.Below(100));
  if (random_.OneIn(2)) {
    AssertOk(subject_.db()->Put(rocksdb::WriteOptions(), key, value));
    model_.PutForeign(key, value);
  } else {
    AssertOk(subject_.db()->Merge(rocksdb::WriteOptions(), key, value));
    model_.MergeForeign(key, value);
  }
}

}  // namespace varve
