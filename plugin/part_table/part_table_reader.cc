#include "plugin/part_table/part_table_reader.h"

#include "plugin/part_table/part_index_cursor.h"
#include "plugin/part_table/part_table_iterator.h"

namespace varve {

using rocksdb::GetContext;
using rocksdb::InternalIterator;
using rocksdb::ReadOptions;
using rocksdb::SliceTransform;

PartTableReader::~PartTableReader() {
  const auto free_slots = [](const HeldSlots& slots, size_t count) {
    for (size_t i = 0; slots != nullptr && i < count; ++i) {
      delete slots[i].load(std::memory_order_relaxed);
    }
  };
  free_slots(held_leaves_, root_.leaves.size());
  free_slots(held_shards_, root_.filter_shards.size());
}

size_t PartTableReader::ApproximateMemoryUsage() const {
  size_t total = sizeof *this + held_bytes_.load(std::memory_order_relaxed);
  if (root_box_ != nullptr) total += root_box_->memory_bytes();
  total += root_.leaves.capacity() * sizeof(PartRoot::Leaf) +
           root_.filter_shards.capacity() * sizeof(BoxHandle);
  return total;
}

void PartTableReader::SetupForCompaction() {
  HintCompaction(source_.ioptions(), source_.file()->file());
}

Status PartTableReader::RowsCorrupt(const BoxHandle& handle, size_t at) const {
  return source_.Corrupt("rows at offset " + std::to_string(handle.offset) +
                         ": bad entry at their byte " + std::to_string(at));
}

Status PartTableReader::LoadHeld(const HeldSlots& slots, size_t i,
                                 const BoxHandle& handle, BoxKind kind,
                                 const BoxRequest& request, BoxRef* ref) const {
  std::atomic<BoxRef*>& slot = slots[i];
  if (const BoxRef* held = slot.load(std::memory_order_acquire)) {
    *ref = BoxRef::Borrowed(held->box());
    return Status::OK();
  }
  ReadOptions read = request.read;
  read.fill_cache = true;  // to be charged there
  const BoxRequest load{read, request.prefetch, request.get_context,
                        request.for_compaction};
  BoxRef loaded;
  Status status = source_.Load(handle, kind, load, &loaded);
  if (status.IsMemoryLimit()) {
    // A full cache with a strict limit: hold it uncharged.
    std::unique_ptr<LoadedBox> box;
    status = source_.Read(handle, kind, load, nullptr, &box);
    if (status.ok()) loaded = BoxRef::Owned(std::move(box));
  }
  if (!status.ok()) return status;
  const size_t bytes = loaded.box()->memory_bytes();
  auto held = std::make_unique<BoxRef>(std::move(loaded));
  BoxRef* expected = nullptr;
  if (slot.compare_exchange_strong(expected, held.get(),
                                   std::memory_order_acq_rel)) {
    expected = held.release();
    held_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  *ref = BoxRef::Borrowed(expected->box());
  return status;
}

Status PartTableReader::LoadLeaf(size_t leaf, const BoxRequest& request,
                                 BoxRef* ref) const {
  const BoxHandle& handle = root_.leaves[leaf].handle;
  return hold_meta_ ? LoadHeld(held_leaves_, leaf, handle, BoxKind::kIndex,
                               request, ref)
                    : source_.Load(handle, BoxKind::kIndex, request, ref);
}

Status PartTableReader::FilterMayHold(uint64_t hash, const BoxRequest& request,
                                      bool* may_hold) const {
  *may_hold = true;
  const uint64_t i = root_.filter.shard_of(hash);
  const BoxHandle& handle = root_.filter_shards[i];
  BoxRef shard;
  Status status =
      hold_meta_
          ? LoadHeld(held_shards_, i, handle, BoxKind::kFilter, request, &shard)
          : source_.Load(handle, BoxKind::kFilter, request, &shard);
  if (status.IsIncomplete()) return Status::OK();
  if (!status.ok()) return status;
  if (shard.payload().size() != root_.filter.shard_bytes()) {
    return source_.Corrupt(
        "filter shard at offset " + std::to_string(handle.offset) + ": " +
        std::to_string(shard.payload().size()) + " bytes, expected " +
        std::to_string(root_.filter.shard_bytes()));
  }
  *may_hold = varve::FilterMayHold(root_.filter, shard.payload(), hash);
  return status;
}

bool PartTableReader::KnowsPrefixesOf(const SliceTransform* extractor) const {
  return extractor != nullptr && !skip_filters_ &&
         (root_.filter_flags & kFilterExtractorPrefixes) != 0 &&
         (extractor == prefix_extractor_.get() ||
          extractor->AsString() == properties_->prefix_extractor_name);
}

Status PartTableReader::KeyMayExist(const Slice& internal_key,
                                    const BoxRequest& request,
                                    const SliceTransform* prefix_extractor,
                                    bool* may_exist) const {
  *may_exist = true;
  if (skip_filters_ || root_.filter.shard_count == 0) return Status::OK();
  const Slice user_key = rocksdb::StripTimestampFromUserKey(
      rocksdb::ExtractUserKey(internal_key), order_.user().timestamp_bytes());
  uint64_t hash;
  Slice prefix;
  if ((root_.filter_flags & kFilterWholeKeys) != 0) {
    hash = HashWholeKey(user_key);
  } else if (KnowsRowPrefixes() && RowPrefix(user_key, &prefix)) {
    hash = HashPrefix(prefix);
  } else if (KnowsPrefixesOf(prefix_extractor) &&
             prefix_extractor->InDomain(user_key)) {
    hash = HashPrefix(prefix_extractor->Transform(user_key));
  } else {
    return Status::OK();
  }
  Status status = FilterMayHold(hash, request, may_exist);
  RecordTick(source_.ioptions().stats, *may_exist
                                           ? rocksdb::BLOOM_FILTER_FULL_POSITIVE
                                           : rocksdb::BLOOM_FILTER_USEFUL);
  if (*may_exist) {
    PERF_COUNTER_BY_LEVEL_ADD(bloom_filter_full_positive, 1, level_);
  } else {
    PERF_COUNTER_BY_LEVEL_ADD(bloom_filter_useful, 1, level_);
  }
  return status;
}

bool PartTableReader::LastBoxOf(const PartIndexCursor& index,
                                const Slice& key) const {
  // Under user-defined timestamps versions of one key are different user
  // keys: leave it to GetContext to see the end.
  if (order_.user().timestamp_bytes() > 0) return false;
  return !index.internal_keys() ||
         order_.user()(index.separator_user_key(),
                       rocksdb::ExtractUserKey(key)) > 0;
}

Status PartTableReader::SaveSplitRow(const rocksdb::ParsedInternalKey& parsed,
                                     const StripeRecord& record,
                                     const BoxRequest& request, PartRows* rows,
                                     bool* matched, bool* more) const {
  std::unique_ptr<char[]> row(new char[record.row_bytes()]);
  Status status = rows->Stitch(record, request, nullptr, row.get());
  if (!status.ok()) return status;
  const Slice value(row.get(), record.row_bytes());
  rocksdb::Cleanable pinner;
  pinner.RegisterCleanup(
      [](void* bytes, void*) { delete[] static_cast<char*>(bytes); },
      row.release(), nullptr);
  return SaveVersion(request.get_context, parsed, value, matched, &pinner,
                     more);
}

Status PartTableReader::SaveVersions(const Slice& key,
                                     const BoxRequest& request, PartRows* rows,
                                     bool* matched, bool* done) const {
  EntryListCursor& cursor = rows->cursor();
  cursor.Seek(key, order_);
  rocksdb::Cleanable pinner;
  rocksdb::Cleanable* value_pinner = nullptr;
  if (rows->box().pins()) {
    rows->box().TransferTo(&pinner);
    value_pinner = &pinner;
  }
  const Slice user_key = rocksdb::ExtractUserKey(key);
  for (; cursor.Valid(); cursor.Next()) {
    rocksdb::ParsedInternalKey parsed;
    if (!ParseRowInternalKey(cursor.key(), &parsed)) {
      return source_.Corrupt("rows at offset " +
                             std::to_string(rows->handle().offset) +
                             ": bad internal key");
    }
    StripeRecord record;
    Status status = rows->Decode(&record);
    if (!status.ok()) return status;
    bool more;
    // The row behind the key's versions only tells that they are through.
    if (record.split && order_.user().comparator()->EqualWithoutTimestamp(
                            parsed.user_key, user_key)) {
      status = SaveSplitRow(parsed, record, request, rows, matched, &more);
    } else {
      status = SaveVersion(request.get_context, parsed, record.opaque, matched,
                           value_pinner, &more);
    }
    if (!status.ok()) return status;
    if (!more) {
      *done = true;
      return Status::OK();
    }
  }
  return cursor.corrupt() ? RowsCorrupt(rows->handle(), cursor.corrupt_at())
                          : Status::OK();
}

Status PartTableReader::GetFrom(const Slice& key, const BoxRequest& request,
                                PartIndexCursor* index, bool* matched) {
  GetContext* get_context = request.get_context;
  PartRows rows(*this);
  bool done = false;
  while (index->Valid() && !done) {
    Status status = rows.Open(index->handle(), request);
    if (status.ok()) status = SaveVersions(key, request, &rows, matched, &done);
    if (status.IsIncomplete()) get_context->MarkKeyMayExist();
    if (!status.ok()) return status;
    if (!done && LastBoxOf(*index, key)) break;
    if (!done) index->Next();
  }
  if (index->status().IsIncomplete()) get_context->MarkKeyMayExist();
  return index->status();
}

Status PartTableReader::Get(const ReadOptions& read_options, const Slice& key,
                            GetContext* get_context,
                            const SliceTransform* prefix_extractor,
                            bool skip_filters) {
  const BoxRequest request{read_options, nullptr, get_context, false};
  if (!skip_filters) {
    bool may_exist = true;
    Status status = KeyMayExist(key, request, prefix_extractor, &may_exist);
    if (!status.ok() || !may_exist) return status;
  }
  PartIndexCursor index(*this, request);
  index.Seek(key);
  bool matched = false;
  Status status = GetFrom(key, request, &index, &matched);
  if (matched && !skip_filters && root_.filter.shard_count > 0) {
    RecordTick(source_.ioptions().stats,
               rocksdb::BLOOM_FILTER_FULL_TRUE_POSITIVE);
    PERF_COUNTER_BY_LEVEL_ADD(bloom_filter_full_true_positive, 1, level_);
  }
  return status;
}

InternalIterator* PartTableReader::NewIterator(
    const ReadOptions& read_options, const SliceTransform* prefix_extractor,
    rocksdb::Arena* arena, bool skip_filters, rocksdb::TableReaderCaller caller,
    size_t compaction_readahead_size, bool allow_unprepared_value) {
  PartTableIterator::Config config{
      read_options,
      prefix_extractor,
      skip_filters,
      caller == rocksdb::TableReaderCaller::kCompaction,
      compaction_readahead_size,
      allow_unprepared_value};
  if (arena == nullptr) return new PartTableIterator(*this, config);
  void* memory = arena->AllocateAligned(sizeof(PartTableIterator));
  return new (memory) PartTableIterator(*this, config);
}

rocksdb::FragmentedRangeTombstoneIterator*
PartTableReader::NewRangeTombstoneIterator(const ReadOptions& read_options) {
  return NewRangeTombstoneIterator(
      read_options.snapshot != nullptr
          ? read_options.snapshot->GetSequenceNumber()
          : rocksdb::kMaxSequenceNumber,
      read_options.timestamp);
}

rocksdb::FragmentedRangeTombstoneIterator*
PartTableReader::NewRangeTombstoneIterator(
    rocksdb::SequenceNumber read_sequence, const Slice* timestamp) {
  if (range_deletions_ == nullptr) return nullptr;
  return new rocksdb::FragmentedRangeTombstoneIterator(
      range_deletions_, internal_comparator_, read_sequence, timestamp);
}

}  // namespace varve
