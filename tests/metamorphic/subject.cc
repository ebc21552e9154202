// See subject.h.
#include "tests/metamorphic/subject.h"

#include <algorithm>

#include "compaction/sample_properties.h"
#include "plugin/memtable/sample_memtable_factory.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/convenience.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/utilities/options_util.h"

namespace varve {

Subject::Subject(const Policy& policy, RandomSource* random)
    : policy_(policy),
      random_(random),
      clock_(std::make_shared<MockClock>(kTestNowMs)) {
  base_.create_if_missing = true;
  base_.paranoid_file_checks = true;
  base_.write_buffer_size = 64 << 10;
  base_.target_file_size_base = 4 << 10;
  base_.max_bytes_for_level_base = 16 << 10;
  base_.level0_file_num_compaction_trigger =
      static_cast<int>(random->Between(2, 6));
  base_.num_levels = static_cast<int>(random->Between(3, 7));
  base_.disable_auto_compactions = random->OneIn(3);
  base_.max_subcompactions = random->OneIn(3) ? 2 : 1;
  base_.compaction_style = random->OneIn(3) ? rocksdb::kCompactionStyleUniversal
                                            : rocksdb::kCompactionStyleLevel;
  base_.enable_blob_files = random->OneIn(4);
  if (!random->OneIn(4)) {
    PartTableOptions table;
    table.block_bytes = 64u << random->Below(8);
    table.index_block_bytes = 64u << random->Below(4);
    table.cache_bytes = random->OneIn(3) ? 0 : 64u << 10;
    base_.table_factory = NewPartTableFactory(table);
  }
  // Not drawn, so that a seed's sequence is the same with either.
  switch (random->seed() % 4) {
    case 0:
      break;
    case 1:
      base_.memtable_factory =
          std::make_shared<SampleMemtableFactory>(memtable::RowsBegin::kAtOnce);
      break;
    default:
      base_.memtable_factory = std::make_shared<SampleMemtableFactory>();
  }
  base_.min_blob_size = 0;
  base_.max_open_files = 100;
  base_.keep_log_file_num = 2;
  AddScheduler();
}

// Works when it is told to: see Age.
void Subject::AddScheduler() {
  std::string text = "id=VarveTierScheduler;ageing_interval=0";
  if (random_->OneIn(2)) text += ";ageing_max_delay=1d";
  if (random_->OneIn(2)) text += ";ageing_max_compaction_bytes=8192";
  std::shared_ptr<rocksdb::EventListener> listener;
  status_ = rocksdb::EventListener::CreateFromString(rocksdb::ConfigOptions(),
                                                     text, &listener);
  base_.listeners.push_back(listener);
}

Status Subject::FromString(rocksdb::Options* options) {
  const std::string policy = policy_.ToString();
  rocksdb::ConfigOptions config;
  rocksdb::ColumnFamilyOptions cf_options;
  Status status = rocksdb::GetColumnFamilyOptionsFromString(
      config, *options,
      "merge_operator={id=VarveSampleMerge;" + policy +
          "};compaction_filter_factory={id=VarveTierFilter;" + policy +
          "};sst_partitioner_factory={id=VarveTimePartitioner;" + policy + "}",
      &cf_options);
  if (!status.ok()) return status;
  *options = rocksdb::Options(*options, cf_options);
  SetClock(*options, clock_);
  return status;
}

Status Subject::FromOptionsFile(rocksdb::Options* options) {
  rocksdb::ConfigOptions config;
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const Status status =
      rocksdb::LoadLatestOptions(config, dir_.path(), &db_options, &families);
  if (!status.ok()) return status;
  *options = rocksdb::Options(db_options, families[0].options);
  SetClock(*options, clock_);
  return status;
}

Status Subject::MakeOptions(By by, rocksdb::Options* options) {
  *options = base_;
  switch (random_->Below(3)) {
    case 0:
      return FromString(options);
    case 1:
      if (created_ && by == By::kAnyWay) return FromOptionsFile(options);
      [[fallthrough]];
    default: {
      Options varve_options;
      varve_options.policy = policy_;
      varve_options.clock = clock_;
      // The next options may come from a string, without the part table.
      if (!base_.table_factory->IsInstanceOf("VarvePartTable")) {
        varve_options.file_format = FileFormat::kBlockBased;
      }
      return ConfigureColumnFamily(varve_options, options);
    }
  }
}

Status Subject::Open() { return OpenBy(By::kAnyWay); }

Status Subject::OpenWith(const Policy& policy) {
  policy_ = policy;
  return OpenBy(By::kGivenPolicy);
}

Status Subject::SetPolicy(const Policy& policy) {
  std::string changes;
  for (const std::string& field : PolicyFieldNames()) {
    if (field == "bucket" || field == "partition" || field == "window")
      continue;
    changes += field + "=" + policy.Get(field) + ";";
  }
  policy_ = policy;
  return varve::SetPolicy(db(), cf(), changes);
}

Status Subject::OpenBy(By by) {
  rocksdb::Options options;
  Status status = status_;
  if (status.ok()) status = MakeOptions(by, &options);
  if (!status.ok()) return status;
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(options, dir_.path(), &db);
  if (!status.ok()) return status;
  db_.reset(db);
  created_ = true;
  status = SampleReader::Open(db, cf(), &reader_);
  if (status.ok()) status = SampleWriter::Open(db, cf(), &writer_);
  return status;
}

void Subject::Close() {
  reader_.reset();
  writer_.reset();
  db_.reset();
}

// Everything that can be done now is done by one pass, and stays done.
Status Subject::Age(bool compactions_run) {
  Status status = AgeNow(db());
  AgeingPlan plan;
  if (status.ok()) status = PlanAgeing(db(), cf(), {}, &plan);
  if (status.ok()) status = CheckProperties();
  if (!status.ok() || plan.jobs.empty() || compactions_run) return status;
  return Status::Aborted("there is still work: " + plan.jobs[0].files[0] +
                         ": " + plan.jobs[0].why);
}

// Files whose options named no collector have none.
Status Subject::CheckProperties() {
  rocksdb::TablePropertiesCollection tables;
  Status status = db_->GetPropertiesOfAllTables(cf(), &tables);
  for (const auto& [path, table] : tables) {
    if (!status.ok()) break;
    SampleProperties properties;
    status =
        ParseSampleProperties(table->user_collected_properties, &properties);
    if (status.IsNotFound()) status = Status::OK();
  }
  return status;
}

Status Subject::Flush() { return db_->Flush(rocksdb::FlushOptions()); }

// CompactRange looks which levels there are and waits for running compactions
// only then: a file that one of them moves below those levels is left out. So
// there are none, once the first call has waited for those that ran.
Status Subject::CompactAll() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  if (db_->GetOptions(cf()).disable_auto_compactions) {
    return db_->CompactRange(options, nullptr, nullptr);
  }
  Status status = db_->SetOptions({{"disable_auto_compactions", "true"}});
  for (int i = 0; i < 2 && status.ok(); ++i) {
    status = db_->CompactRange(options, nullptr, nullptr);
  }
  return status.ok() ? db_->SetOptions({{"disable_auto_compactions", "false"}})
                     : status;
}

