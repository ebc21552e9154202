// See file_drop.h.
#include "plugin/host/file_drop.h"

#include <memory>
#include <vector>

#include "plugin/host/column_family_handles.h"
#include "plugin/host/manifest_edit.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyData;
using rocksdb::Compaction;
using rocksdb::DBImpl;
using rocksdb::FileMetaData;
using rocksdb::Status;

// Names what RocksDB keeps for classes derived from its own; never made.
struct JobNumbers : DBImpl {
  static int NextJob(DBImpl* db) {
    return (db->*&JobNumbers::next_job_id_).fetch_add(1);
  }
};

// What it keeps for itself: C++ lets an explicit instantiation name that.
template <typename Name, typename Name::Type kMember>
struct Opened {
  friend typename Name::Type MemberOf(Name) { return kMember; }
};
struct RunningCompactions {
  using Type = int DBImpl::*;
  friend Type MemberOf(RunningCompactions);
};
template struct Opened<RunningCompactions, &DBImpl::bg_compaction_scheduled_>;
struct Waiting {
  using Type = rocksdb::InstrumentedCondVar DBImpl::*;
  friend Type MemberOf(Waiting);
};
template struct Opened<Waiting, &DBImpl::bg_cv_>;
struct WantCompaction {
  using Type = void (DBImpl::*)(ColumnFamilyData*);
  friend Type MemberOf(WantCompaction);
};
#if VARVE_ROCKSDB_AT_LEAST(9, 7)
template struct Opened<WantCompaction, &DBImpl::EnqueuePendingCompaction>;
#else
template struct Opened<WantCompaction, &DBImpl::SchedulePendingCompaction>;
#endif
struct ScheduleWork {
  using Type = void (DBImpl::*)();
  friend Type MemberOf(ScheduleWork);
};
template struct Opened<ScheduleWork, &DBImpl::MaybeScheduleFlushOrCompaction>;

using Inputs = std::vector<rocksdb::CompactionInputFiles>;

// A compaction that is running may leave there what it merges.
// REQUIRES: RocksDB's mutex is held.
bool WritesInto(ColumnFamilyData* family, const Inputs& input) {
  const int level = input[0].level;
  if (level == 0) return false;
  return family->compaction_picker()->FilesRangeOverlapWithCompaction(
      input, level, LevelAboveOutput(*family, level, level));
}

// A compaction that keeps nothing of one file, as RocksDB's own of a FIFO
// column family. A mark on the file is not enough: a compaction of level 0
// does not look at marks where no other of level 0 is registered, an exclusive
// manual one asserts that it meets none, and another waits for who took the
// file to wake it.
class Removal {
 public:
  // REQUIRES: RocksDB's mutex is held here and in the destructor, and no
  // compaction has the file that is the input, one of the current version's.
  Removal(DBImpl* db, ColumnFamilyData* family, const Inputs& input)
      : db_(db), family_(family), version_(family->current()) {
    ++(db_->*MemberOf(RunningCompactions()));
    compaction_ = NewDeletion(*family, version_, input);
    compaction_->AddInputDeletions(compaction_->edit());
    family->compaction_picker()->RegisterCompaction(compaction_.get());
    CountScore();
  }
  ~Removal() {
    compaction_->ReleaseCompactionFiles(status_);
    CountScore();
    // What was not picked meanwhile. Closing has emptied the queues.
    if (!IsClosing(db_) && !family_->IsDropped()) {
      (db_->*MemberOf(WantCompaction()))(family_);
    }
    compaction_.reset();
    --(db_->*MemberOf(RunningCompactions()));
    (db_->*MemberOf(Waiting())).SignalAll();
    (db_->*MemberOf(ScheduleWork()))();
  }
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;

  // Lets go of the mutex while the manifest is written.
  Status Log(rocksdb::FSDirectory* folder) {
    status_ = ApplyEdit(db_->GetVersionSet(), family_, compaction_->edit(),
                        db_->mutex(), folder);
    return status_;
  }

 private:
  // The version's lists of files that are due leave out those taken.
  void CountScore() { ComputeScores(*family_, version_); }

  DBImpl* const db_;
  ColumnFamilyData* const family_;  // the compaction keeps both
  rocksdb::Version* const version_;
  std::unique_ptr<Compaction> compaction_;
  Status status_;
};

// REQUIRES: the database's mutex is held; let go of while the manifest is
// written.
Status LogDrop(DBImpl* db, uint32_t cf_id, uint64_t number,
               rocksdb::FSDirectory* folder,
               rocksdb::SuperVersionContext* super_version) {
  int level = 0;
  FileMetaData* file = nullptr;
  ColumnFamilyData* family = nullptr;
  const Status found =
      db->GetVersionSet()->GetMetadataForFile(number, &level, &file, &family);
  if (!found.ok() || family->GetID() != cf_id) {
    return Status::Aborted("it has gone");
  }
  if (family->IsDropped()) return Status::ColumnFamilyDropped();
  if (file->being_compacted) return Status::Busy("a compaction has taken it");
  rocksdb::CompactionInputFiles input;
  input.level = level;
  input.files.push_back(file);
  if (WritesInto(family, {input})) {
    return Status::Busy("a compaction writes where it lies");
  }
  Removal removal(db, family, {input});
  const Status status = removal.Log(folder);
  if (status.ok()) {
    family->InstallSuperVersion(super_version, db->mutex());
  }
  return status;
}

}  // namespace

Status DropFile(rocksdb::DB* root, rocksdb::ColumnFamilyHandle* cf,
                const std::string& name) {
  auto* const db = static_cast<DBImpl*>(root);
  std::unique_ptr<rocksdb::FSDirectory> folder;  // for a new manifest
  Status status = db->GetFileSystem()->NewDirectory(
      db->GetName(), rocksdb::IOOptions(), &folder, nullptr);
  if (!status.ok()) return status;
  rocksdb::JobContext job(JobNumbers::NextJob(db),
                          /*create_superversion=*/true);
  {
    rocksdb::InstrumentedMutexLock lock(db->mutex());
    status = LogDrop(db, cf->GetID(), rocksdb::TableFileNameToNumber(name),
                     folder.get(), &job.superversion_contexts[0]);
    db->FindObsoleteFiles(&job, /*force=*/false);
  }
  if (job.HaveSomethingToDelete()) db->PurgeObsoleteFiles(job);
  job.Clean();
  return status;
}

}  // namespace varve
