// Writes one part file.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/part/entry_list.h"
#include "format/part/part_box.h"
#include "format/part/part_filter.h"
#include "format/part/part_index.h"
#include "format/part/part_stripe.h"
#include "plugin/host/file_io.h"
#include "plugin/host/table_overrides.h"
#include "plugin/part_table/part_key_order.h"
#include "plugin/part_table/part_properties.h"
#include "plugin/part_table/part_table_options.h"

namespace varve {

class PartTableBuilder : public rocksdb::TableBuilder {
 public:
  PartTableBuilder(const PartTableOptions& options,
                   const rocksdb::TableBuilderOptions& builder_options,
                   rocksdb::WritableFileWriter* file);
  ~PartTableBuilder() override;

  void Add(const Slice& key, const Slice& value) override;
  Status status() const override { return status_; }
  rocksdb::IOStatus io_status() const override { return io_status_; }
  Status Finish() override;
  void Abandon() override;
  uint64_t NumEntries() const override { return properties_.num_entries; }
  uint64_t FileSize() const override { return offset_; }
  bool NeedCompact() const override;
  rocksdb::TableProperties GetTableProperties() const override;
  std::string GetFileChecksum() const override;
  const char* GetFileChecksumFuncName() const override;
  void SetSeqnoTimeTableProperties(const SequenceTimes& times,
                                   uint64_t oldest_ancestor_time) override;

 private:
  void InitProperties(const rocksdb::TableBuilderOptions& builder_options);
  void InitCollectors(const rocksdb::TableBuilderOptions& builder_options);
  enum class BoxPacking { kAsIs, kPacked };  // packed: where that is smaller
  // Appends a box; *handle is where it lies.
  void WriteBox(const Slice& raw, BoxKind kind, BoxPacking packing,
                BoxHandle* handle);
  // The same of a payload that is packed already.
  void WritePacked(const Slice& payload, BoxTag tag, BoxHandle* handle);
  void AddToFilter(const Slice& user_key);
  bool BoxIsFull(const Slice& key, const Slice& value) const;
  // The row as the open box holds it.
  Slice RecordOf(const Slice& value);
  void FlushRows();
  void FlushStripe(const Slice& records);
  // The box flushed last, now that the first key behind it is known; null:
  // there is none.
  void IndexFlushedRows(const Slice* next_key);
  void FlushIndexLeaf();
  // The property of that name; empty: nothing is in columns.
  std::string ColumnsText() const;
  void WriteFilter();
  void WriteRoot();
  void WriteRangeDeletions();
  void WriteProperties();
  void WriteMetaindexAndFooter();

  const PartTableOptions options_;
  const rocksdb::ImmutableOptions& ioptions_;
  const RowKeyOrder order_;
  const std::shared_ptr<const rocksdb::SliceTransform> prefix_extractor_;
  TableFileWriter file_;
  const bool build_filter_;

  Status status_;
  rocksdb::IOStatus io_status_;
  bool closed_ = false;  // Finish or Abandon has been called
  uint64_t offset_ = 0;
  rocksdb::TableProperties properties_;
  SequenceRange sequences_;
  TableCollectors collectors_;

  bool level_is_given_ = true;  // does not change with the part's size
  BoxPacker packer_;
  EntryListBuilder rows_;
  bool in_columns_ = false;  // the open box takes blocks apart
  StripeBuilder stripe_;
  PartColumns columns_;
  std::string record_;
  std::vector<std::string> packed_;  // of the stripe's boxes
  EntryListBuilder range_deletions_;
  std::string last_key_;

  bool flushed_pending_ = false;  // not yet in the index
  BoxHandle flushed_;
  IndexLeafBuilder index_leaf_;
  PartRoot root_;
  BoxHandle root_handle_;
  struct WrittenLeaf {
    std::string separator;
    BoxHandle handle;
  };
  std::vector<std::string> leaf_payloads_;  // written at the end, together
  std::vector<WrittenLeaf> leaves_;

  FilterBuilder filter_;
  std::string last_prefix_;
  std::string last_row_prefix_;
  std::vector<std::pair<std::string, BoxHandle>> meta_blocks_;
};

}  // namespace varve
