// See file_drop.h.
#include "plugin/host/file_drop.h"

#include <memory>

#include "plugin/host/rocksdb_internals.h"

namespace varve {
namespace {

using rocksdb::DBImpl;
using rocksdb::Status;

// Names what RocksDB keeps for classes derived from its own; never made.
struct Members : DBImpl {
  static int NextJob(DBImpl* db) {
    return (db->*&Members::next_job_id_).fetch_add(1);
  }
};

// A file that no compaction may take meanwhile.
class TakenFile {
 public:
  // REQUIRES: RocksDB's mutex is held here and in the destructor.
  TakenFile(rocksdb::ColumnFamilyData* family, rocksdb::FileMetaData* file)
      : family_(family), version_(family->current()), file_(file) {
    version_->Ref();
    Mark(true);
  }
  ~TakenFile() {
    Mark(false);
    version_->Unref();
  }
  TakenFile(const TakenFile&) = delete;
  TakenFile& operator=(const TakenFile&) = delete;

 private:
  // The version's lists of files that are due leave out those marked.
  void Mark(bool taken) {
    file_->being_compacted = taken;
    version_->storage_info()->ComputeCompactionScore(
        *family_->ioptions(), *family_->GetLatestMutableCFOptions());
  }

  rocksdb::ColumnFamilyData* const family_;
  rocksdb::Version* const version_;
  rocksdb::FileMetaData* const file_;
};

// REQUIRES: the database's mutex is held; let go of while the manifest is
// written.
Status LogDrop(DBImpl* db, uint32_t cf_id, uint64_t number,
               rocksdb::FSDirectory* folder,
               rocksdb::SuperVersionContext* super_version) {
  rocksdb::VersionSet* const versions = db->GetVersionSet();
  int level = 0;
  rocksdb::FileMetaData* file = nullptr;
  rocksdb::ColumnFamilyData* family = nullptr;
  const Status found =
      versions->GetMetadataForFile(number, &level, &file, &family);
  if (!found.ok() || family->GetID() != cf_id) {
    return Status::Aborted("it has gone");
  }
  if (family->IsDropped()) return Status::ColumnFamilyDropped();
  if (file->being_compacted) return Status::Busy("a compaction has taken it");
  const TakenFile taken(family, file);
  rocksdb::VersionEdit edit;
  edit.SetColumnFamily(cf_id);
  edit.DeleteFile(level, number);
  const Status status = versions->LogAndApply(
      family, *family->GetLatestMutableCFOptions(), &edit, db->mutex(), folder);
  if (status.ok()) {
    // Nothing becomes due by it, so nothing is scheduled.
    family->InstallSuperVersion(super_version,
                                *family->GetLatestMutableCFOptions());
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
  rocksdb::JobContext job(Members::NextJob(db), /*create_superversion=*/true);
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
