// Any bytes as a part file: an error, or a table that keeps its promises.
// Checksums are set right first, or no change would get past them: what is
// tested is everything behind. Aborts where a promise is broken.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/part_block.h"
#include "format/part_box.h"
#include "format/part_dump.h"
#include "format/part_file.h"
#include "format/part_index.h"
#include "format/part_stripe.h"
#include "fuzz/fuzz_check.h"
#include "plugin/part_table_factory.h"
#include "plugin/rocksdb_internals.h"
#include "rocksdb/comparator.h"
#include "rocksdb/convenience.h"

namespace varve {
namespace {

using rocksdb::ReadOptions;

// A frame can unpack to 32,769 times its size.
constexpr size_t kInputBytesMax = 4096;
constexpr size_t kStepsMax = 5000;
constexpr uint64_t kSizesMax = uint64_t{1} << 31;

void CheckError(const Status& s) {
  VARVE_CHECK(s.IsCorruption() || s.IsNotSupported());
}

// ------------------------------------------------------------- checksums

// The part with right checksums, as far as its boxes can be found.
class Mended {
 public:
  explicit Mended(std::string bytes) : bytes_(std::move(bytes)) {
    if (bytes_.size() < kPartFooterBytes || !MendFooter()) return;
    MendBox(footer_.root);
    MendBox(footer_.metaindex);
    std::string payload;
    if (Open(footer_.metaindex, &payload)) MendHandles(payload, false);
    PartRoot root;
    std::string root_payload;
    if (!Open(footer_.root, &root_payload) ||
        !DecodeRoot(root_payload, bytes_.size() - kPartFooterBytes, &root)
             .ok()) {
      return;
    }
    for (const BoxHandle& shard : root.filter_shards) MendBox(shard);
    for (const PartRoot::Piece& piece : root.pieces) {
      MendBox(piece.handle);
      bool internal_keys = false;
      Slice block;
      if (Open(piece.handle, &payload) &&
          SplitIndexPiece(payload, &internal_keys, &block).ok()) {
        MendHandles(block, true);
      }
    }
  }

  const std::string& bytes() const { return bytes_; }

 private:
  // Whatever its handles say: kept, under a new checksum.
  bool MendFooter() {
    char* p = &bytes_[bytes_.size() - kPartFooterBytes];
    const char* limit = p + 29;
    const char* at = DecodeBoxHandle(p + 1, limit, &footer_.metaindex);
    if (at == nullptr || DecodeBoxHandle(at, limit, &footer_.root) == nullptr ||
        !EncodePartFooter(footer_, p).ok()) {
      return false;
    }
    return Within(footer_.metaindex) && Within(footer_.root);
  }
  bool Within(const BoxHandle& handle) const {
    return CheckBoxHandle(handle, bytes_.size() - kPartFooterBytes).ok();
  }
  Slice Stored(const BoxHandle& handle) const {
    return Slice(bytes_.data() + handle.offset,
                 static_cast<size_t>(handle.bytes) + kBoxTrailerBytes);
  }

  void MendBox(const BoxHandle& handle) {
    if (!Within(handle)) return;
    BoxTag tag;
    if (!DecodeBoxTag(Stored(handle), handle, &tag).ok()) return;
    const size_t bytes = static_cast<size_t>(handle.bytes);
    std::string payload(bytes_, static_cast<size_t>(handle.offset), bytes);
    if (tag.kind == BoxKind::kMeta) ClearGlobalSequence(&payload, bytes);
    EncodeBoxTrailer(payload, tag, handle.offset,
                     &bytes_[static_cast<size_t>(handle.offset) + bytes]);
  }

  bool Open(const BoxHandle& handle, std::string* payload) {
    BoxTag tag;
    if (!Within(handle) || !DecodeBoxTag(Stored(handle), handle, &tag).ok()) {
      return false;
    }
    const Slice stored(Stored(handle).data(),
                       static_cast<size_t>(handle.bytes));
    size_t bytes = 0;
    if (!UnpackedBytes(stored, tag.compression, &bytes).ok()) return false;
    payload->resize(bytes);
    return UnpackInto(stored, tag.compression, &(*payload)[0], bytes).ok();
  }

  void MendHandles(const Slice& block, bool stripes) {
    std::vector<BoxHandle> handles;
    BlockCursor cursor;
    cursor.Open(block, 0);
    for (cursor.SeekToFirst();
         cursor.Valid() && handles.size() < kInputBytesMax; cursor.Next()) {
      BoxHandle handle;
      const Slice value = cursor.value();
      if (DecodeBoxHandle(value.data(), value.data() + value.size(), &handle) !=
          nullptr) {
        handles.push_back(handle);
      }
    }
    for (const BoxHandle& handle : handles) {
      MendBox(handle);
      std::string payload;
      StripeFront front;
      if (!stripes || !Open(handle, &payload) ||
          !DecodeStripeFront(payload, handle, bytes_.size() - kPartFooterBytes,
                             &front)
               .ok()) {
        continue;
      }
      for (const StripeFront::Own& own : front.own) MendBox(own.handle);
      for (const BoxHandle& shared : front.shared) MendBox(shared);
    }
  }

  std::string bytes_;
  PartFooter footer_;
};

// ----------------------------------------------------------------- files

class MemoryFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit MemoryFile(const std::string& bytes) : bytes_(bytes) {}
  rocksdb::IOStatus Read(uint64_t offset, size_t n, const rocksdb::IOOptions&,
                         Slice* result, char* scratch,
                         rocksdb::IODebugContext*) const override {
    const uint64_t size = bytes_.size();
    const size_t at = static_cast<size_t>(std::min(offset, size));
    n = std::min(n, bytes_.size() - at);
    memcpy(scratch, bytes_.data() + at, n);
    *result = Slice(scratch, n);
    return rocksdb::IOStatus::OK();
  }

