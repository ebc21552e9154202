// VerifyChecksum: walks every box of the file, past the cache, and sees to it
// that the boxes leave no byte out.
#include <algorithm>

#include "format/part/part_index.h"
#include "plugin/host/file_io.h"
#include "plugin/part_table/part_index_cursor.h"
#include "plugin/part_table/part_properties.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

using rocksdb::ReadOptions;
using rocksdb::TableReaderCaller;

namespace {

constexpr size_t kVerifyReadaheadBytes = 256 * 1024;

struct Extent {
  BoxHandle handle;
  BoxKind kind;
};

}  // namespace

class PartVerifier {
 public:
  PartVerifier(const PartTableReader& table, const ReadOptions& read)
      : table_(table), read_(read) {
    read_.verify_checksums = true;
    read_.read_tier = rocksdb::kReadAllTier;
  }

  Status Run() {
    const PartBoxSource& source = table_.source_;
    const size_t readahead =
        read_.readahead_size > 0 ? read_.readahead_size : kVerifyReadaheadBytes;
    const auto buffer = NewPrefetchBuffer(
        {readahead, readahead}, !source.mapped(), nullptr, nullptr, nullptr);
    const BoxRequest request{read_, buffer.get()};
    Status status = VerifyRows(request);
    if (status.ok()) status = VerifyMeta(request);
    if (status.ok()) status = VerifyFooter();
    return status;
  }

 private:
  // Boxes lie one behind the other.
  Status Advance(const BoxHandle& handle) {
    if (handle.offset != next_) {
      return table_.source_.Corrupt("box at offset " +
                                    std::to_string(handle.offset) +
                                    ", expected at " + std::to_string(next_));
    }
    next_ = handle.end();
    return Status::OK();
  }

  // A box of rows and the boxes of columns that belong to it.
  Status VerifyStripe(const BoxHandle& handle, const BoxRequest& request) {
    const PartBoxSource& source = table_.source_;
    std::unique_ptr<LoadedBox> headers;
    Status status = Advance(handle);
    if (status.ok())
      status = source.Verify(handle, BoxKind::kRows, request, &headers);
    if (!status.ok() || headers == nullptr) return status;
    StripeFront front;
    status = DecodeStripeFront(headers->payload, handle, table_.root_.rows_end,
                               &front);
    if (!status.ok()) return source.Corrupt(status);
    for (const StripeFront::Own& own : front.own) {
      status = Advance(own.handle);
      if (status.ok()) status = source.Verify(own.handle, own.kind, request);
      if (!status.ok()) return status;
    }
    return status;
  }

  Status VerifyRows(const BoxRequest& request) {
    const PartBoxSource& source = table_.source_;
    for (const PartRoot::Leaf& leaf : table_.root_.leaves) {
      std::unique_ptr<LoadedBox> box;
      const BoxRequest plain{read_};
      Status status =
          source.Read(leaf.handle, BoxKind::kIndex, plain, nullptr, &box);
      bool internal_keys;
      Slice entries;
      if (status.ok())
        status = SplitIndexLeaf(box->payload, &internal_keys, &entries);
      if (!status.ok()) return source.Corrupt(status);
      EntryListCursor cursor;
      cursor.Open(entries, 0);
      for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
        BoxHandle handle;
        const Slice value = cursor.value();
        if (DecodeBoxHandle(value.data(), value.data() + value.size(),
                            &handle) == nullptr) {
          return source.Corrupt("index leaf: bad handle");
        }
        status = CheckBoxHandle(handle, table_.root_.rows_end);
        if (!status.ok()) return source.Corrupt(status);
        status = VerifyStripe(handle, request);
        if (!status.ok()) return status;
      }
      if (cursor.corrupt()) return source.Corrupt("index leaf: bad entry");
    }
    return next_ == table_.root_.rows_end
               ? Status::OK()
               : source.Corrupt("rows end at " + std::to_string(next_) +
                                ", expected " +
                                std::to_string(table_.root_.rows_end));
  }

  Status VerifyMeta(const BoxRequest& request) {
    std::vector<Extent> extents;
    for (const auto& leaf : table_.root_.leaves) {
      extents.push_back({leaf.handle, BoxKind::kIndex});
    }
    for (const BoxHandle& shard : table_.root_.filter_shards) {
      extents.push_back({shard, BoxKind::kFilter});
    }
    extents.push_back({table_.footer_.root, BoxKind::kRoot});
    extents.push_back({table_.footer_.metaindex, BoxKind::kMeta});
    BoxHandle properties;
    for (const auto& block : table_.meta_blocks_) {
      extents.push_back({block.handle, BoxKind::kMeta});
      if (block.name == rocksdb::kPropertiesBlockName) {
        properties = block.handle;
      }
    }
    std::sort(extents.begin(), extents.end(),
              [](const Extent& a, const Extent& b) {
                return a.handle.offset < b.handle.offset;
              });
    for (const Extent& extent : extents) {
      Status status = Advance(extent.handle);
      if (status.ok()) {
        status =
            extent.handle == properties
                ? ReadPartProperties(table_.source_, properties, request,
                                     nullptr, nullptr)
                : table_.source_.Verify(extent.handle, extent.kind, request);
      }
      if (!status.ok()) return status;
    }
    return Status::OK();
  }

  Status VerifyFooter() {
    const PartBoxSource& source = table_.source_;
    const uint64_t at = source.file_bytes() - kPartFooterBytes;
    Status status = Advance({at, 0});
    if (!status.ok()) return status;
    rocksdb::IOOptions io;
    status = source.file()->PrepareIOOptions(read_, io);
    if (!status.ok()) return status;
    char scratch[kPartFooterBytes];
    Slice tail;
    status = ReadFile(*source.file(),
                      {io, at, kPartFooterBytes, read_.rate_limiter_priority},
                      &tail, scratch, nullptr);
    PartFooter footer;
    if (status.ok())
      status = DecodePartFooter(tail, source.file_bytes(), &footer);
    return source.Corrupt(status);
  }

  const PartTableReader& table_;
  ReadOptions read_;
  uint64_t next_ = 0;
};

Status PartTableReader::VerifyChecksum(
    const ReadOptions& read_options,
    TableReaderCaller /*caller*/ VARVE_META_ONLY_PARAMETER) {
  return PartVerifier(*this, read_options).Run();
}

}  // namespace varve
