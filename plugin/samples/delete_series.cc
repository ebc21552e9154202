// DeleteSeries of varve.h: a Delete a row, so that foreign keys among the
// rows stay, in batches of bounded size, so that a series of any length takes
// little memory. A crash may leave some rows: call it again.
#include "plugin/host/no_throw.h"
#include "plugin/samples/hinted_iterator.h"
#include "plugin/samples/live_column_family.h"
#include "plugin/samples/row_cursor.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr size_t kBatchBytesMax = size_t{64} << 10;

Status DeleteRows(const rocksdb::WriteOptions& write_options, rocksdb::DB* db,
                  rocksdb::ColumnFamilyHandle* cf, const Slice& series) {
  LiveColumnFamily live;
  Status status = OpenLive(db, cf, &live);
  if (status.ok()) status = CheckSeries(series);
  if (!status.ok()) return status;
  const RowShape& shape = live.shape();
  rocksdb::ReadOptions read_options;
  read_options.fill_cache = false;
  RowCursor rows(db, cf, read_options, shape, series,
                 RowCursor::AllBuckets(shape), HintedIterator::kNoSamples);
  rocksdb::WriteBatch batch;
  while (status.ok() && rows.Next()) {
    status = batch.Delete(cf, rows.key());
    if (status.ok() && batch.GetDataSize() >= kBatchBytesMax) {
      status = db->Write(write_options, &batch);
      batch.Clear();
    }
  }
  if (status.ok()) status = rows.status();
  if (status.ok() && batch.Count() > 0) {
    status = db->Write(write_options, &batch);
  }
  return status;
}

}  // namespace

Status DeleteSeries(const rocksdb::WriteOptions& write_options, rocksdb::DB* db,
                    rocksdb::ColumnFamilyHandle* cf, const Slice& series) {
  return NoThrow([&] { return DeleteRows(write_options, db, cf, series); });
}

}  // namespace varve
