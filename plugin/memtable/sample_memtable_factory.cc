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
  std::shared_ptr<memtable::RowExperience> experience = experience_;
  if (fixed_ == Fixed::kYes) {
    // One that nobody else adds to.
    experience = std::make_shared<memtable::RowExperience>();
    experience->rows_begin.store(experience_->rows_begin.load());
  }
  return new SampleMemtable(comparator, std::move(skip_list), allocator,
                            std::move(experience));
}

}  // namespace varve