 private:
  const std::string& bytes_;
};

// ----------------------------------------------------------------- table

class Table {
 public:
  explicit Table(const std::string& bytes)
      : bytes_(bytes), keys_(rocksdb::BytewiseComparator()) {
    options_.table_factory = Factory();
    VARVE_CHECK(rocksdb::MergeOperator::CreateFromString(
                    {}, "stringappend", &options_.merge_operator)
                    .ok());
    ioptions_ = std::make_unique<rocksdb::ImmutableOptions>(options_);
  }

  Status Open() {
    auto file = std::make_unique<rocksdb::RandomAccessFileReader>(
        std::make_unique<MemoryFile>(bytes_), "input");
    rocksdb::EnvOptions env;
    rocksdb::TableReaderOptions reader_options(*ioptions_, extractor_, env,
                                               keys_);
    return options_.table_factory->NewTableReader(
        read_, reader_options, std::move(file), bytes_.size(), &reader_, false);
  }

  void Use() {
    const Status verified = reader_->VerifyChecksum(
        read_, rocksdb::TableReaderCaller::kUserVerifyChecksum);
    if (!verified.ok()) CheckError(verified);
    std::vector<std::string> keys = Walk(true);
    Walk(false);
    keys.push_back("");
    keys.push_back("\xff\xff");
    for (const std::string& key : keys) {
      Get(key);
      Seek(key);
    }
    std::vector<rocksdb::TableReader::Anchor> anchors;
    const Status s = reader_->ApproximateKeyAnchors(read_, anchors);
    if (!s.ok()) CheckError(s);
    std::unique_ptr<rocksdb::FragmentedRangeTombstoneIterator> ranges(
        reader_->NewRangeTombstoneIterator(read_));
    if (ranges != nullptr) {
      for (ranges->SeekToFirst(); ranges->Valid(); ranges->Next()) {
      }
    }
  }

 private:
  static std::shared_ptr<rocksdb::TableFactory> Factory() {
    PartTableOptions table;
    table.cache_bytes = 0;
    return NewPartTableFactory(table);
  }
  std::unique_ptr<rocksdb::InternalIterator> NewIterator() {
    return std::unique_ptr<rocksdb::InternalIterator>(
        reader_->NewIterator(read_, nullptr, nullptr, false,
                             rocksdb::TableReaderCaller::kUserIterator));
  }

  // The user keys that are met.
  std::vector<std::string> Walk(bool forward) {
    std::vector<std::string> keys;
    auto it = NewIterator();
    forward ? it->SeekToFirst() : it->SeekToLast();
    for (size_t i = 0; it->Valid() && i < kStepsMax; ++i) {
      VARVE_CHECK(it->key().size() >= kInternalKeyTrailerBytes);
      VARVE_CHECK(it->value().size() < kSizesMax);
      if (keys.size() < 16) {
        keys.push_back(rocksdb::ExtractUserKey(it->key()).ToString());
      }
      forward ? it->Next() : it->Prev();
    }
    if (!it->status().ok()) CheckError(it->status());
    return keys;
  }

  static std::string InternalKey(const std::string& user_key) {
    std::string key = user_key;
    rocksdb::PutFixed64(
        &key, rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                           rocksdb::kValueTypeForSeek));
    return key;
  }

  void Get(const std::string& user_key) {
    rocksdb::PinnableSlice value;
    rocksdb::MergeContext merge_context;
    rocksdb::SequenceNumber covering = 0;
    rocksdb::GetContext context(
        rocksdb::BytewiseComparator(), options_.merge_operator.get(), nullptr,
        nullptr, rocksdb::GetContext::kNotFound, user_key, &value, nullptr,
        nullptr, &merge_context, false, &covering, nullptr);
    const Status s =
        reader_->Get(read_, InternalKey(user_key), &context, nullptr);
    if (!s.ok()) CheckError(s);
  }

  void Seek(const std::string& user_key) {
    auto it = NewIterator();
    const std::string key = InternalKey(user_key);
    it->Seek(key);
    if (it->Valid()) it->Prev();
    it->SeekForPrev(key);
    if (it->Valid()) it->Next();
    if (!it->status().ok()) CheckError(it->status());
    reader_->ApproximateOffsetOf(key,
                                 rocksdb::TableReaderCaller::kUncategorized);
  }

  const std::string& bytes_;
  const ReadOptions read_;  // iterators keep a reference to it
  const std::shared_ptr<const rocksdb::SliceTransform> extractor_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::ImmutableOptions> ioptions_;
  const rocksdb::InternalKeyComparator keys_;
  std::unique_ptr<rocksdb::TableReader> reader_;
};

void Dump(const std::string& bytes) {
  PartDumpFile file;
  file.bytes = bytes.size();
  file.read = [&bytes](uint64_t offset, size_t count, std::string* out) {
    VARVE_CHECK(offset <= bytes.size() && count <= bytes.size() - offset);
    out->assign(bytes, static_cast<size_t>(offset), count);
    return Status::OK();
  };
  PartDumpLimits limits;
  limits.field_bytes_max = 16;
  const Status s =
      DumpPart(file, limits, [](const std::string&) { return Status::OK(); });
  if (!s.ok()) CheckError(s);
}

void CheckPart(const std::string& bytes) {
  Dump(bytes);
  Table table(bytes);
  const Status s = table.Open();
  if (!s.ok()) return CheckError(s);
  table.Use();
}

}  // namespace
}  // namespace varve

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > varve::kInputBytesMax) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  varve::CheckPart(bytes);
  varve::CheckPart(varve::Mended(bytes).bytes());
  return 0;
}
