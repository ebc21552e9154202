#include "plugin/part_table/part_properties.h"

#include "format/part/entry_list.h"

namespace varve {

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
  EntryListCursor cursor;
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
  Status status = ReadStored(source, handle, request, tail, &stored);
  if (!status.ok()) return status;
  ClearGlobalSequence(&stored, static_cast<size_t>(handle.bytes));
  status = VerifyBox(stored, handle);
  BoxTag tag;
  if (status.ok()) status = DecodeBoxTag(stored, handle, &tag);
  if (status.ok() && (tag.kind != BoxKind::kMeta ||
                      tag.compression != BoxCompression::kNone)) {
    status = Status::Corruption("properties at offset " +
                                std::to_string(handle.offset) + ": bad tag");
  }
  if (status.ok()) status = CheckBlock(stored, handle);
  if (!status.ok() || properties == nullptr) return source.Corrupt(status);

  rocksdb::Footer footer;  // of no trailers: the bytes are checked above
  std::unique_ptr<rocksdb::TableProperties> read;
  status = rocksdb::ReadTablePropertiesHelper(
      request.read, rocksdb::BlockHandle(handle.offset, handle.bytes),
      source.file(), nullptr, footer, source.ioptions(), &read);
  if (status.ok()) *properties = std::move(read);
  return status;
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
