// What AgeingWorker does to files: drops them, or has RocksDB compact them in
// place.
#include <algorithm>
#include <memory>
#include <utility>

#include "compaction/ageing_mark.h"
#include "compaction/job_counters.h"
#include "plugin/ageing/ageing_family.h"
#include "plugin/host/file_drop.h"
#include "plugin/host/status_text.h"
#include "rocksdb/sst_file_reader.h"

namespace varve {

using rocksdb::DB;

namespace {

constexpr int64_t kRetryFirstMs = 60 * kMillisPerSecond;
constexpr int kRetryDoublings = 6;  // up to about an hour

std::string FilesText(const AgeingJob& job) {
  std::string text = std::to_string(job.files.size()) +
                     (job.files.size() == 1 ? " file (" : " files (");
  text += std::to_string(job.bytes) + " bytes) at level " +
          std::to_string(job.level);
  return text;
}

const rocksdb::SstFileMetaData* FindFile(
    const rocksdb::ColumnFamilyMetaData& metadata, const std::string& name) {
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      if (file.name == name) return &file;
    }
  }
  return nullptr;
}

// The calling thread's merges and filters count for one job.
class JobOfThread {
 public:
  JobOfThread() : counters_(std::make_shared<AtomicCounters>()) {
    JobCounters::Enter(counters_);
  }
  ~JobOfThread() { JobCounters::Enter(nullptr); }
  Counters Read() const { return counters_->Read(); }

 private:
  const std::shared_ptr<AtomicCounters> counters_;
};

// What RocksDB itself cuts files of a level at.
uint64_t FileBytesAt(DB* db, rocksdb::ColumnFamilyHandle* cf,
                     const rocksdb::Options& options, int level) {
  if (level == 0) return UINT64_MAX;
  uint64_t bytes = options.target_file_size_base;
  std::string base;
  int64_t first = 1;
  if (db->GetProperty(cf, DB::Properties::kBaseLevel, &base)) {
    first = std::max<int64_t>(std::strtoll(base.c_str(), nullptr, 10), 1);
  }
  for (int64_t l = first; l < level; ++l) {
    const auto factor =
        static_cast<uint64_t>(std::max(options.target_file_size_multiplier, 1));
    if (bytes > UINT64_MAX / factor) return UINT64_MAX;
    bytes *= factor;
  }
  return bytes;
}

// The index of the folder that a file lies in.
int PathId(const rocksdb::Options& options, const std::string& folder) {
  const auto& paths =
      options.cf_paths.empty() ? options.db_paths : options.cf_paths;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].path == folder) return static_cast<int>(i);
  }
  return 0;
}

}  // namespace

void AgeingWorker::Say(const Family& family, const std::string& text,
                       bool warning) const {
  const auto& log = family.options.info_log;
  if (log == nullptr) return;
  const std::string line =
      "Varve: ageing [" + family.cf->GetName() + "]: " + text;
  if (warning) {
    rocksdb::Warn(log, "%s", line.c_str());
  } else {
    rocksdb::Info(log, "%s", line.c_str());
  }
}

// The first failure of a file is in the LOG; later ones are counted.
Status AgeingWorker::Failed(const Family& family, const AgeingJob& job,
                            const Status& status) {
  const int64_t now_ms = family.SteadyMs();
  const std::string what =
      FilesText(job) + " not " +
      (job.action == AgeingAction::kDrop ? "dropped" : "rewritten");
  bool said = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++counters_.failures;
    for (const std::string& name : job.files) {
      Retry& retry = retries_[name];
      said |= retry.failures > 0;
      retry.cf_id = family.cf->GetID();
      retry.pass = counters_.passes;
      retry.why = status.ToString();
      retry.failed_at_ms = now_ms;
      retry.wait_ms = kRetryFirstMs
                      << std::min(retry.failures, kRetryDoublings);
      ++retry.failures;
    }
  }
  if (!said) {
    Say(family, what + ", to be tried again: " + status.ToString(),
        /*warning=*/!status.IsAborted() && !status.IsBusy());
  }
  return WithText(status, "; " + what);
}

// A compaction of RocksDB's that has a job's files does the job's work, or
// makes other files of them: the next plan sees which.
Status AgeingWorker::Taken(const Family& family, const AgeingJob& job,
                           const std::string& why) const {
  Say(family, FilesText(job) + " not touched, planned anew: " + why,
      /*warning=*/false);
  return Status::TryAgain(why);
}

// ------------------------------------------------------------------- drops

Status AgeingWorker::Drop(const Family& family, const AgeingJob& job) {
  const std::string& name = job.files.front();
  uint64_t samples = 0;
  for (const AgeingFileReport& file : family.plan->files) {
    if (file.name == name) samples = file.samples;
  }
  const Status status = DropFile(db_, family.cf, name);
  if (status.IsColumnFamilyDropped()) return status;
  if (status.IsAborted() || status.IsBusy()) {
    return Taken(family, job, status.getState());
  }
  if (!status.ok()) return Failed(family, job, status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++counters_.drops;
    counters_.dropped_bytes += job.bytes;
    counters_.dropped_samples += samples;
  }
  Say(family,
      "dropped " + name + ", " + FilesText(job) + ", " +
          std::to_string(samples) + " samples: " + job.why,
      /*warning=*/false);
  return status;
}

// ---------------------------------------------------------------- rewrites

