// Reads one part file as a RocksDB table.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "format/part/part_index.h"
#include "plugin/host/table_overrides.h"
#include "plugin/part_table/part_box_source.h"
#include "plugin/part_table/part_key_order.h"
#include "plugin/part_table/part_rows.h"
#include "plugin/part_table/part_table_options.h"

namespace varve {

class PartIndexCursor;

class PartTableReader : public rocksdb::TableReader {
 public:
  // `tail` is the end of the file, its footer at least.
  static Status Open(const rocksdb::ReadOptions& read_options,
                     const rocksdb::TableReaderOptions& reader_options,
                     const PartTableOptions& options,
                     std::unique_ptr<rocksdb::RandomAccessFileReader> file,
                     uint64_t file_bytes, PartTail tail,
                     std::unique_ptr<rocksdb::TableReader>* reader);
  ~PartTableReader() override;

  rocksdb::InternalIterator* NewIterator(
      const rocksdb::ReadOptions& read_options,
      const rocksdb::SliceTransform* prefix_extractor, rocksdb::Arena* arena,
      bool skip_filters, rocksdb::TableReaderCaller caller,
      size_t compaction_readahead_size, bool allow_unprepared_value) override;
  rocksdb::FragmentedRangeTombstoneIterator* NewRangeTombstoneIterator(
      const rocksdb::ReadOptions& read_options) override;
  // Up to this sequence number and, where not null, this timestamp.
  rocksdb::FragmentedRangeTombstoneIterator* NewRangeTombstoneIterator(
      rocksdb::SequenceNumber read_sequence,
      const Slice* timestamp) VARVE_OVERRIDE_FROM_8_7;

  Status Get(const rocksdb::ReadOptions& read_options, const Slice& key,
             rocksdb::GetContext* get_context,
             const rocksdb::SliceTransform* prefix_extractor,
             bool skip_filters) override;
  Status MultiGetFilter(const rocksdb::ReadOptions& read_options,
                        const rocksdb::SliceTransform* prefix_extractor,
                        rocksdb::MultiGetContext::Range* range) override;
  void MultiGet(const rocksdb::ReadOptions& read_options,
                const rocksdb::MultiGetContext::Range* range,
                const rocksdb::SliceTransform* prefix_extractor,
                bool skip_filters) override;

  uint64_t ApproximateOffsetOf(VARVE_READ_OPTIONS_PARAMETER const Slice& key,
                               rocksdb::TableReaderCaller caller) override;
  uint64_t ApproximateSize(VARVE_READ_OPTIONS_PARAMETER const Slice& start,
                           const Slice& end,
                           rocksdb::TableReaderCaller caller) override;
  Status ApproximateKeyAnchors(const rocksdb::ReadOptions& read_options,
                               std::vector<Anchor>& anchors) override;
  Status Prefetch(VARVE_READ_OPTIONS_PARAMETER const Slice* begin,
                  const Slice* end) override;
  Status VerifyChecksum(const rocksdb::ReadOptions& read_options,
                        rocksdb::TableReaderCaller caller
                            VARVE_META_ONLY_PARAMETER) override;
  Status DumpTable(
      rocksdb::WritableFile* out_file VARVE_SHOW_TYPES_PARAMETER) override;

  void SetupForCompaction() override;
  std::shared_ptr<const rocksdb::TableProperties> GetTableProperties()
      const override {
    return properties_;
  }
  size_t ApproximateMemoryUsage() const override;

  // For the cursors over this table.
  const PartBoxSource& source() const { return source_; }
  const PartRoot& root() const { return root_; }
  const RowKeyOrder& order() const { return order_; }
  const PartTableOptions& options() const { return options_; }
  bool has_global_sequence() const { return has_global_sequence_; }
  rocksdb::SequenceNumber global_sequence() const { return global_sequence_; }

