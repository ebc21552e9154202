// See sample_memtable_factory.h.
#include "plugin/memtable/sample_memtable_factory.h"

#include <memory>

#include "plugin/host/behaviour.h"
#include "plugin/memtable/sample_memtable.h"

namespace varve {

rocksdb::Status SampleMemtableFactory::ValidateOptions(
    const rocksdb::DBOptions& db_options,
    const rocksdb::ColumnFamilyOptions& options) const {
  if (WantsMemoryChecks(options)) {
    return rocksdb::Status::InvalidArgument(
        "paranoid_memory_checks is set, which VarveSampleMemtable does not "
        "have: turn it off, or take memtable_factory=skip_list");
  }
  return MemTableRepFactory::ValidateOptions(db_options, options);
}

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
