// See tier_scheduler.h.
#include "plugin/ageing/tier_scheduler.h"

#include <algorithm>
#include <string>
#include <vector>

#include "compaction/job_counters.h"
#include "compaction/sample_properties.h"
#include "plugin/host/column_family_handles.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/first_sequence.h"
#include "rocksdb/db.h"
#include "varve/policy.h"

namespace varve {
namespace {

// Jobs that never report their end (a failed flush) must not pile up.
constexpr size_t kJobsMax = 256;

void WriteLine(rocksdb::DB* db, const std::string& line) {
  const std::shared_ptr<rocksdb::Logger> log = db->GetDBOptions().info_log;
  if (log != nullptr) rocksdb::Info(log, "Varve: %s", line.c_str());
}

std::string JobText(const char* kind, const std::string& cf_name, int job_id) {
  return "[" + cf_name + "] " + kind + " job " + std::to_string(job_id) + ": ";
}

std::string CountersText(const Counters& counters) {
  return counters.empty() ? "nothing changed" : counters.ToString();
}

// What some files of a compaction hold, by their properties.
struct FileSamples {
  size_t files = 0;
  uint64_t samples = 0;
  int64_t now_ms = INT64_MIN;  // the latest clock that wrote any

  std::string ToString() const {
    return std::to_string(samples) + " samples in " + std::to_string(files) +
           (files == 1 ? " file" : " files");
  }
};

FileSamples SamplesOf(const rocksdb::CompactionJobInfo& info,
                      const std::vector<std::string>& files) {
  FileSamples result;
  result.files = files.size();
  for (const std::string& file : files) {
    const auto found = info.table_properties.find(file);
    SampleProperties properties;
    if (found != info.table_properties.end() && found->second != nullptr &&
        ParseSampleProperties(found->second->user_collected_properties,
                              &properties)
            .ok()) {
      result.samples += properties.samples;
      result.now_ms = std::max(result.now_ms, properties.now_ms);
    }
  }
  return result;
}

}  // namespace

TierScheduler::TierScheduler() {
  RegisterOptions(&ageing_, &AgeingOptionsInfo());
}

// From RocksDB's own threads as well, which must not wait for a stall of
// writes to end. Where that does not work now, the next callback tries again;
// a database that is closing takes no more writes and may hold its mutex.
void TierScheduler::RaiseSequence(rocksdb::DB* root) {
  NoThrow([&]() -> Status {
    if (IsClosing(root)) return Status::OK();
    rocksdb::WriteOptions options;
    options.no_slowdown = true;
    return RaiseFirstSequence(options, root, root->DefaultColumnFamily());
  }).PermitUncheckedError();
}

std::shared_ptr<AgeingWorker> TierScheduler::Attach(rocksdb::DB* root) {
  RaiseSequence(root);
  std::shared_ptr<AgeingWorker> result;
  const Status status = NoThrow([&] {
    bool made = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      const auto there = workers_.find(root);
      if (there != workers_.end()) {
        result = there->second;
      } else {
        // Under the lock: the callback that ends the worker of a closing
        // database comes after this is so, and has to take it as well.
        if (IsClosing(root)) return Status::OK();
        result = std::make_shared<AgeingWorker>(root, ageing_);
        workers_.emplace(root, result);
        made = true;
      }
      result->Start();
    }
    if (made) result->MeetFamilies();
    return Status::OK();
  });
  if (!status.ok()) {
    WriteLine(root, "ageing does not run: " + status.ToString());
  }
  return result;
}

std::shared_ptr<AgeingWorker> TierScheduler::Find(rocksdb::DB* root) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto there = workers_.find(root);
  return there == workers_.end() ? nullptr : there->second;
}

// RocksDB deletes its own handle of the default column family while it
// closes, when its background work has ended and its mutex is free; a user
// may delete others at any time.
void TierScheduler::OnColumnFamilyHandleDeletionStarted(
    rocksdb::ColumnFamilyHandle* handle) {
  rocksdb::DB* root = nullptr;
  std::shared_ptr<AgeingWorker> worker;
  if (IsDropped(handle)) LetGoOf(handle);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto at = workers_.begin(); at != workers_.end(); ++at) {
      if (at->second->default_handle() != handle) continue;
      root = at->first;
      worker = at->second;
      workers_.erase(at);
      break;
    }
  }
  if (worker == nullptr) return;
  NoThrow([&] {
    worker->Stop();
    WaitForPurges(root);
    return Status::OK();
  }).PermitUncheckedError();
}