  Status LoadLeaf(size_t leaf, const BoxRequest& request, BoxRef* ref) const;
  // False only when no key with this hash is in the part.
  Status FilterMayHold(uint64_t hash, const BoxRequest& request,
                       bool* may_hold) const;
  // The filter knows the prefixes of this extractor.
  bool KnowsPrefixesOf(const rocksdb::SliceTransform* extractor) const;
  bool KnowsRowPrefixes() const {
    return !skip_filters_ && (root_.filter_flags & kFilterRowPrefixes) != 0;
  }
  Status RowsCorrupt(const BoxHandle& handle, size_t at) const;

 private:
  // Boxes of the index or filter that stay once they are loaded.
  using HeldSlots = std::unique_ptr<std::atomic<BoxRef*>[]>;

  PartTableReader(const rocksdb::TableReaderOptions& reader_options,
                  const PartTableOptions& options,
                  PartBoxSource::Config config);
  Status ReadFront(const rocksdb::ReadOptions& read_options,
                   const rocksdb::TableReaderOptions& reader_options,
                   const PartTail& tail);
  Status ReadMetaindex(const BoxRequest& request, const PartTail& tail);
  Status ReadProperties(const BoxRequest& request, const PartTail& tail);
  Status CheckUniqueId(const rocksdb::TableReaderOptions& reader_options) const;
  Status SetGlobalSequence(rocksdb::SequenceNumber largest_seqno);
  Status ReadRoot(const BoxRequest& request, const PartTail& tail);
  Status ReadRangeDeletions(const BoxRequest& request, const PartTail& tail);
  Status LoadHeld(const HeldSlots& slots, size_t i, const BoxHandle& handle,
                  BoxKind kind, const BoxRequest& request, BoxRef* ref) const;

  // Whole-key filter for a point read.
  Status KeyMayExist(const Slice& internal_key, const BoxRequest& request,
                     const rocksdb::SliceTransform* prefix_extractor,
                     bool* may_exist) const;
  // Hands the versions of `key` in the open box to request.get_context.
  // *done: no later box needs to be looked at.
  Status SaveVersions(const Slice& key, const BoxRequest& request,
                      PartRows* rows, bool* matched, bool* done) const;
  // One row, put together first; *more as SaveValue returns it.
  Status SaveSplitRow(const rocksdb::ParsedInternalKey& parsed,
                      const StripeRecord& record, const BoxRequest& request,
                      PartRows* rows, bool* matched, bool* more) const;
  Status GetFrom(const Slice& key, const BoxRequest& request,
                 PartIndexCursor* index, bool* matched);
  // What MultiGet knows of a batch's keys.
  struct MultiGetPlan;
  void PlanMultiGet(const rocksdb::ReadOptions& read_options,
                    rocksdb::MultiGetContext::Range* range,
                    PartIndexCursor* index, MultiGetPlan* plan) const;
  void ReadPlanned(const rocksdb::ReadOptions& read_options,
                   MultiGetPlan* plan) const;
  // No box after the index cursor's can hold a version of key.
  bool LastBoxOf(const PartIndexCursor& index, const Slice& key) const;
  uint64_t OffsetInRows(const Slice& key) const;

  friend class PartVerifier;

  PartBoxSource source_;
  const PartTableOptions options_;
  const rocksdb::InternalKeyComparator& internal_comparator_;
  const RowKeyOrder order_;
  const std::shared_ptr<const rocksdb::SliceTransform> prefix_extractor_;
  const bool skip_filters_;
  const int level_;
  bool hold_meta_ = true;
  bool has_global_sequence_ = false;
  rocksdb::SequenceNumber global_sequence_ = 0;

  PartFooter footer_;
  struct MetaBlock {
    std::string name;
    BoxHandle handle;
  };
  std::vector<MetaBlock> meta_blocks_;  // by name
  std::shared_ptr<const rocksdb::TableProperties> properties_;
  std::unique_ptr<LoadedBox> root_box_;
  PartRoot root_;
  std::shared_ptr<rocksdb::FragmentedRangeTombstoneList> range_deletions_;
  HeldSlots held_leaves_;
  HeldSlots held_shards_;
  mutable std::atomic<size_t> held_bytes_{0};
};

}  // namespace varve
