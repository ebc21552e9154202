// Any bytes as a part file: an error, or a table that keeps its promises.
// Checksums are set right first, or no change would get past them: what is
// tested is everything behind. Aborts where a promise is broken.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "format/part/part_dump.h"
#include "fuzz/fuzz_check.h"
#include "fuzz/mended_part.h"
#include "plugin/host/table_overrides.h"
#include "plugin/part_table/part_table_factory.h"
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
    const rocksdb::TableReaderOptions reader_options =
        MakeReaderOptions(*ioptions_, extractor_, env, keys_);
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
    reader_->ApproximateOffsetOf(VARVE_READ_OPTIONS_ARGUMENT key,
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
  varve::CheckPart(varve::MendedPart(bytes).bytes());
  return 0;
}
