#include "plugin/part_table/part_box_source.h"

#include <malloc.h>

#include "format/part/part_box.h"
#include "plugin/host/cache_entry.h"
#include "plugin/host/file_io.h"
#include "plugin/part_table/part_cache_stats.h"

namespace varve {

using rocksdb::Cache;
using rocksdb::CacheEntryRole;

namespace {

void ReleaseHandle(void* cache, void* handle) {
  static_cast<Cache*>(cache)->Release(static_cast<Cache::Handle*>(handle));
}
void DeleteBox(void* box, void*) { delete static_cast<LoadedBox*>(box); }

CacheEntryKind EntryKindOf(BoxKind kind) {
  switch (kind) {
    case BoxKind::kRows:
    case BoxKind::kHeaders:
    case BoxKind::kTimestamps:
    case BoxKind::kValues:
      return CacheEntryKindOf<LoadedBox, CacheEntryRole::kDataBlock>();
    case BoxKind::kIndex:
      return CacheEntryKindOf<LoadedBox, CacheEntryRole::kIndexBlock>();
    case BoxKind::kFilter:
      return CacheEntryKindOf<LoadedBox, CacheEntryRole::kFilterBlock>();
    default:
      return CacheEntryKindOf<LoadedBox, CacheEntryRole::kOtherBlock>();
  }
}

}  // namespace

size_t LoadedBox::memory_bytes() const {
  size_t total = sizeof *this;
  if (bytes == nullptr) return total;
  rocksdb::MemoryAllocator* allocator = bytes.get_deleter().allocator;
  total += allocator != nullptr
               ? allocator->UsableSize(bytes.get(), payload.size())
               : malloc_usable_size(bytes.get());
  return total;
}

BoxRef& BoxRef::operator=(BoxRef&& other) noexcept {
  if (this == &other) return *this;
  Reset();
  box_ = std::exchange(other.box_, nullptr);
  cache_ = std::exchange(other.cache_, nullptr);
  handle_ = std::exchange(other.handle_, nullptr);
  owned_ = std::exchange(other.owned_, false);
  return *this;
}

BoxRef BoxRef::Cached(Cache* cache, Cache::Handle* handle) {
  BoxRef ref;
  ref.box_ = static_cast<const LoadedBox*>(cache->Value(handle));
  ref.cache_ = cache;
  ref.handle_ = handle;
  return ref;
}

BoxRef BoxRef::Owned(std::unique_ptr<LoadedBox> box) {
  BoxRef ref;
  ref.box_ = box.release();
  ref.owned_ = true;
  return ref;
}

BoxRef BoxRef::Borrowed(const LoadedBox* box) {
  BoxRef ref;
  ref.box_ = box;
  return ref;
}

void BoxRef::Reset() {
  if (handle_ != nullptr) cache_->Release(handle_);
  if (owned_) delete box_;
  box_ = nullptr;
  cache_ = nullptr;
  handle_ = nullptr;
  owned_ = false;
}

BoxRef BoxRef::Share() const {
  if (handle_ == nullptr) return Borrowed(box_);
  cache_->Ref(handle_);
  return Cached(cache_, handle_);
}

void BoxRef::TransferTo(rocksdb::Cleanable* cleanable) {
  if (handle_ != nullptr) {
    cleanable->RegisterCleanup(&ReleaseHandle, cache_, handle_);
  } else if (owned_) {
    cleanable->RegisterCleanup(&DeleteBox, const_cast<LoadedBox*>(box_),
                               nullptr);
  }
  handle_ = nullptr;
  owned_ = false;
}

// Stored bytes: in `mapped` memory, in the prefetch or direct I/O buffer, or
// in `buffer`.
struct PartBoxSource::Raw {
  Slice stored;
  rocksdb::CacheAllocationPtr buffer;
  DirectBuffer aligned;
  bool mapped = false;
};

PartBoxSource::PartBoxSource(Config config) : config_(std::move(config)) {}

Status PartBoxSource::Corrupt(const Status& what) const {
  if (!what.IsCorruption()) return what;
  return Corrupt(
      std::string(what.getState() != nullptr ? what.getState() : ""));
}

Status PartBoxSource::Corrupt(const std::string& what) const {
  return Status::Corruption(file_name(), what);
}

rocksdb::CacheKey PartBoxSource::KeyOf(const BoxHandle& handle) const {
  // Boxes lie more than 4 bytes apart.
  static_assert(kBoxTrailerBytes >= 4);
  return cache_key_.WithOffset(handle.offset >> 2);
}

Status PartBoxSource::ReadRaw(const BoxHandle& handle,
                              const BoxRequest& request, Raw* raw) const {
  rocksdb::RandomAccessFileReader* file = config_.file.get();
  const size_t bytes = static_cast<size_t>(handle.bytes) + kBoxTrailerBytes;
  FileRead read{{}, handle.offset, bytes, request.read.rate_limiter_priority};
  Status status = file->PrepareIOOptions(request.read, read.io);
  if (!status.ok()) return status;
  if (request.prefetch != nullptr &&
      ReadFromPrefetch(request.prefetch, file, read, request.for_compaction,
                       &raw->stored, &status)) {
    if (!status.ok()) return status;
  } else if (!status.ok()) {
    return status;
  } else {
    PERF_TIMER_GUARD(block_read_time);
    if (file->use_direct_io()) {
      status = ReadFile(*file, read, &raw->stored, nullptr, &raw->aligned);
    } else {
      Cache* cache = config_.cache.get();
      raw->buffer = rocksdb::AllocateBlock(
          bytes, cache != nullptr ? cache->memory_allocator() : nullptr);
      status = ReadFile(*file, read, &raw->stored, raw->buffer.get(), nullptr);
      if (raw->stored.data() != raw->buffer.get()) raw->mapped = true;
    }
    PERF_COUNTER_ADD(block_read_count, 1);
    PERF_COUNTER_ADD(block_read_byte, bytes);
    if (!status.ok()) return status;
  }
  if (raw->stored.size() != bytes) {
    return Corrupt("truncated at offset " + std::to_string(handle.offset) +
                   ": expected " + std::to_string(bytes) + " bytes, got " +
                   std::to_string(raw->stored.size()));
  }
  return Status::OK();
}

Status PartBoxSource::ReadBytes(const rocksdb::ReadOptions& read,
                                uint64_t offset, size_t count,
                                std::string* bytes) const {
  rocksdb::IOOptions io;
  Status status = config_.file->PrepareIOOptions(read, io);
  if (!status.ok()) return status;
  bytes->resize(count);
  Slice result;
  status =
      ReadFile(*config_.file, {io, offset, count, read.rate_limiter_priority},
               &result, &(*bytes)[0], nullptr);
  if (!status.ok()) return status;
  if (result.size() != count) {
    return Corrupt("truncated at offset " + std::to_string(offset));
  }
  if (result.data() != bytes->data()) bytes->assign(result.data(), count);
  return status;
}

Status PartBoxSource::CheckRaw(const Slice& stored, const BoxHandle& handle,
                               BoxKind kind, bool verify, BoxTag* tag) const {
  Status status;
  if (verify) {
    PERF_TIMER_GUARD(block_checksum_time);
    status = VerifyBox(stored, handle);
  }
  if (status.ok()) status = DecodeBoxTag(stored, handle, tag);
  const bool wanted = tag->kind == kind || (kind == BoxKind::kRows &&
                                            tag->kind == BoxKind::kHeaders);
  if (status.ok() && !wanted) {
    status = Status::Corruption(
        "box at offset " + std::to_string(handle.offset) + ": kind " +
        std::to_string(static_cast<int>(tag->kind)) + ", expected " +
        std::to_string(static_cast<int>(kind)));
  }
  return Corrupt(status);
}

Status PartBoxSource::Unpack(const Slice& stored, const BoxHandle& handle,
                             BoxTag tag,
                             std::unique_ptr<LoadedBox>* box) const {
  const Slice payload(stored.data(), static_cast<size_t>(handle.bytes));
  size_t bytes = 0;
  Status status = UnpackedBytes(payload, tag.compression, &bytes);
  if (!status.ok()) return Corrupt(status);
  Cache* cache = config_.cache.get();
  auto loaded = std::make_unique<LoadedBox>();
  loaded->kind = tag.kind;
  loaded->bytes = rocksdb::AllocateBlock(
      bytes, cache != nullptr ? cache->memory_allocator() : nullptr);
  loaded->payload = Slice(loaded->bytes.get(), bytes);
  {
    PERF_TIMER_GUARD(block_decompress_time);
    status = UnpackInto(payload, tag.compression, loaded->bytes.get(), bytes);
  }
  if (!status.ok()) {
    return Corrupt("box at offset " + std::to_string(handle.offset) + ": " +
                   status.ToString());
  }
  *box = std::move(loaded);
  return Status::OK();
}

Status PartBoxSource::Read(const BoxHandle& handle, BoxKind kind,
                           const BoxRequest& request, const PartTail* tail,
                           std::unique_ptr<LoadedBox>* box) const {
  BoxTag tag;
  if (tail != nullptr && handle.offset >= tail->offset) {
    const size_t at = static_cast<size_t>(handle.offset - tail->offset);
    const size_t bytes = static_cast<size_t>(handle.bytes) + kBoxTrailerBytes;
    const Slice stored(tail->bytes.data() + at, bytes);
    Status status = CheckRaw(stored, handle, kind, true, &tag);
    return status.ok() ? Unpack(stored, handle, tag, box) : status;
  }
  Raw raw;
  Status status = ReadRaw(handle, request, &raw);
  if (status.ok()) {
    status =
        CheckRaw(raw.stored, handle, kind, request.read.verify_checksums, &tag);
  }
  if (!status.ok()) return status;
  const bool plain = tag.compression == BoxCompression::kNone;
  if (plain && (raw.mapped || (uncompressed_ && raw.buffer != nullptr))) {
    // Used where it lies.
    auto loaded = std::make_unique<LoadedBox>();
    loaded->kind = tag.kind;
    if (!raw.mapped) loaded->bytes = std::move(raw.buffer);
    loaded->payload =
        Slice(raw.stored.data(), static_cast<size_t>(handle.bytes));
    *box = std::move(loaded);
    return status;
  }
  return Unpack(raw.stored, handle, tag, box);
}

Status PartBoxSource::Verify(const BoxHandle& handle, BoxKind kind,
                             const BoxRequest& request,
                             std::unique_ptr<LoadedBox>* headers) const {
  Raw raw;
  Status status = ReadRaw(handle, request, &raw);
  BoxTag tag;
  if (status.ok()) status = CheckRaw(raw.stored, handle, kind, true, &tag);
  if (status.ok() && headers != nullptr && tag.kind == BoxKind::kHeaders) {
    status = Unpack(raw.stored, handle, tag, headers);
  }
  return status;
}

void PartBoxSource::Lookup(const BoxHandle& handle, BoxKind kind,
                           const BoxRequest& request, BoxRef* ref) const {
  if (!caches(handle)) return;
  Cache* cache = config_.cache.get();
  Cache::Handle* found =
      LookupInCache(cache, KeyOf(handle).AsSlice(), config_.ioptions->stats);
  if (found == nullptr) {
    CountCacheMiss(kind, request.get_context, config_.ioptions->stats,
                   config_.level);
    return;
  }
  *ref = BoxRef::Cached(cache, found);
  CountCacheHit(kind, request.get_context, config_.ioptions->stats,
                config_.level, ref->payload().size());
}

Status PartBoxSource::Insert(std::unique_ptr<LoadedBox> box,
                             const BoxHandle& handle, BoxKind kind,
                             const BoxRequest& request, BoxRef* ref) const {
  if (!caches(handle) || !request.read.fill_cache || box->bytes == nullptr) {
    *ref = BoxRef::Owned(std::move(box));
    return Status::OK();
  }
  Cache* cache = config_.cache.get();
  const size_t charge = box->memory_bytes();
  const bool meta = kind == BoxKind::kIndex || kind == BoxKind::kFilter;
  const bool high = meta && config_.high_priority_meta;
  Cache::Handle* inserted = nullptr;
  Status status = InsertIntoCache(
      cache, KeyOf(handle).AsSlice(), box.get(), EntryKindOf(kind), charge,
      high ? Cache::Priority::HIGH : Cache::Priority::LOW, &inserted);
  if (!status.ok()) {
    RecordTick(config_.ioptions->stats, rocksdb::BLOCK_CACHE_ADD_FAILURES);
    return status;
  }
  box.release();
  *ref = BoxRef::Cached(cache, inserted);
  CountCacheAdd(kind, request.get_context, config_.ioptions->stats, charge);
  return status;
}

Status PartBoxSource::Load(const BoxHandle& handle, BoxKind kind,
                           const BoxRequest& request, BoxRef* ref) const {
  ref->Reset();
  Lookup(handle, kind, request, ref);
  if (!ref->empty()) return Status::OK();
  if (request.read.read_tier == rocksdb::kBlockCacheTier) {
    return Status::Incomplete("not in the block cache");
  }
  std::unique_ptr<LoadedBox> box;
  Status status = Read(handle, kind, request, nullptr, &box);
  return status.ok() ? Insert(std::move(box), handle, kind, request, ref)
                     : status;
}

Status PartBoxSource::Admit(const Slice& stored, const BoxHandle& handle,
                            BoxKind kind, const BoxRequest& request,
                            BoxRef* ref) const {
  BoxTag tag;
  std::unique_ptr<LoadedBox> box;
  Status status =
      CheckRaw(stored, handle, kind, request.read.verify_checksums, &tag);
  if (status.ok()) status = Unpack(stored, handle, tag, &box);
  return status.ok() ? Insert(std::move(box), handle, kind, request, ref)
                     : status;
}

}  // namespace varve
