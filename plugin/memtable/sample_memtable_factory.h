// Makes sample memtables: `memtable_factory=VarveSampleMemtable`. Has no
// options. Public RocksDB API.
#pragma once

#include <memory>

#include "plugin/memtable/sample_memtable.h"
#include "rocksdb/memtablerep.h"
#include "rocksdb/options.h"

namespace varve {

// In option strings and OPTIONS files: it never changes.
inline constexpr const char kSampleMemtableId[] = "VarveSampleMemtable";

class SampleMemtableFactory : public rocksdb::MemTableRepFactory {
 public:
  // For tests, which say when rows begin.
  explicit SampleMemtableFactory(memtable::RowsBegin rows_begin)
      : fixed_(Fixed::kYes) {
    experience_->rows_begin.store(rows_begin);
  }
  SampleMemtableFactory() = default;

  static const char* kClassName() { return kSampleMemtableId; }
  const char* Name() const override { return kClassName(); }

  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(
      const rocksdb::MemTableRep::KeyComparator& comparator,
      rocksdb::Allocator* allocator, const rocksdb::SliceTransform* transform,
      rocksdb::Logger* logger) override;

  // InvalidArgument for paranoid_memory_checks, which are calls that this
  // memtable does not have. RocksDB asks when a column family is opened or
  // created.
  rocksdb::Status ValidateOptions(
      const rocksdb::DBOptions& db_options,
      const rocksdb::ColumnFamilyOptions& options) const override;

  // As the skip list, which is beneath.
  bool IsInsertConcurrentlySupported() const override { return true; }
  bool CanHandleDuplicatedKey() const override { return true; }

 private:
  enum class Fixed { kNo, kYes };

  const Fixed fixed_ = Fixed::kNo;
  const std::shared_ptr<memtable::RowExperience> experience_ =
      std::make_shared<memtable::RowExperience>();
};

}  // namespace varve
