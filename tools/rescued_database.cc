// See rescued_database.h.
#include "tools/rescued_database.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "rocksdb/convenience.h"
#include "tools/fixed_clock.h"
#include "tools/no_recovery.h"
#include "tools/options_file.h"

namespace varve::tools {
namespace {

// RocksDB's largest: no memtable is full before everything is in it.
constexpr size_t kMemtableBytes = size_t{64} << 30;

// No file of level 0 stays there: the level above the first that is in use, or
// that one, of which only what overlaps is compacted as well.
int LevelBelow(const rocksdb::ColumnFamilyMetaData& metadata, int last_level) {
  for (int level = 1; level < last_level; ++level) {
    if (!metadata.levels[level].files.empty()) return std::max(level - 1, 1);
  }
  const bool last_in_use =
      last_level > 0 && !metadata.levels[last_level].files.empty();
  return last_in_use && last_level > 1 ? last_level - 1 : last_level;
}

}  // namespace

RescuedDatabase::~RescuedDatabase() { Close().PermitUncheckedError(); }

Status RescuedDatabase::Open(const DatabaseFlags& flags,
                             std::unique_ptr<RescuedDatabase>* database) {
  database->reset(new RescuedDatabase(flags));
  RescuedDatabase* const opened = database->get();
  Status status = Database::Find(flags.dir);
  if (status.ok()) status = opened->LoadOptions();
  if (status.ok()) status = opened->SaveOptions();
  return status.ok() ? opened->OpenUnflushed() : status;
}

Status RescuedDatabase::LoadOptions() {
  OptionsFile options;
  std::error_code error;
  Status status = std::filesystem::exists(SavedOptions(), error)
                      ? OptionsFile::Load(SavedOptions(), &options)
                      : OptionsFile::LoadNewest(flags_.dir, &options);
  if (!status.ok()) return status;
  db_options_ = options.db;
  families_ = options.families;
  if (db_options_.allow_2pc) {
    return Status::NotSupported(
        flags_.dir +
            " is one of transactions (allow_2pc): RocksDB flushes it whenever "
            "it is opened",
        "a program with RocksDB 7.10 or later opens it as it is");
  }
  db_options_.error_if_exists = false;
  if (flags_.now_ms >= 0) {
    for (const auto& family : families_) {
      SetClock(family.options, std::make_shared<FixedClock>(flags_.now_ms));
    }
  }
  return status;
}

// Whole or not at all, so that what is found there can be relied upon.
Status RescuedDatabase::SaveOptions() const {
  std::error_code error;
  if (std::filesystem::exists(SavedOptions(), error)) return Status::OK();
  std::string latest;
  const Status status = rocksdb::GetLatestOptionsFileName(
      flags_.dir, rocksdb::Env::Default(), &latest);
  if (!status.ok()) return status;
  const std::string part = SavedOptions() + ".part";
  std::filesystem::copy_file(flags_.dir + "/" + latest, part,
                             std::filesystem::copy_options::overwrite_existing,
                             error);
  if (!error) std::filesystem::rename(part, SavedOptions(), error);
  return error ? Status::IOError(SavedOptions(), error.message())
               : Status::OK();
}

Status RescuedDatabase::OpenWith(
    const rocksdb::DBOptions& db_options,
    const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  rocksdb::DB* db = nullptr;
  // RocksDB's own LOG would end the process on a full disk.
  rocksdb::DBOptions options = db_options;
  options.listeners.push_back(std::make_shared<NoRecovery>());
  Status status = OpenInfoLog(flags_.dir, options, &options.info_log);
  if (status.ok()) {
    status = rocksdb::DB::Open(options, flags_.dir, families, &handles_, &db);
  }
  db_.reset(db);
  if (status.IsIOError() &&
      status.ToString().find("lock ") != std::string::npos) {
    return Status::Busy(flags_.dir + " is open in another process",
                        "stop that one: it cannot write any more");
  }
  return status;
}

Status RescuedDatabase::OpenUnflushed() {
  rocksdb::DBOptions db_options = db_options_;
  db_options.avoid_flush_during_recovery = true;
  db_options.db_write_buffer_size = 0;
  db_options.write_buffer_manager = nullptr;
  db_options.listeners.clear();
  std::vector<rocksdb::ColumnFamilyDescriptor> families = families_;
  for (auto& family : families) {
    family.options.write_buffer_size = kMemtableBytes;
    family.options.memtable_prefix_bloom_size_ratio = 0;  // of that size
    family.options.disable_auto_compactions = true;
  }
  return OpenWith(db_options, families);
}

Status RescuedDatabase::Lift(rocksdb::ColumnFamilyHandle* family,
                             LiftedFamily* lifted) {
  lifted->name = family->GetName();
  db_->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeActiveMemTable,
                      &lifted->memtable_bytes);
  uint64_t entries = 0;
  db_->GetIntProperty(
      family, rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries);
  if (entries == 0) lifted->memtable_bytes = 0;
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(family, &metadata);
  std::vector<std::string> names;
  for (const auto& file : metadata.levels[0].files) {
    names.push_back(file.name);
    lifted->bytes += file.size;
  }
  lifted->files = names.size();
  if (names.empty()) return Status::OK();
  lifted->level =
      LevelBelow(metadata, db_->NumberLevels(family) -
                               (db_options_.allow_ingest_behind ? 2 : 1));
  rocksdb::CompactionOptions options;
  options.compression = rocksdb::kDisableCompressionOption;  // the level's own
  if (lifted->level > 0) {
    options.output_file_size_limit =
        db_->GetOptions(family).target_file_size_base;
  }
  return db_->CompactFiles(options, family, names, lifted->level, 0);
}

Status RescuedDatabase::Rescue(std::vector<LiftedFamily>* families) {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    families->emplace_back();
    const Status status = Lift(handle, &families->back());
    if (!status.ok()) return status;
  }
  return db_->Flush(rocksdb::FlushOptions(), handles_);
}

Status RescuedDatabase::Prove() {
  Status status = Close();
  if (status.ok()) status = OpenWith(db_options_, families_);
  if (status.ok()) status = db_->Flush(rocksdb::FlushOptions(), handles_);
  const Status closed = Close();
  if (status.ok()) status = closed;
  if (!status.ok()) return status;
  std::error_code error;
  std::filesystem::remove(SavedOptions(), error);
  return error ? Status::IOError(SavedOptions(), error.message()) : status;
}

Status RescuedDatabase::Close() {
  Status status;
  if (db_ == nullptr) return status;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    const Status destroyed = db_->DestroyColumnFamilyHandle(handle);
    if (status.ok()) status = destroyed;
  }
  handles_.clear();
  const Status closed = db_->Close();
  if (status.ok()) status = closed;
  db_.reset();
  return status;
}

}  // namespace varve::tools
