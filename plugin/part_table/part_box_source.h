// Brings boxes of one part file into memory: from the block cache, from a
// prefetch buffer or from the file, checked and unpacked. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "format/part/part_file.h"
#include "plugin/host/rocksdb_internals.h"

namespace varve {

// An unpacked box.
struct LoadedBox {
  rocksdb::CacheAllocationPtr bytes;  // null when the payload is mapped
  Slice payload;
  BoxKind kind = BoxKind::kRows;

  size_t memory_bytes() const;
};

// A box in use: a reference into the cache, an owned one, or a borrowed one
// that the reader holds as long as it lives.
class BoxRef {
 public:
  BoxRef() = default;
  BoxRef(BoxRef&& other) noexcept { *this = std::move(other); }
  BoxRef& operator=(BoxRef&& other) noexcept;
  ~BoxRef() { Reset(); }

  static BoxRef Cached(rocksdb::Cache* cache, rocksdb::Cache::Handle* handle);
  static BoxRef Owned(std::unique_ptr<LoadedBox> box);
  static BoxRef Borrowed(const LoadedBox* box);

  bool empty() const { return box_ == nullptr; }
  const LoadedBox* box() const { return box_; }
  const Slice& payload() const { return box_->payload; }
  // The reference keeps the bytes alive by itself: TransferTo can hand that
  // on. Not so for mapped and borrowed bytes.
  bool pins() const {
    return handle_ != nullptr || (owned_ && box_->bytes != nullptr);
  }
  void Reset();
  // Another reference to the same box. Of an owned box it only borrows.
  BoxRef Share() const;
  // Makes `cleanable` release what this releases; this stays readable until
  // then but releases nothing any more.
  void TransferTo(rocksdb::Cleanable* cleanable);

 private:
  const LoadedBox* box_ = nullptr;
  rocksdb::Cache* cache_ = nullptr;
  rocksdb::Cache::Handle* handle_ = nullptr;
  bool owned_ = false;
};

struct BoxRequest {
  const rocksdb::ReadOptions& read;
  rocksdb::FilePrefetchBuffer* prefetch = nullptr;
  rocksdb::GetContext* get_context = nullptr;
  bool for_compaction = false;
};

// The end of a file that opening reads in one go.
struct PartTail {
  uint64_t offset = 0;
  std::string bytes;
};

class PartBoxSource {
 public:
  struct Config {
    const rocksdb::ImmutableOptions* ioptions;
    std::unique_ptr<rocksdb::RandomAccessFileReader> file;
    uint64_t file_bytes;
    std::shared_ptr<rocksdb::Cache> cache;  // may be null
    bool high_priority_meta;
    int level;
  };
  explicit PartBoxSource(Config config);

  const std::string& file_name() const { return config_.file->file_name(); }
  rocksdb::RandomAccessFileReader* file() const { return config_.file.get(); }
  uint64_t file_bytes() const { return config_.file_bytes; }
  bool mapped() const { return config_.ioptions->allow_mmap_reads; }
  rocksdb::Cache* cache() const { return config_.cache.get(); }
  const rocksdb::ImmutableOptions& ioptions() const {
    return *config_.ioptions;
  }

  // Before these two are called boxes are neither cached nor assumed to be
  // stored as they are.
  void SetCacheKey(const rocksdb::OffsetableCacheKey& key) { cache_key_ = key; }
  void SetUncompressed(bool uncompressed) { uncompressed_ = uncompressed; }

  // Through the cache. Where kRows is asked for kHeaders is as good.
  // Incomplete when the box is not cached and
  // read_tier is kBlockCacheTier.
  Status Load(const BoxHandle& handle, BoxKind kind, const BoxRequest& request,
              BoxRef* ref) const;
  // Only the cache: an empty reference when it is not there.
  void Lookup(const BoxHandle& handle, BoxKind kind, const BoxRequest& request,
              BoxRef* ref) const;
  // From stored bytes, trailer included, that the caller has read; into the
  // cache if the request fills it.
  Status Admit(const Slice& stored, const BoxHandle& handle, BoxKind kind,
               const BoxRequest& request, BoxRef* ref) const;
  // From the file or `tail`, not through the cache.
  Status Read(const BoxHandle& handle, BoxKind kind, const BoxRequest& request,
              const PartTail* tail, std::unique_ptr<LoadedBox>* box) const;
  // The stored bytes, checked; nothing is unpacked but, where kRows is asked
  // for and `headers` is given, a box of headers.
  Status Verify(const BoxHandle& handle, BoxKind kind,
                const BoxRequest& request,
                std::unique_ptr<LoadedBox>* headers = nullptr) const;

  // The file's bytes as they lie there, `count` of them or Corruption.
  Status ReadBytes(const rocksdb::ReadOptions& read, uint64_t offset,
                   size_t count, std::string* bytes) const;

  // Names the file.
  Status Corrupt(const Status& what) const;
  Status Corrupt(const std::string& what) const;

 private:
  struct Raw;  // stored bytes and who owns them
  Status ReadRaw(const BoxHandle& handle, const BoxRequest& request,
                 Raw* raw) const;
  Status CheckRaw(const Slice& stored, const BoxHandle& handle, BoxKind kind,
                  bool verify, BoxTag* tag) const;
  Status Unpack(const Slice& stored, const BoxHandle& handle, BoxTag tag,
                std::unique_ptr<LoadedBox>* box) const;
  Status Insert(std::unique_ptr<LoadedBox> box, const BoxHandle& handle,
                BoxKind kind, const BoxRequest& request, BoxRef* ref) const;
  bool caches(const BoxHandle& handle) const {
    return config_.cache != nullptr && !cache_key_.IsEmpty() &&
           handle.bytes > 0;
  }
  rocksdb::CacheKey KeyOf(const BoxHandle& handle) const;

  Config config_;
  rocksdb::OffsetableCacheKey cache_key_;
  bool uncompressed_ = false;
};

}  // namespace varve
