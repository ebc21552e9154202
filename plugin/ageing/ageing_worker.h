// Ageing of one open database: plans, drops and rewrites, column family by
// column family. Keeps no state that a restart would miss: what it remembers
// are properties of files that never change, which files failed their
// checksums, and how long to leave alone what did not work.
//
// Run by the scheduler's thread, or by AgeNow on the caller's.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "compaction/live_policy.h"
#include "plugin/ageing/ageing_files.h"
#include "plugin/ageing/ageing_options.h"
#include "plugin/host/open_family.h"
#include "rocksdb/db.h"
#include "varve/ageing_report.h"

namespace varve {

class AgeingWorker {
 public:
  // Starts nothing. `root` is the database's own object, not a wrapper.
  AgeingWorker(rocksdb::DB* root, const AgeingOptions& options);
  ~AgeingWorker() { Stop(); }

  // Starts the thread, unless there is one or ageing_interval is 0.
  void Start();
  // Ends the work under way as soon as RocksDB lets it, also that of AgeNow in
  // another thread, and joins the thread. The database must still be there.
  // Not started again afterwards: the database is not touched any more.
  void Stop();

  // Makes the database's column families known to their policy objects, those
  // that are not yet. The database must be open.
  void MeetFamilies();
  // A handle of this column family, which has been dropped, is given back.
  void LetGoOf(const rocksdb::ColumnFamilyHandle* dropped);

  // Does what is due now. *jobs: how many were done. A pass that is not paced
  // does not wait: not for ageing_rate, nor for stalled writes, nor for the
  // time of what failed before. Not OK: what was due and could not be done,
  // with the first reason.
  rocksdb::Status Pass(bool paced, size_t* jobs);

  // Fills in what PlanAgeing needs to know of the files, from what the worker
  // remembers as far as it does: also while a pass runs. The database must be
  // open.
  rocksdb::Status ReadFiles(rocksdb::ColumnFamilyHandle* cf,
                            const rocksdb::Options& options,
                            AgeingInput* input);

  AgeingStatus status() const;
  const rocksdb::ColumnFamilyHandle* default_handle() const {
    return default_handle_;
  }

 private:
  struct Family;  // a column family at work
  // Times are SteadyMs: a clock that was set wrong when something failed, and
  // is put right, must not be waited for.
  struct Retry {
    uint32_t cf_id = 0;
    int failures = 0;
    uint64_t pass = 0;  // the last that failed
    int64_t failed_at_ms = 0;
    int64_t wait_ms = 0;
    std::string why;
  };
  struct BadFile {  // fails its checksums
    rocksdb::Status why;
    uint64_t pass = 0;  // the pass that found it
  };
  // What a plan leaves alone of what has failed: until its time has come, or
  // only if it was in this very pass.
  enum class Retries { kInTime, kAtOnce };
  // Jobs that could not be done.
  struct Failures {
    rocksdb::Status first;
    size_t count = 0;

    void Add(const rocksdb::Status& status) {
      if (count++ == 0) first = status;
    }
    void Add(const Failures& others) {
      if (count == 0) first = others.first;
      count += others.count;
    }
  };

  void Loop();
  // Whether Stop has been called, or the database is closing and will do so.
  bool Stopping() const;
  // False when the wait was cut short by Stop.
  bool WaitFor(int64_t ms);
  void PassFamily(rocksdb::ColumnFamilyHandle* cf, bool paced, size_t* jobs,
                  Failures* failures);
  void Pause(const AgeingJob& job);
  // *left: what is set aside although it is due, or cannot be read.
  rocksdb::Status Plan(const Family& family, Retries retries, AgeingPlan* plan,
                       Failures* left);
  rocksdb::Status ReadFiles(rocksdb::ColumnFamilyHandle* cf,
                            const rocksdb::Options& options, Retries retries,
                            AgeingInput* input,
                            AgeingFiles::Faults* unreadable);
  void SetAside(int64_t steady_ms, Retries retries, AgeingInput* input) const;
  void CountSetAside(const AgeingPlan& plan,
                     const AgeingFiles::Faults& unreadable,
                     Failures* left) const;
  void ForgetAllBut(
      const std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>>& open);
  void SayWhatAChangeLost(const Family& family);
  bool WritesStall();

  // TryAgain: files of the job have gone or are taken, which is not a failure.
  rocksdb::Status Drop(const Family& family, const AgeingJob& job);
  rocksdb::Status Rewrite(const Family& family, const AgeingJob& job);
  rocksdb::Status CheckSpace(const Family& family, const AgeingJob& job) const;
  rocksdb::Status Verify(const Family& family, const AgeingJob& job);
  rocksdb::Status Compact(const Family& family, const AgeingJob& job,
                          rocksdb::CompactionJobInfo* info);
  // These answer what the pass is told: TryAgain, or a failure with the job in
  // its text.
  rocksdb::Status Taken(const Family& family, const AgeingJob& job,
                        const std::string& why) const;
  rocksdb::Status Ended(const Family& family, const AgeingJob& job,
                        const rocksdb::Status& status);
  rocksdb::Status Failed(const Family& family, const AgeingJob& job,
                         const rocksdb::Status& status);
  void Say(const Family& family, const std::string& text, bool warning) const;

  rocksdb::DB* const db_;
  const AgeingOptions options_;
  const rocksdb::ColumnFamilyHandle* const default_handle_;

  std::mutex pass_mutex_;                // one pass at a time; guards:
  std::map<uint32_t, Policy> policies_;  // last seen, by column family

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  AgeingCounters counters_;
  std::map<uint32_t, std::shared_ptr<AgeingFiles>> files_;  // by column family
  std::map<uint32_t, std::shared_ptr<OpenFamily>> families_;  // the same
  std::map<std::string, Retry> retries_;      // by a file's name
  std::map<std::string, BadFile> bad_files_;  // as well
  std::thread thread_;
};

}  // namespace varve
