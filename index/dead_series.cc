// See dead_series.h.
#include "index/dead_series.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "format/index/index_row.h"
#include "index/label_reader.h"
#include "rocksdb/options.h"

namespace varve {
namespace {

// How many series die while registrations wait.
constexpr size_t kBatchSeries = 4096;

Status MergeIds(rocksdb::ColumnFamilyHandle* cf, IndexRowKind kind,
                const IdSet& ids, rocksdb::WriteBatch* batch) {
  Status status;
  for (const IdSet::Part& part : ids.parts()) {
    std::string value;
    part.ids.EncodeTo(&value);
    if (status.ok())
      status = batch->Merge(cf, ChunkKey(kind, part.chunk), value);
  }
  return status;
}

Status DeleteRows(rocksdb::ColumnFamilyHandle* cf, IndexRowKind kind,
                  const IdSet& ids, rocksdb::WriteBatch* batch) {
  Status status;
  for (const IdSet::Part& part : ids.parts()) {
    if (status.ok()) status = batch->Delete(cf, ChunkKey(kind, part.chunk));
  }
  return status;
}

}  // namespace

Status DeadSeries::Load() {
  const IndexReader reader(core_->db, core_->cf);
  const auto rows = reader.NewIterator();
  auto dead = std::make_shared<DeadIds>();
  Status status = IndexReader::ReadIds(
      std::string(1, static_cast<char>(IndexRowKind::kDeadSeries)), rows.get(),
      &dead->series);
  if (status.ok()) {
    status = IndexReader::ReadIds(
        std::string(1, static_cast<char>(IndexRowKind::kDeadPairs)), rows.get(),
        &dead->pairs);
  }
  if (status.ok()) core_->age->SetDead(std::move(dead));
  return status;
}

Status DeadSeries::ReadPairs(const IdSet& ids,
                             std::vector<uint64_t>* pairs) const {
  LabelReader labels(core_);
  IdWalk walk(ids);
  for (uint64_t id; walk.Next(&id);) {
    LabelSet set;
    const Status status = labels.Read(id, &set);
    if (status.IsNotFound()) continue;
    if (!status.ok()) return status;
    pairs->insert(pairs->end(), labels.pairs(), labels.pairs() + set.count);
  }
  std::sort(pairs->begin(), pairs->end());
  pairs->erase(std::unique(pairs->begin(), pairs->end()), pairs->end());
  return Status::OK();
}

Status DeadSeries::FindDeadPairs(Selection* selection, const IdSet& ids,
                                 const std::vector<uint64_t>& pairs,
                                 IdSet* dead) {
  for (const uint64_t pair : pairs) {
    bool empty = false;
    const Status status = selection->IsEmptyPosting(pair, ids, &empty);
    if (!status.ok()) return status;
    if (empty) dead->Add(pair);
  }
  return Status::OK();
}

Status DeadSeries::KillBatch(Why why,
                             const SeriesIndex::DeleteSamples& delete_samples,
                             IdSet* ids) {
  Selection selection(core_);
  ids->Subtract(selection.dead().series);
  if (why == Why::kExpired) {
    // What got a sample since it was looked at lives.
    IdSet alive = *ids;
    const uint64_t first = core_->age->FirstDayKept(core_->age->NowMs());
    const Status status =
        selection.KeepDays(first, kTimestampMax / kMillisPerDay, &alive);
    if (!status.ok()) return status;
    ids->Subtract(alive);
  }
  if (ids->empty()) return Status::OK();
  std::vector<uint64_t> pairs;
  IdSet dead_pairs;
  Status status = ReadPairs(*ids, &pairs);
  if (status.ok()) {
    status = FindDeadPairs(&selection, *ids, pairs, &dead_pairs);
  }
  rocksdb::WriteBatch batch;
  if (status.ok()) {
    status = MergeIds(core_->cf, IndexRowKind::kDeadSeries, *ids, &batch);
  }
  if (status.ok()) {
    status = MergeIds(core_->cf, IndexRowKind::kDeadPairs, dead_pairs, &batch);
  }
  IdWalk walk(*ids);
  for (uint64_t id; status.ok() && delete_samples && walk.Next(&id);) {
    status = delete_samples(id, &batch);
  }
  if (status.ok()) status = core_->db->Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) return status;
  auto dead = std::make_shared<DeadIds>(selection.dead());
  dead->series.UniteWith(*ids);
  dead->pairs.UniteWith(dead_pairs);
  core_->age->SetDead(std::move(dead));
  core_->series_cache.Clear();
  if (!dead_pairs.empty()) core_->pair_cache.Clear();
  return status;
}

