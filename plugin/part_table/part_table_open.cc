// Opening a part: footer, metaindex, properties, root, range deletions.
#include <algorithm>

#include "format/part/entry_list.h"
#include "plugin/part_table/part_properties.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

using rocksdb::ReadOptions;
using rocksdb::TableReaderOptions;

PartTableReader::PartTableReader(const TableReaderOptions& reader_options,
                                 const PartTableOptions& options,
                                 PartBoxSource::Config config)
    : source_(std::move(config)),
      options_(options),
      internal_comparator_(reader_options.internal_comparator),
      order_(internal_comparator_.user_comparator()),
      prefix_extractor_(reader_options.prefix_extractor),
      skip_filters_(reader_options.skip_filters),
      level_(reader_options.level),
      hold_meta_(!options.cache_index_and_filter_blocks ||
                 (options.pin_l0_filter_and_index_blocks_in_cache &&
                  reader_options.level == 0)) {}

Status PartTableReader::Open(
    const ReadOptions& read_options, const TableReaderOptions& reader_options,
    const PartTableOptions& options,
    std::unique_ptr<rocksdb::RandomAccessFileReader> file, uint64_t file_bytes,
    PartTail tail, std::unique_ptr<rocksdb::TableReader>* reader) {
  PartBoxSource::Config config;
  config.ioptions = &reader_options.ioptions;
  config.file = std::move(file);
  config.file_bytes = file_bytes;
  config.cache = options.block_cache;
  config.high_priority_meta =
      options.cache_index_and_filter_blocks_with_high_priority;
  config.level = reader_options.level;
  std::unique_ptr<PartTableReader> table(
      new PartTableReader(reader_options, options, std::move(config)));
  Status status = table->ReadFront(read_options, reader_options, tail);
  if (status.ok()) *reader = std::move(table);
  return status;
}

Status PartTableReader::ReadFront(const ReadOptions& read_options,
                                  const TableReaderOptions& reader_options,
                                  const PartTail& tail) {
  ReadOptions read;
  read.deadline = read_options.deadline;
  read.io_timeout = read_options.io_timeout;
  read.rate_limiter_priority = read_options.rate_limiter_priority;
  const BoxRequest request{read};

  Status status = DecodePartFooter(tail.bytes, source_.file_bytes(), &footer_);
  if (status.IsNotSupported()) {
    return Status::NotSupported(source_.file_name(), status.getState());
  }
  if (!status.ok()) return source_.Corrupt(status);
  status = ReadMetaindex(request, tail);
  if (status.ok()) status = ReadProperties(request, tail);
  if (status.ok()) status = CheckUniqueId(reader_options);
  if (status.ok()) status = SetGlobalSequence(reader_options.largest_seqno);
  if (status.ok()) status = ReadRoot(request, tail);
  if (status.ok()) status = ReadRangeDeletions(request, tail);
  if (!status.ok()) return status;

  rocksdb::OffsetableCacheKey cache_key;
  rocksdb::BlockBasedTable::SetupBaseCacheKey(
      properties_.get(), reader_options.cur_db_session_id,
      reader_options.cur_file_num, &cache_key);
  source_.SetCacheKey(cache_key);
  source_.SetUncompressed(properties_->compression_name == "NoCompression");
  return status;
}

Status PartTableReader::ReadMetaindex(const BoxRequest& request,
                                      const PartTail& tail) {
  std::unique_ptr<LoadedBox> box;
  Status status =
      source_.Read(footer_.metaindex, BoxKind::kMeta, request, &tail, &box);
  if (!status.ok()) return status;
  EntryListCursor cursor;
  cursor.Open(box->payload, 0);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    MetaBlock block;
    block.name = cursor.key().ToString();
    const Slice value = cursor.value();
    if (DecodeBoxHandle(value.data(), value.data() + value.size(),
                        &block.handle) == nullptr) {
      return source_.Corrupt("metaindex: bad handle of " + block.name);
    }
    status = CheckBoxHandle(block.handle, footer_.metaindex.offset);
    if (!status.ok()) return source_.Corrupt(status);
    meta_blocks_.push_back(std::move(block));
  }
  return cursor.corrupt() ? source_.Corrupt("metaindex: bad entry") : status;
}

Status PartTableReader::ReadProperties(const BoxRequest& request,
                                       const PartTail& tail) {
  for (const MetaBlock& block : meta_blocks_) {
    if (block.name != rocksdb::kPropertiesBlockName) continue;
    return ReadPartProperties(source_, block.handle, request, &tail,
                              &properties_);
  }
  return source_.Corrupt("no properties");
}

Status PartTableReader::CheckUniqueId(
    const TableReaderOptions& reader_options) const {
  rocksdb::UniqueId64x2 expected = reader_options.unique_id;
  if (expected == rocksdb::kNullUniqueId64x2) return Status::OK();
  rocksdb::UniqueId64x2 actual{};
  Status status = rocksdb::GetSstInternalUniqueId(
      properties_->db_id, properties_->db_session_id,
      properties_->orig_file_number, &actual, /*force=*/true);
  if (!status.ok() || expected == actual) return status;
  return source_.Corrupt(
      "unique id " + rocksdb::InternalUniqueIdToHumanString(&actual) +
      ", expected " + rocksdb::InternalUniqueIdToHumanString(&expected));
}

