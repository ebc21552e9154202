// IngestFiles of varve.h.
//
// One call at a time: RocksDB 7.8 can lose a wake-up between two that ingest.
// A snapshot is held meanwhile, so that RocksDB gives the files numbers of
// their own, newer than all there are: never 0
// (plugin/samples/first_sequence.h), and never that of older data in their
// level, which universal compaction gave them up to 8.10 although newer data of
// their rows may lie further down (its pull request 12257).
#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "plugin/host/column_family_handles.h"
#include "plugin/host/no_throw.h"
#include "plugin/host/version.h"
#include "plugin/samples/first_sequence.h"
#include "plugin/samples/live_column_family.h"
#include "plugin/samples/span_file.h"
#include "varve/varve.h"

namespace varve {
namespace {

// Of the database's; two that share one wait for each other without need.
std::mutex& MutexOf(rocksdb::DB* root) {
  static std::array<std::mutex, 16> mutexes;
  return mutexes[std::hash<rocksdb::DB*>()(root) / alignof(std::max_align_t) %
                 mutexes.size()];
}

class HeldSnapshot {
 public:
  explicit HeldSnapshot(rocksdb::DB* db)
      : db_(db), snapshot_(db->GetSnapshot()) {}
  ~HeldSnapshot() {
    if (snapshot_ != nullptr) db_->ReleaseSnapshot(snapshot_);
  }
  HeldSnapshot(const HeldSnapshot&) = delete;
  HeldSnapshot& operator=(const HeldSnapshot&) = delete;

 private:
  rocksdb::DB* const db_;
  const rocksdb::Snapshot* const snapshot_;
};

class Ingestion {
 public:
  Ingestion(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
            const std::vector<std::string>& files)
      : db_(db), cf_(cf), files_(files), options_(db->GetOptions(cf)) {
    ingest_.move_files = true;
    ingest_.write_global_seqno = false;  // a file that is refused stays as is
  }

  Status Run() {
    if (!kSequenceOrdersLevel0) {
      return db_->IngestExternalFile(cf_, files_, ingest_);
    }
    if (options_.compaction_style == rocksdb::kCompactionStyleLevel) {
      const Status status = AtBottom();
      if (!status.IsTryAgain()) return status;
    }
    return OnTop();
  }

 private:
  // Below everything, where nothing in the database overlaps the files: no
  // memtable matters then. TryAgain where something does.
  Status AtBottom() {
    rocksdb::IngestExternalFileOptions ingest = ingest_;
    ingest.fail_if_not_bottommost_level = true;
    return db_->IngestExternalFile(cf_, files_, ingest);
  }

  // On level 0, with nothing older left in memtables.
  Status OnTop() {
    const SpanFile span(options_, cf_, files_.front() + ".varve-span");
    if (!span.status().ok()) return span.status();
    std::vector<std::string> files = {span.path()};
    files.insert(files.end(), files_.begin(), files_.end());
    const Status status = db_->IngestExternalFile(cf_, files, ingest_);
    if (status.ok()) EmptySpanFiles(db_, cf_);
    return status;
  }

  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const cf_;
  const std::vector<std::string>& files_;
  const rocksdb::Options options_;
  rocksdb::IngestExternalFileOptions ingest_;
};

}  // namespace

Status IngestFiles(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                   const std::vector<std::string>& files) {
  return NoThrow([&]() -> Status {
    LiveColumnFamily live;
    Status status = OpenLive(db, cf, &live);
    if (!status.ok()) return status;
    if (files.empty()) return Status::InvalidArgument("no files to ingest");
    if (IsReadOnly(db)) return Status::NotSupported("opened read-only");
    std::lock_guard<std::mutex> one_at_a_time(MutexOf(RootOf(db)));
    status = RaiseFirstSequence(rocksdb::WriteOptions(), db, cf);
    if (!status.ok()) return status;
    const HeldSnapshot snapshot(db);
    return Ingestion(db, cf, files).Run();
  });
}

}  // namespace varve
