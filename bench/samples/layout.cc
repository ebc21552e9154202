#include "bench/samples/layout.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/options_util.h"
#include "tools/no_recovery.h"
#include "tools/silent_logger.h"

namespace varve::bench {
namespace {

constexpr uint64_t kFileBytesMax = 64 << 20;

class SortedFiles : public tools::SampleSink {
 public:
  SortedFiles(rocksdb::DB* db, WriteSeries write_series)
      : db_(db), write_series_(std::move(write_series)) {}

  Status Add(const std::string& series, const Sample* samples,
             size_t count) override {
    std::vector<Sample>& held = samples_[series];
    held.insert(held.end(), samples, samples + count);
    return Status::OK();
  }

  Status Finish() override {
    std::vector<std::string> paths;
    for (auto it = samples_.begin(); it != samples_.end();) {
      rocksdb::SstFileWriter file(rocksdb::EnvOptions(), db_->GetOptions());
      paths.push_back(db_->GetName() + "/bulk-" + std::to_string(paths.size()));
      Status status = file.Open(paths.back());
      while (status.ok() && it != samples_.end() &&
             file.FileSize() < kFileBytesMax) {
        status = write_series_(it->first, &it->second, &file);
        std::vector<Sample>().swap(it->second);
        ++it;
      }
      if (status.ok()) status = file.Finish();
      if (!status.ok()) return status;
    }
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.write_global_seqno = false;
    return db_->IngestExternalFile(paths, options);
  }

 private:
  rocksdb::DB* const db_;
  const WriteSeries write_series_;
  std::map<std::string, std::vector<Sample>> samples_;
};

// Lies in databases that a bench has made, and holds the layout's name.
constexpr const char* kMarker = "/VARVE_BENCH";

// Another layout's rows would not be found, or not be read.
Status CheckSameLayout(const std::string& dir, const std::string& name) {
  std::string filled_by;
  std::ifstream(dir + kMarker) >> filled_by;
  if (filled_by.empty() || filled_by == name) return Status::OK();
  return Status::InvalidArgument(
      dir + " was filled by --layout=" + filled_by + ", not " + name,
      "give that one, or leave --use_existing_db away");
}

Status DestroyOwn(const std::string& dir, rocksdb::Options options) {
  const bool holds_one = std::filesystem::exists(dir + "/CURRENT");
  if (holds_one && !std::filesystem::exists(dir + kMarker)) {
    return Status::InvalidArgument(
        dir + " holds a database that no bench has made",
        "name another directory by --db, or --use_existing_db");
  }
  std::error_code error;
  if (!std::filesystem::exists(dir, error)) return Status::OK();
  // It would make a LOG there, which a full disk ends the process by.
  options.info_log = std::make_shared<tools::SilentLogger>();
  return rocksdb::DestroyDB(dir, options);
}

}  // namespace

std::unique_ptr<tools::SampleSink> NewSortedFiles(rocksdb::DB* db,
                                                  WriteSeries write_series) {
  return std::make_unique<SortedFiles>(db, std::move(write_series));
}

Layout::~Layout() = default;

Status Layout::Open(const std::string& name, const LayoutOptions& options,
                    std::unique_ptr<Layout>* layout) {
  if (name == "varve") *layout = NewVarveLayout(options);
  if (name == "rows") *layout = NewRowsLayout(options);
  if (name == "chunks") *layout = NewChunksLayout(options);
  if (*layout == nullptr) {
    return Status::InvalidArgument("--layout is varve, rows or chunks, not " +
                                   name);
  }
  (*layout)->name_ = name;
  return (*layout)->OpenDatabase(options.use_existing_db ? Present::kKeep
                                                         : Present::kDestroy);
}

Status Layout::StartFresh() {
  BeforeClose();
  db_.reset();
  return OpenDatabase(Present::kDestroy);
}

// As db_bench: an options file is all there is but for the block cache.
Status Layout::ReadOptions(rocksdb::Options* options) const {
  std::shared_ptr<rocksdb::Cache> cache;
  if (options_.cache_bytes > 0) {
    cache = rocksdb::NewLRUCache(options_.cache_bytes);
  }
  if (options_.options_file.empty()) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.no_block_cache = cache == nullptr;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options->compression = options_.compression;
    return Status::OK();
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::DBOptions db_options;
  const Status status = rocksdb::LoadOptionsFromFile(
      rocksdb::ConfigOptions(), options_.options_file, &db_options, &families);
  if (!status.ok()) return status;
  *options = rocksdb::Options(db_options, families[0].options);
  // Places of the database that they were written for: what lies there would
  // be destroyed as this one's.
  options->wal_dir.clear();
  options->db_log_dir.clear();
  if (options_.compression_is_given) {
    options->compression = options_.compression;
  }
  auto* const table =
      options->table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (table != nullptr) {
    table->block_cache = cache;
    table->no_block_cache = cache == nullptr;
  }
  return Status::OK();
}

Status Layout::OpenDatabase(Present present) {
  rocksdb::Options options;
  Status status = ReadOptions(&options);
  if (!status.ok()) return status;
  options.create_if_missing = present == Present::kDestroy;
  if (statistics_ == nullptr) statistics_ = rocksdb::CreateDBStatistics();
  options.statistics = statistics_;
  if (clock_ == nullptr) clock_ = std::make_shared<MockClock>(0);
  status = Configure(&options);
  if (status.ok()) {
    status = present == Present::kDestroy
                 ? DestroyOwn(options_.dir, options)
                 : CheckSameLayout(options_.dir, name_);
  }
  // RocksDB's own would end the process on a full disk.
  if (status.ok()) {
    status = OpenInfoLog(options_.dir, options, &options.info_log);
  }
  if (!status.ok()) return status;
  options.listeners.push_back(std::make_shared<tools::NoRecovery>());
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(options, options_.dir, &db);
  db_.reset(db);
  if (status.ok() && present == Present::kDestroy) {
    status = rocksdb::WriteStringToFile(options.env, name_ + "\n",
                                        options_.dir + kMarker);
  }
  return status.ok() ? AfterOpen() : status;
}

Status Layout::Write(rocksdb::WriteBatch* batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = options_.disable_wal;
  const Status status = db_->Write(options, batch);
  batch->Clear();
  return status;
}

Status Layout::Flush() { return db_->Flush(rocksdb::FlushOptions()); }

Status Layout::CompactAll() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  return db_->CompactRange(options, nullptr, nullptr);
}

// Pausing waits for what has been scheduled; what that leads to is scheduled
// when it ends. (What RocksDB calls pending may be nothing: universal
// compaction looks again and again where many runs are and none are merged.)
Status Layout::WaitForBackground() {
  uint64_t version = 0;
  for (int idle = 0; idle < 3;) {
    Status status = db_->PauseBackgroundWork();
    if (status.ok()) status = db_->ContinueBackgroundWork();
    uint64_t errors = 0;
    db_->GetIntProperty("rocksdb.background-errors", &errors);
    if (status.ok() && errors > 0) status = Flush();  // says which
    if (!status.ok()) return status;
    uint64_t flushes = 0, now = 0;
    db_->GetIntProperty("rocksdb.mem-table-flush-pending", &flushes);
    db_->GetIntProperty("rocksdb.current-super-version-number", &now);
    idle = flushes == 0 && now == version ? idle + 1 : 0;
    version = now;
  }
  return Status::OK();
}

uint64_t Layout::SstBytes() const {
  uint64_t bytes = 0;
  db_->GetIntProperty("rocksdb.live-sst-files-size", &bytes);
  return bytes;
}

}  // namespace varve::bench