// Files of SstFileWriter from version 2 on carry sequence 0 in their keys and
// the sequence that they were ingested at in a property (0 if that was not
// written into the file) and in the manifest.
Status PartTableReader::SetGlobalSequence(
    rocksdb::SequenceNumber largest_seqno) {
  using Names = rocksdb::ExternalSstFilePropertyNames;
  const auto& user = properties_->user_collected_properties;
  const auto version = user.find(Names::kVersion);
  const auto sequence = user.find(Names::kGlobalSeqno);
  if (version == user.end()) {
    return sequence == user.end()
               ? Status::OK()
               : source_.Corrupt(
                     "a global sequence number but no version of "
                     "an external file");
  }
  if (version->second.size() < 4) return source_.Corrupt("external version");
  if (rocksdb::DecodeFixed32(version->second.data()) < 2) return Status::OK();
  rocksdb::SequenceNumber stored = 0;
  if (sequence != user.end()) {
    if (sequence->second.size() < 8) return source_.Corrupt("global sequence");
    stored = rocksdb::DecodeFixed64(sequence->second.data());
  }
  if (largest_seqno < rocksdb::kMaxSequenceNumber) {
    if (stored == 0) stored = largest_seqno;
    if (stored != largest_seqno) {
      return source_.Corrupt("global sequence number " +
                             std::to_string(stored) + ", expected " +
                             std::to_string(largest_seqno));
    }
  }
  if (stored > rocksdb::kMaxSequenceNumber) {
    return source_.Corrupt("global sequence number " + std::to_string(stored));
  }
  has_global_sequence_ = true;
  global_sequence_ = stored;
  return Status::OK();
}

Status PartTableReader::ReadRoot(const BoxRequest& request,
                                 const PartTail& tail) {
  Status status =
      source_.Read(footer_.root, BoxKind::kRoot, request, &tail, &root_box_);
  if (status.ok())
    status = DecodeRoot(root_box_->payload, footer_.root.offset, &root_);
  if (!status.ok()) return source_.Corrupt(status);
  for (const PartRoot::Leaf& leaf : root_.leaves) {
    if (leaf.separator.size() <
        order_.separator_bytes_min(root_.internal_keys)) {
      return source_.Corrupt("root at offset " +
                             std::to_string(footer_.root.offset) +
                             ": separator too short");
    }
  }
  const auto make_slots = [](size_t count) {
    HeldSlots slots(new std::atomic<BoxRef*>[count]);
    for (size_t i = 0; i < count; ++i) slots[i] = nullptr;
    return slots;
  };
  held_leaves_ = make_slots(root_.leaves.size());
  held_shards_ = make_slots(root_.filter_shards.size());
  return status;
}

Status PartTableReader::ReadRangeDeletions(const BoxRequest& request,
                                           const PartTail& tail) {
  const auto block = std::find_if(
      meta_blocks_.begin(), meta_blocks_.end(),
      [](const MetaBlock& b) { return b.name == rocksdb::kRangeDelBlockName; });
  if (block == meta_blocks_.end()) return Status::OK();
  std::unique_ptr<LoadedBox> box;
  Status status =
      source_.Read(block->handle, BoxKind::kMeta, request, &tail, &box);
  if (!status.ok()) return status;
  std::vector<std::string> keys, values;
  EntryListCursor cursor;
  if (has_global_sequence_) cursor.OverrideSequence(global_sequence_);
  cursor.Open(box->payload, order_.key_bytes_min());
  const size_t timestamp_bytes = order_.user().timestamp_bytes();
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    // RocksDB's fragmenter asserts what it expects.
    rocksdb::ParsedInternalKey start;
    if (!ParseRowInternalKey(cursor.key(), &start) ||
        start.type != rocksdb::kTypeRangeDeletion ||
        start.user_key.size() < timestamp_bytes ||
        cursor.value().size() < timestamp_bytes ||
        order_.user().comparator()->CompareWithoutTimestamp(
            start.user_key, cursor.value()) > 0) {
      return source_.Corrupt("range deletions at offset " +
                             std::to_string(block->handle.offset) +
                             ": bad range");
    }
    keys.push_back(cursor.key().ToString());
    values.push_back(cursor.value().ToString());
  }
  if (cursor.corrupt()) return source_.Corrupt("range deletions: bad entry");
  auto iterator = std::make_unique<rocksdb::VectorIterator>(
      std::move(keys), std::move(values), &internal_comparator_);
  range_deletions_ = std::make_shared<rocksdb::FragmentedRangeTombstoneList>(
      std::move(iterator), internal_comparator_);
  return status;
}

}  // namespace varve
