// See hinted_iterator.h.
#include "plugin/samples/hinted_iterator.h"

#include <utility>

#include "compaction/read_hint.h"

namespace varve {

rocksdb::ReadOptions OwnReadOptions(const rocksdb::ReadOptions& options) {
  rocksdb::ReadOptions own = options;
  own.iterate_lower_bound = nullptr;
  own.iterate_upper_bound = nullptr;
  own.total_order_seek = true;
  own.auto_prefix_mode = false;
  own.prefix_same_as_start = false;
  own.tailing = false;
  own.pin_data = false;
  own.iter_start_ts = nullptr;
  return own;
}

HintedIterator::HintedIterator(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                               const rocksdb::ReadOptions& options,
                               std::string lower, std::string upper,
                               const TimeRange& needed)
    : needed_(needed),
      lower_(std::move(lower)),
      upper_(std::move(upper)),
      lower_bound_(lower_),
      upper_bound_(upper_) {
  rocksdb::ReadOptions own = OwnReadOptions(options);
  own.iterate_lower_bound = &lower_bound_;
  if (!upper_.empty()) own.iterate_upper_bound = &upper_bound_;
  iterator_.reset(db->NewIterator(own, cf));
}

void HintedIterator::Seek(const rocksdb::Slice& target) {
  const ReadHint hint(needed_.from_ms, needed_.to_ms);
  iterator_->Seek(target);
}

void HintedIterator::Next() {
  const ReadHint hint(needed_.from_ms, needed_.to_ms);
  iterator_->Next();
}

}  // namespace varve