Status DeadSeries::Kill(const IdSet& ids, Why why,
                        const SeriesIndex::DeleteSamples& delete_samples,
                        uint64_t* killed) {
  IdWalk walk(ids);
  for (bool more = true; more;) {
    std::vector<uint64_t> batch;
    for (uint64_t id; batch.size() < kBatchSeries && (more = walk.Next(&id));) {
      batch.push_back(id);
    }
    IdSet set;
    for (size_t i = 0; i < batch.size();) {
      const uint64_t chunk = batch[i] >> kIdChunkBits;
      std::vector<uint16_t> offsets;
      for (; i < batch.size() && batch[i] >> kIdChunkBits == chunk; ++i) {
        offsets.push_back(static_cast<uint16_t>(batch[i]));
      }
      set.Add(chunk, IdChunk::OfSorted(offsets.data(), offsets.size()));
    }
    if (set.empty()) break;
    ClosedGate closed(&core_->gate);
    const Status status = KillBatch(why, delete_samples, &set);
    if (!status.ok()) return status;
    *killed += set.count();
  }
  return Status::OK();
}

Status DeadSeries::Delete(const std::vector<Matcher>& matchers,
                          const SeriesIndex::DeleteSamples& delete_samples,
                          uint64_t* deleted) {
  std::lock_guard<std::mutex> lock(mutex_);
  IdSet ids;
  const Status status =
      Selection(core_).Select(matchers, TimeRange(), -1, &ids);
  if (!status.ok()) return status;
  return Kill(ids, Why::kDeleted, delete_samples, deleted);
}

Status DeadSeries::RemoveExpired(uint64_t* removed) {
  if (core_->age->retention_ms == 0) return Status::OK();
  std::lock_guard<std::mutex> lock(mutex_);
  IdSet ids;
  {
    Selection selection(core_);
    Status status = selection.ReadPosting(kEverySeries, &ids);
    IdSet alive = ids;
    const uint64_t first = core_->age->FirstDayKept(core_->age->NowMs());
    if (status.ok()) {
      status = selection.KeepDays(first, kTimestampMax / kMillisPerDay, &alive);
    }
    if (!status.ok()) return status;
    ids.Subtract(alive);
  }
  return Kill(ids, Why::kExpired, nullptr, removed);
}

Status DeadSeries::Compact() {
  std::lock_guard<std::mutex> lock(mutex_);
  // Registrations that ran when these died have ended: no row that is written
  // from now on has any of them.
  const std::shared_ptr<const DeadIds> gone = core_->age->dead();
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  Status status = core_->db->CompactRange(options, core_->cf, nullptr, nullptr);
  if (!status.ok() || (gone->series.empty() && gone->pairs.empty())) {
    return status;
  }
  // Nobody else changes what is dead meanwhile: this holds the mutex.
  rocksdb::WriteBatch batch;
  status =
      DeleteRows(core_->cf, IndexRowKind::kDeadSeries, gone->series, &batch);
  if (status.ok()) {
    status =
        DeleteRows(core_->cf, IndexRowKind::kDeadPairs, gone->pairs, &batch);
  }
  if (status.ok()) status = core_->db->Write(rocksdb::WriteOptions(), &batch);
  if (status.ok()) core_->age->SetDead(std::make_shared<DeadIds>());
  return status;
}

}  // namespace varve
