#include "tools/family_stats.h"

#include <algorithm>
#include <memory>

#include "compaction/sample_properties.h"
#include "format/row/row_entries.h"
#include "format/row/row_key.h"
#include "plugin/part_table/sst_walk.h"

namespace varve::tools {
namespace {

void Add(uint64_t bytes, uint64_t samples, SizeOf* size) {
  ++size->files;
  size->bytes += bytes;
  size->samples += samples;
}

int32_t PartitionOf(const RowShape& shape,
                    const rocksdb::SstFileMetaData& file) {
  ParsedRowKey first, last;
  if (!ParseRowKey(shape, file.smallestkey, &first) ||
      !ParseRowKey(shape, file.largestkey, &last) ||
      first.partition_day != last.partition_day) {
    return kSeveral;
  }
  return first.partition_day;
}

void AddFile(const rocksdb::SstFileMetaData& file,
             const rocksdb::TableProperties& table, int level,
             FamilyStats* stats) {
  stats->entries += table.num_entries;
  stats->raw_bytes += table.raw_key_size + table.raw_value_size;
  stats->index_bytes += table.index_size;
  stats->filter_bytes += table.filter_size;
  stats->range_tombstones += table.num_range_deletions;
  SampleProperties properties;
  const Status status =
      ParseSampleProperties(table.user_collected_properties, &properties);
  if (!status.ok()) ++stats->unlabelled_files;
  stats->tombstones += properties.tombstones;
  stats->foreign_rows += properties.foreign_rows;
  const uint64_t samples = properties.samples;
  Add(file.size, samples, &stats->all);
  Add(file.size, samples, &stats->levels[level]);
  if (stats->policy.shape.partition != Partition::kNone) {
    Add(file.size, samples,
        &stats->partitions[PartitionOf(stats->policy.shape, file)]);
  }
  for (const ResolutionProperties& resolution : properties.resolutions) {
    Add(resolution.bytes, resolution.samples,
        &stats->resolutions[resolution.interval_ms]);
  }
}

// How far a family's files have been read.
struct Reading {
  uint64_t done_bytes = 0;
  uint64_t total_bytes = 0;
  Progress& progress;
};

Status AddColumns(const std::string& path,
                  const std::shared_ptr<rocksdb::FileSystem>& files,
                  Reading* reading, ColumnBytes* columns) {
  std::unique_ptr<SstWalk> walk;
  const Status status = SstWalk::Open(path, files, &walk);
  if (!status.ok()) return status;
  const uint64_t entries_total =
      std::max<uint64_t>(1, walk->properties().num_entries);
  uint64_t entries = 0;
  SstEntry entry;
  while (walk->Next(&entry)) {
    reading->progress.Update(
        reading->done_bytes + walk->file_bytes() * entries++ / entries_total,
        reading->total_bytes, 0);
    columns->keys += entry.user_key.size();
    uint64_t rest = entry.value.size();
    RowEntries blocks(entry.value);
    while (blocks.Next()) {
      const BlockHeader& header = blocks.header();
      if (!blocks.status().ok() || header.form != BlockForm::kBlock) continue;
      columns->timestamps += header.timestamp_bytes;
      columns->values += header.value_bytes;
      rest -= header.timestamp_bytes + header.value_bytes;
    }
    columns->headers += rest;
  }
  reading->done_bytes += walk->file_bytes();
  return walk->status();
}

}  // namespace

Status GatherStats(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                   int64_t now_ms, StatsDepth depth, Progress* progress,
                   FamilyStats* stats) {
  stats->name = cf->GetName();
  Status status = GetPolicy(db, cf, &stats->policy);
  AgeingPlanOptions options;
  options.now_ms = now_ms;
  AgeingPlan plan;
  if (status.ok()) status = PlanAgeing(db, cf, options, &plan);
  if (!status.ok()) return status;
  stats->ageing = plan.tiers;
  db->GetIntProperty(cf, "rocksdb.num-entries-active-mem-table",
                     &stats->unflushed_entries);
  rocksdb::TablePropertiesCollection tables;
  status = db->GetPropertiesOfAllTables(cf, &tables);
  if (!status.ok()) return status;
  stats->has_columns = depth == StatsDepth::kEveryRow;
  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(cf, &metadata);
  Reading reading = {0, metadata.size, *progress};
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      const std::string path = file.db_path + file.name;
      const auto table = tables.find(path);
      if (table == tables.end()) {
        return Status::Corruption(path, "has no properties");
      }
      AddFile(file, *table->second, level.level, stats);
      if (!stats->has_columns) continue;
      status = AddColumns(path, db->GetEnv()->GetFileSystem(), &reading,
                          &stats->columns);
      if (!status.ok()) return status;
    }
  }
  return status;
}

}  // namespace varve::tools
