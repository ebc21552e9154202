// See first_sequence.h.
#include "plugin/samples/first_sequence.h"

#include <vector>

#include "plugin/host/column_family_handles.h"
#include "rocksdb/metadata.h"

namespace varve {
namespace {

// No row of any shape: it does not end as rows do.
constexpr char kNobodysKey[] = "varve: not the first write";

}  // namespace

rocksdb::Status RaiseFirstSequence(const rocksdb::WriteOptions& options,
                                   rocksdb::DB* db,
                                   rocksdb::ColumnFamilyHandle* cf) {
  if (db->GetLatestSequenceNumber() > 0) return rocksdb::Status::OK();
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  if (files.empty() || IsReadOnly(db)) return rocksdb::Status::OK();
  return db->Delete(options, cf, kNobodysKey);
}

}  // namespace varve