Status Subject::CompactSomeRange() {
  std::string begin(1, static_cast<char>(random_->Below(256)));
  std::string end(1, static_cast<char>(random_->Below(256)));
  if (begin > end) std::swap(begin, end);
  const Slice begin_slice(begin);
  const Slice end_slice(end);
  return db_->CompactRange(rocksdb::CompactRangeOptions(), &begin_slice,
                           &end_slice);
}

Status Subject::CompactSomeFiles() {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  if (files.empty()) return Status::OK();
  const int level = random_->Pick(files).level;
  std::vector<std::string> names;
  for (const auto& file : files) {
    if (file.level == level && (level == 0 || random_->OneIn(2))) {
      names.push_back(file.name);
    }
  }
  if (names.empty()) return Status::OK();
  const int last = db_->NumberLevels() - 1;
  const int output = random_->OneIn(2) ? last : std::min(level + 1, last);
  const Status status =
      db_->CompactFiles(rocksdb::CompactionOptions(), names, output);
  // Files that a background compaction has taken, or that went away.
  if (status.IsAborted() || status.IsInvalidArgument()) return Status::OK();
  return status;
}

Status Subject::CompactSomeOfLevel0(bool* compacted) {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(cf(), &metadata);
  const auto& files = metadata.levels[0].files;
  *compacted = false;
  if (files.empty()) return Status::OK();
  const uint64_t first = random_->Below(files.size());
  const uint64_t count = 1 + random_->Below(files.size() - first);
  std::vector<std::string> names;
  for (uint64_t i = first; i < first + count; ++i) {
    names.push_back(files[i].name);
  }
  const Status status =
      db_->CompactFiles(rocksdb::CompactionOptions(), names, 0);
  *compacted = status.ok();
  // Files that a background compaction has taken, or that went away.
  if (status.IsAborted() || status.IsInvalidArgument()) return Status::OK();
  return status;
}

Status Subject::WriteFile(const IngestedFile& file, std::string* path) {
  *path = dir_ / ("ingest-" + std::to_string(ingested_++) + ".sst");
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), db_->GetOptions(cf()));
  Status status = writer.Open(*path);
  if (file.begin < file.end && status.ok()) {
    status = writer.DeleteRange(file.begin, file.end);
  }
  for (const auto& [key, operand] : file.operands) {
    if (status.ok()) status = writer.Merge(key, operand);
  }
  return status.ok() ? writer.Finish() : status;
}

Status Subject::Ingest(const std::vector<IngestedFile>& files) {
  std::vector<std::string> paths(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    const Status status = WriteFile(files[i], &paths[i]);
    if (!status.ok()) return status;
  }
  return IngestFiles(db(), cf(), paths);
}

Status Subject::IngestRaw(const IngestedFile& file) {
  std::string path;
  const Status status = WriteFile(file, &path);
  return status.ok() ? db_->IngestExternalFile({path}, {}) : status;
}

}  // namespace varve