// A compaction that meets a damaged file sets RocksDB's background error,
// which stops the database: look first.
Status AgeingWorker::Verify(const Family& family, const AgeingJob& job) {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(family.cf, &metadata);
  for (const std::string& name : job.files) {
    const rocksdb::SstFileMetaData* const file = FindFile(metadata, name);
    if (file == nullptr) return Status::TryAgain(name + " has gone");
    if (Stopping()) return Status::ShutdownInProgress();
    rocksdb::SstFileReader reader(family.options);
    Status status = reader.Open(file->db_path + file->name);
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    if (status.ok()) status = reader.VerifyChecksum(read);
    std::unique_lock<std::mutex> lock(mutex_);
    counters_.verified_bytes += file->size;
    if (status.ok()) continue;
    if (!status.IsCorruption()) return status;
    ++counters_.set_aside;
    bad_files_[name] = {status, counters_.passes};
    lock.unlock();
    Say(family,
        name + " is damaged and not rewritten: " + status.ToString() +
            " (restore it from a backup; until then its samples do not age)",
        /*warning=*/true);
    return status;
  }
  return Status::OK();
}

// A compaction that runs out of space sets the background error as well. What
// waits to be flushed goes first.
Status AgeingWorker::CheckSpace(const Family& family,
                                const AgeingJob& job) const {
  const rocksdb::Options& options = family.options;
  const uint64_t memtables =
      options.write_buffer_size *
      static_cast<uint64_t>(std::max(options.max_write_buffer_number, 1));
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(family.cf, &metadata);
  const rocksdb::SstFileMetaData* const first =
      FindFile(metadata, job.files.front());
  if (first == nullptr)
    return Status::TryAgain(job.files.front() + " has gone");
  uint64_t free = 0;
  if (!options.env->GetFreeSpace(first->db_path, &free).ok() ||
      free >= job.bytes + memtables) {
    return Status::OK();
  }
  return Status::NoSpace(
      std::to_string(free) + " bytes are free in " + first->db_path,
      std::to_string(job.bytes) + " are wanted, and " +
          std::to_string(memtables) + " for memtables");
}

Status AgeingWorker::Compact(const Family& family, const AgeingJob& job,
                             rocksdb::CompactionJobInfo* info) {
  rocksdb::ColumnFamilyMetaData metadata;
  db_->GetColumnFamilyMetaData(family.cf, &metadata);
  const rocksdb::SstFileMetaData* const first =
      FindFile(metadata, job.files.front());
  if (first == nullptr)
    return Status::TryAgain(job.files.front() + " has gone");
  rocksdb::CompactionOptions options;
  options.compression = rocksdb::kDisableCompressionOption;  // the level's own
  options.output_file_size_limit =
      FileBytesAt(db_, family.cf, family.options, job.level);
  options.max_subcompactions = 1;  // this thread, which the mark is of
  return db_->CompactFiles(options, family.cf, job.files, job.level,
                           PathId(family.options, first->db_path), nullptr,
                           info);
}

// A rewrite that was none. A file may have gone at any moment, and RocksDB has
// many ways to say so.
Status AgeingWorker::Ended(const Family& family, const AgeingJob& job,
                           const Status& status) {
  if (status.IsShutdownInProgress() || status.IsColumnFamilyDropped()) {
    return status;
  }
  for (const std::string& name : job.files) {
    const FileState state = StateOf(db_, family.cf, name);
    if (state == FileState::kThere) continue;
    return Taken(
        family, job,
        name + (state == FileState::kGone ? " has gone"
                                          : " is taken by a compaction"));
  }
  return Failed(family, job, status);
}

Status AgeingWorker::Rewrite(const Family& family, const AgeingJob& job) {
  Status status = CheckSpace(family, job);
  if (status.ok()) status = Verify(family, job);
  if (status.IsCorruption()) return status;
  const Policy& policy = family.policy();
  const bool snapshots_matter =
      std::any_of(family.plan->files.begin(), family.plan->files.end(),
                  [&](const AgeingFileReport& file) {
                    return file.merge_operands > 0 &&
                           std::find(job.files.begin(), job.files.end(),
                                     file.name) != job.files.end();
                  });
  rocksdb::CompactionJobInfo info;
  Counters counters;
  if (status.ok()) {
    const JobOfThread thread_job;
    const AgeingMark mark(
        ReachesAt(policy, PhysicalTime(policy, family.plan->now_ms)), [&] {
          uint64_t snapshots = 0;
          db_->GetIntProperty(DB::Properties::kNumSnapshots, &snapshots);
          return (snapshots == 0 || !snapshots_matter) &&
                 &family.policy() == &policy && policy == family.plan->policy &&
                 family.NowMs() >= family.plan->now_ms;
        });
    status = Compact(family, job, &info);
    counters = thread_job.Read();
  }
  if (!status.ok()) return Ended(family, job, status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const std::string& name : job.files) retries_.erase(name);
    ++counters_.rewrites;
    counters_.rewritten_files += info.stats.num_input_files;
    counters_.rewritten_bytes_in += info.stats.total_input_bytes;
    counters_.rewritten_bytes_out += info.stats.total_output_bytes;
  }
  Say(family,
      "rewrote " + FilesText(job) + " into " +
          std::to_string(info.output_files.size()) + " (" +
          std::to_string(info.stats.total_output_bytes) +
          " bytes): " + job.why + "; " +
          (counters.empty() ? "nothing changed" : counters.ToString()),
      /*warning=*/false);
  return status;
}

}  // namespace varve
