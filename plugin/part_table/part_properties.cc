#include "plugin/part_table/part_properties.h"

#include "format/part/part_block.h"

namespace varve {

using rocksdb::Status;

namespace {

Status ReadStored(const PartBoxSource& source, const BoxHandle& handle,
                  const BoxRequest& request, const PartTail* tail,
                  std::string* stored) {
  const size_t bytes = static_cast<size_t>(handle.bytes) + kBoxTrailerBytes;
  if (tail != nullptr && handle.offset >= tail->offset) {
    stored->assign(tail->bytes,
                   static_cast<size_t>(handle.offset - tail->offset), bytes);
    return Status::OK();
  }
  return source.ReadBytes(request.read, handle.offset, bytes, stored);
}

// RocksDB's reader, which goes over it next, asserts some of this.
Status CheckBlock(const std::string& stored, const BoxHandle& handle) {
  BlockCursor cursor;
  cursor.Open(Slice(stored.data(), static_cast<size_t>(handle.bytes)), 0);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
  }
  return cursor.corrupt()
             ? Status::Corruption("properties at offset " +
                                  std::to_string(handle.offset) + ": bad entry")
             : Status::OK();
}

}  // namespace

Status ReadPartProperties(
    const PartBoxSource& source, const BoxHandle& handle,
    const BoxRequest& request, const PartTail* tail,
    std::shared_ptr<const rocksdb::TableProperties>* properties) {
  std::string stored;
  Status s = ReadStored(source, handle, request, tail, &stored);
  if (!s.ok()) return s;
  ClearGlobalSequence(&stored, static_cast<size_t>(handle.bytes));
  s = VerifyBox(stored, handle);
  BoxTag tag;
  if (s.ok()) s = DecodeBoxTag(stored, handle, &tag);
  if (s.ok() && (tag.kind != BoxKind::kMeta ||
                 tag.compression != BoxCompression::kNone)) {
    s = Status::Corruption("properties at offset " +
                           std::to_string(handle.offset) + ": bad tag");
  }
  if (s.ok()) s = CheckBlock(stored, handle);
  if (!s.ok() || properties == nullptr) return source.Corrupt(s);

  rocksdb::Footer footer;  // of no trailers: the bytes are checked above
  std::unique_ptr<rocksdb::TableProperties> read;
  s = rocksdb::ReadTablePropertiesHelper(
      request.read, rocksdb::BlockHandle(handle.offset, handle.bytes),
      source.file(), nullptr, footer, source.ioptions(), &read);
  if (s.ok()) *properties = std::move(read);
  return s;
}

std::string PartColumns::ToString() const {
  return "rows=" + std::to_string(rows) +
         ",header_bytes=" + std::to_string(header_bytes) +
         ",timestamp_bytes=" + std::to_string(timestamp_bytes) +
         ",value_bytes=" + std::to_string(value_bytes) +
         ",shared_timestamps=" + std::to_string(shared_timestamps) +
         ",given_bytes=" + std::to_string(given_bytes);
}

}  // namespace varve
