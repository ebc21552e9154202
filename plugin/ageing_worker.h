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

#include "compaction/ageing_report.h"
#include "compaction/live_policy.h"
#include "plugin/ageing_files.h"
#include "plugin/ageing_options.h"
#include "plugin/open_family.h"
#include "rocksdb/db.h"

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

  // Does what is due now. *jobs: how many were done.
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
  struct Retry {
    uint32_t cf_id = 0;
    int failures = 0;
    int64_t not_before_ms = 0;
    std::string why;
  };

  void Loop();
  // Whether Stop has been called, or the database is closing and will do so.
  bool Stopping() const;
  // False when the wait was cut short by Stop.
  bool WaitFor(int64_t ms);
  rocksdb::Status PassFamily(rocksdb::ColumnFamilyHandle* cf, bool paced,
                             size_t* jobs);
  rocksdb::Status Plan(const Family& family, AgeingPlan* plan);
  void SetAside(AgeingInput* input) const;
  void ForgetAllBut(
      const std::vector<std::unique_ptr<rocksdb::ColumnFamilyHandle>>& open);
  void SayWhatAChangeLost(const Family& family);
  bool WritesStall();

  rocksdb::Status Drop(const Family& family, const AgeingJob& job);
  rocksdb::Status Rewrite(const Family& family, const AgeingJob& job);
  rocksdb::Status CheckSpace(const Family& family, const AgeingJob& job) const;
  rocksdb::Status Verify(const Family& family, const AgeingJob& job);
  rocksdb::Status Compact(const Family& family, const AgeingJob& job,
                          rocksdb::CompactionJobInfo* info);
  void Failed(const Family& family, const AgeingJob& job,
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
  std::map<std::string, Retry> retries_;          // by a file's name
  std::map<std::string, std::string> bad_files_;  // and why
  std::thread thread_;
};

}  // namespace varve
