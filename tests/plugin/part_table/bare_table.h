// A part between RocksDB's TableBuilder and TableReader, without a database.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugin/host/file_io.h"
#include "plugin/host/table_overrides.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/comparator.h"
#include "rocksdb/env.h"
#include "tests/temp_dir.h"

namespace varve {

inline std::string InternalKey(const std::string& user_key, uint64_t sequence,
                               rocksdb::ValueType type = rocksdb::kTypeValue) {
  std::string key = user_key;
  rocksdb::PutFixed64(&key, rocksdb::PackSequenceAndType(sequence, type));
  return key;
}
inline std::string SeekKey(const std::string& user_key) {
  return InternalKey(user_key, rocksdb::kMaxSequenceNumber,
                     rocksdb::kValueTypeForSeek);
}

class BareTable {
 public:
  // Internal keys and their values, sorted.
  using Entries = std::vector<std::pair<std::string, std::string>>;

  explicit BareTable(
      const PartTableOptions& table,
      const rocksdb::Comparator* comparator = rocksdb::BytewiseComparator(),
      rocksdb::CompressionType compression = rocksdb::kNoCompression)
      : keys_(comparator), compression_(compression) {
    options_.comparator = comparator;
    options_.table_factory = NewPartTableFactory(table);
    ioptions_ = std::make_unique<rocksdb::ImmutableOptions>(options_);
    moptions_ = std::make_unique<rocksdb::MutableCFOptions>(options_);
  }

  void Write(const Entries& entries) {
    Build(entries);
    if (!testing::Test::HasFatalFailure()) Open();
  }
  void Build(const Entries& entries) {
    std::unique_ptr<rocksdb::WritableFileWriter> writer;
    ASSERT_TRUE(rocksdb::WritableFileWriter::Create(
                    options_.env->GetFileSystem(), path_, {}, &writer, nullptr)
                    .ok());
    // The options only refer to these.
    const TableCollectorFactories collectors;
    const rocksdb::ReadOptions read;
    const rocksdb::WriteOptions write;
    const rocksdb::CompressionOptions compression_options;
    const std::string column_family = "default";
    const rocksdb::TableBuilderOptions builder_options(
        *ioptions_, *moptions_,
#if VARVE_ROCKSDB_AT_LEAST(9, 0)
        read, write,
#endif
        keys_, &collectors, compression_, compression_options, 0, column_family,
        -1
#if VARVE_ROCKSDB_AT_LEAST(9, 9)
        ,
        /*newest_key_time=*/0
#endif
    );
    std::unique_ptr<rocksdb::TableBuilder> builder(
        options_.table_factory->NewTableBuilder(builder_options, writer.get()));
    for (const auto& [key, value] : entries) builder->Add(key, value);
    ASSERT_EQ(entries.size(), builder->NumEntries());
    ASSERT_TRUE(builder->Finish().ok());
    ASSERT_TRUE(FlushAndClose(writer.get()).ok());
    bytes_ = builder->FileSize();
    ASSERT_EQ(bytes_, writer->GetFileSize());
  }
  void Open() {
    const rocksdb::Status s = TryOpen();
    ASSERT_TRUE(s.ok()) << s.ToString();
  }
  // Under another comparator than it was written with, if one is given.
  rocksdb::Status TryOpen(const rocksdb::Comparator* comparator = nullptr) {
    if (comparator != nullptr) {
      reader_.reset();
      keys_ = rocksdb::InternalKeyComparator(comparator);
      options_.comparator = comparator;
      ioptions_ = std::make_unique<rocksdb::ImmutableOptions>(options_);
    }
    std::unique_ptr<rocksdb::RandomAccessFileReader> file;
    rocksdb::Status s = rocksdb::RandomAccessFileReader::Create(
        options_.env->GetFileSystem(), path_, {}, &file, nullptr);
    if (!s.ok()) return s;
    const rocksdb::TableReaderOptions reader_options =
        MakeReaderOptions(*ioptions_, moptions_->prefix_extractor, env_, keys_);
    return options_.table_factory->NewTableReader(
        rocksdb::ReadOptions(), reader_options, std::move(file), bytes_,
        &reader_, false);
  }

  const std::string& path() const { return path_; }
  rocksdb::TableReader* reader() { return reader_.get(); }
  uint64_t bytes() const { return bytes_; }
  // Keys are internal ones.
  uint64_t OffsetOf(const rocksdb::Slice& key) {
    return reader_->ApproximateOffsetOf(
        VARVE_READ_OPTIONS_ARGUMENT key,
        rocksdb::TableReaderCaller::kUncategorized);
  }
  uint64_t SizeOf(const rocksdb::Slice& from, const rocksdb::Slice& to) {
    return reader_->ApproximateSize(VARVE_READ_OPTIONS_ARGUMENT from, to,
                                    rocksdb::TableReaderCaller::kUncategorized);
  }
  rocksdb::Status Prefetch(const rocksdb::Slice* from,
                           const rocksdb::Slice* to) {
    return reader_->Prefetch(VARVE_READ_OPTIONS_ARGUMENT from, to);
  }
  std::unique_ptr<rocksdb::InternalIterator> NewIterator(
      const rocksdb::ReadOptions& read,
      rocksdb::TableReaderCaller caller =
          rocksdb::TableReaderCaller::kUserIterator) {
    return std::unique_ptr<rocksdb::InternalIterator>(
        reader_->NewIterator(read, nullptr, nullptr, false, caller));
  }
  bool Get(const std::string& key, std::string* value, rocksdb::Status* status,
           const rocksdb::ReadOptions& read = rocksdb::ReadOptions()) {
    rocksdb::PinnableSlice pinned;
    rocksdb::MergeContext merge_context;
    rocksdb::SequenceNumber covering = 0;
    rocksdb::GetContext context(options_.comparator, nullptr, nullptr, nullptr,
                                rocksdb::GetContext::kNotFound, key, &pinned,
                                nullptr, nullptr, &merge_context, true,
                                &covering, nullptr);
    *status = reader_->Get(read, SeekKey(key), &context, nullptr);
    *value = pinned.ToString();
    return context.State() == rocksdb::GetContext::kFound;
  }

 private:
  TempDir dir_;
  const std::string path_ = dir_ / "part.sst";
  rocksdb::Options options_;
  const rocksdb::EnvOptions env_;
  rocksdb::InternalKeyComparator keys_;
  const rocksdb::CompressionType compression_;
  std::unique_ptr<rocksdb::ImmutableOptions> ioptions_;
  std::unique_ptr<rocksdb::MutableCFOptions> moptions_;
  std::unique_ptr<rocksdb::TableReader> reader_;
  uint64_t bytes_ = 0;
};

}  // namespace varve
