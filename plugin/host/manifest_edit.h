// A column family's state and edits of the manifest, whose calls took other
// arguments again and again.
#pragma once

#include <memory>
#include <vector>

#include "plugin/host/rocksdb_internals.h"

namespace varve {

inline const rocksdb::ImmutableOptions& ImmutableOptionsOf(
    const rocksdb::ColumnFamilyData& family) {
#if VARVE_ROCKSDB_AT_LEAST(9, 11)
  return family.ioptions();
#else
  return *family.ioptions();
#endif
}

// REQUIRES: the database's mutex is held.
inline const rocksdb::MutableCFOptions& MutableOptionsOf(
    const rocksdb::ColumnFamilyData& family) {
#if VARVE_ROCKSDB_AT_LEAST(9, 11)
  return family.GetLatestMutableCFOptions();
#else
  return *family.GetLatestMutableCFOptions();
#endif
}

// REQUIRES of all below: the database's mutex is held.

// Lists anew what is due in a version of the family.
inline void ComputeScores(const rocksdb::ColumnFamilyData& family,
                          rocksdb::Version* version) {
  version->storage_info()->ComputeCompactionScore(ImmutableOptionsOf(family),
                                                  MutableOptionsOf(family)
#if VARVE_ROCKSDB_AT_LEAST(11, 0)
                                                      ,
                                                  family.GetFullHistoryTsLow()
#endif
  );
}

// The level into which a compaction from `start` to `output` may put what it
// keeps apart from the last level; -1 where it does not.
inline int LevelAboveOutput(const rocksdb::ColumnFamilyData& family, int start,
                            int output) {
  const auto* const storage =
      const_cast<rocksdb::ColumnFamilyData&>(family).current()->storage_info();
#if VARVE_ROCKSDB_AT_LEAST(10, 1)
  return rocksdb::Compaction::EvaluateProximalLevel(
      storage, MutableOptionsOf(family), ImmutableOptionsOf(family), start,
      output);
#elif VARVE_ROCKSDB_AT_LEAST(9, 9)
  return rocksdb::Compaction::EvaluatePenultimateLevel(
      storage, MutableOptionsOf(family), ImmutableOptionsOf(family), start,
      output);
#else
  return rocksdb::Compaction::EvaluatePenultimateLevel(
      storage, ImmutableOptionsOf(family), start, output);
#endif
}

// A compaction that deletes its input and writes nothing, as one of a FIFO
// column family. Later versions tell by the reason.
inline std::unique_ptr<rocksdb::Compaction> NewDeletion(
    const rocksdb::ColumnFamilyData& family, rocksdb::Version* version,
    const std::vector<rocksdb::CompactionInputFiles>& input) {
  auto deletion = std::make_unique<rocksdb::Compaction>(
      version->storage_info(), ImmutableOptionsOf(family),
      MutableOptionsOf(family), rocksdb::MutableDBOptions(), input,
      input[0].level, /*target_file_size=*/0, /*max_compaction_bytes=*/0,
      input[0].files[0]->fd.GetPathId(), rocksdb::kNoCompression,
      rocksdb::CompressionOptions(), rocksdb::Temperature::kUnknown,
      /*max_subcompactions=*/1, std::vector<rocksdb::FileMetaData*>(),
#if VARVE_ROCKSDB_AT_LEAST(9, 8)
      /*earliest_snapshot=*/std::nullopt, /*snapshot_checker=*/nullptr,
#endif
#if VARVE_ROCKSDB_AT_LEAST(10, 5)
      rocksdb::CompactionReason::kFIFOMaxSize
#else
      /*manual_compaction=*/false, /*trim_ts=*/"", /*score=*/-1,
      /*deletion_compaction=*/true
#endif
  );
#if VARVE_ROCKSDB_AT_LEAST(8, 7)
  deletion->FinalizeInputInfo(version);
#else
  deletion->SetInputVersion(version);
#endif
  return deletion;
}

// Lets go of the mutex while the manifest is written.
inline rocksdb::Status ApplyEdit(rocksdb::VersionSet* versions,
                                 rocksdb::ColumnFamilyData* family,
                                 rocksdb::VersionEdit* edit,
                                 rocksdb::InstrumentedMutex* mutex,
                                 rocksdb::FSDirectory* folder) {
  return versions->LogAndApply(family,
#if !VARVE_ROCKSDB_AT_LEAST(9, 11)
                               MutableOptionsOf(*family),
#endif
#if VARVE_ROCKSDB_AT_LEAST(8, 3)
                               rocksdb::ReadOptions(),
#endif
#if VARVE_ROCKSDB_AT_LEAST(8, 11)
                               rocksdb::WriteOptions(),
#endif
                               edit, mutex, folder);
}

}  // namespace varve