// The files of a dropped column family go with the last handle.
void TierScheduler::LetGoOf(const rocksdb::ColumnFamilyHandle* dropped) {
  std::vector<std::shared_ptr<AgeingWorker>> workers;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& worker : workers_) workers.push_back(worker.second);
  }
  for (const auto& worker : workers) worker->LetGoOf(dropped);
}

// RocksDB has ended its jobs by now; the lock says so to race detectors that
// do not see into RocksDB.
TierScheduler::~TierScheduler() {
  std::lock_guard<std::mutex> lock(mutex_);
  jobs_.clear();
}

std::shared_ptr<AtomicCounters> TierScheduler::Begin(int job_id) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<AtomicCounters>& job = jobs_[job_id];
  if (job == nullptr) job = std::make_shared<AtomicCounters>();
  const std::shared_ptr<AtomicCounters> result = job;
  if (jobs_.size() > kJobsMax) jobs_.erase(jobs_.begin());
  return result;
}

Counters TierScheduler::End(int job_id) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto job = jobs_.find(job_id);
  if (job == jobs_.end()) return Counters();
  const Counters counters = job->second->Read();
  jobs_.erase(job);
  return counters;
}

// An atomic flush of several column families is one job: its first line has
// what was done to all of them.
void TierScheduler::OnFlushBegin(rocksdb::DB* db,
                                 const rocksdb::FlushJobInfo& info) {
  Attach(db);
  JobCounters::Enter(Begin(info.job_id));
}

void TierScheduler::OnFlushCompleted(rocksdb::DB* db,
                                     const rocksdb::FlushJobInfo& info) {
  JobCounters::Enter(nullptr);
  const Counters counters = End(info.job_id);
  SampleProperties properties;
  const bool ours =
      ParseSampleProperties(info.table_properties.user_collected_properties,
                            &properties)
          .ok() &&
      properties.samples > 0;
  if (!ours && counters.empty()) return;
  WriteLine(db, JobText("flush", info.cf_name, info.job_id) +
                    std::to_string(properties.samples) + " samples in " +
                    std::to_string(properties.rows) + " rows; " +
                    CountersText(counters));
}

void TierScheduler::OnCompactionBegin(rocksdb::DB* db,
                                      const rocksdb::CompactionJobInfo& info) {
  Attach(db);
  Begin(info.job_id);
}

// A filter adds its counters when it is destroyed, on this thread but after
// OnSubcompactionCompleted: the thread leaves the job when the compaction is
// completed, or ends.
void TierScheduler::OnSubcompactionBegin(
    const rocksdb::SubcompactionJobInfo& info) {
  if (JobCounters::Entered()) return;  // an ageing job, on its own thread
  std::shared_ptr<AtomicCounters> job;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto at = jobs_.find(info.job_id);
    if (at != jobs_.end()) job = at->second;  // none in CompactFiles
  }
  JobCounters::Enter(job);
}

void TierScheduler::OnCompactionCompleted(
    rocksdb::DB* db, const rocksdb::CompactionJobInfo& info) {
  JobCounters::Enter(nullptr);
  const Counters counters = End(info.job_id);
  const FileSamples in = SamplesOf(info, info.input_files);
  const FileSamples out = SamplesOf(info, info.output_files);
  if (in.samples == 0 && out.samples == 0 && counters.empty()) return;
  WriteLine(db, JobText("compaction", info.cf_name, info.job_id) +
                    in.ToString() + " into " + out.ToString() + " at level " +
                    std::to_string(info.output_level) + "; " +
                    CountersText(counters));
  if (out.samples > 0 && in.now_ms > out.now_ms + Policy().safety_lag_ms) {
    WriteLine(db, JobText("compaction", info.cf_name, info.job_id) +
                      "the clock is " + FormatDuration(in.now_ms - out.now_ms) +
                      " behind the one that wrote the files read");
  }
}

void TierScheduler::OnExternalFileIngested(
    rocksdb::DB* db, const rocksdb::ExternalFileIngestionInfo& /*info*/) {
  RaiseSequence(db);
}

}  // namespace varve
