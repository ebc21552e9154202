// See sample_memtable_factory.h.
#include "plugin/memtable/sample_memtable_factory.h"

#include <memory>

#include "plugin/memtable/sample_memtable.h"

namespace varve {

rocksdb::MemTableRep* SampleMemtableFactory::CreateMemTableRep(
    const rocksdb::MemTableRep::KeyComparator& comparator,
    rocksdb::Allocator* allocator, const rocksdb::SliceTransform* transform,
    rocksdb::Logger* logger) {
  std::unique_ptr<rocksdb::MemTableRep> skip_list(
      rocksdb::SkipListFactory().CreateMemTableRep(comparator, allocator,
                                                   transform, logger));
  return new SampleMemtable(comparator, std::move(skip_list), allocator);
}

}  // namespace varve
