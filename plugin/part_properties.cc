#include "plugin/part_properties.h"

#include <cstring>

#include "format/part_block.h"

namespace varve {

using rocksdb::Status;

namespace {

constexpr size_t kSequenceBytes = 8;

// Where the value of the global sequence number lies in the block; 0: not.
size_t SequenceAt(const Slice& block) {
  BlockCursor cursor;
  cursor.Open(block, 0);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    if (cursor.key() == rocksdb::ExternalSstFilePropertyNames::kGlobalSeqno &&
        cursor.value().size() == kSequenceBytes) {
      return static_cast<size_t>(cursor.value().data() - block.data());
    }
  }
  return 0;
}

Status ReadStored(const PartBoxSource& source, const BoxHandle& handle,
                  const BoxRequest& request, const PartTail* tail,
                  std::string* stored) {
  const size_t bytes = static_cast<size_t>(handle.bytes) + kBoxTrailerBytes;
  if (tail != nullptr && handle.offset >= tail->offset) {
    stored->assign(tail->bytes,
                   static_cast<size_t>(handle.offset - tail->offset), bytes);
    return Status::OK();
  }
  rocksdb::RandomAccessFileReader* file = source.file();
  rocksdb::IOOptions io;
  Status s = file->PrepareIOOptions(request.read, io);
  if (!s.ok()) return s;
  stored->resize(bytes);
  Slice result;
  s = file->Read(io, handle.offset, bytes, &result, &(*stored)[0], nullptr,
                 request.read.rate_limiter_priority);
  if (!s.ok()) return s;
  if (result.size() != bytes) {
    return source.Corrupt("truncated at offset " +
                          std::to_string(handle.offset));
  }
  if (result.data() != stored->data()) stored->assign(result.data(), bytes);
  return s;
}

}  // namespace

Status ReadPartProperties(
    const PartBoxSource& source, const BoxHandle& handle,
    const BoxRequest& request, const PartTail* tail,
    std::shared_ptr<const rocksdb::TableProperties>* properties) {
  std::string stored;
  Status s = ReadStored(source, handle, request, tail, &stored);
  if (!s.ok()) return s;
  const Slice block(stored.data(), static_cast<size_t>(handle.bytes));
  if (const size_t at = SequenceAt(block)) {
    std::memset(&stored[at], 0, kSequenceBytes);
  }
  s = VerifyBox(stored, handle);
  BoxTag tag;
  if (s.ok()) s = DecodeBoxTag(stored, handle, &tag);
  if (s.ok() && (tag.kind != BoxKind::kMeta ||
                 tag.compression != BoxCompression::kNone)) {
    s = Status::Corruption("properties at offset " +
                           std::to_string(handle.offset) + ": bad tag");
  }
  if (!s.ok() || properties == nullptr) return source.Corrupt(s);

  rocksdb::Footer footer;  // of no trailers: the bytes are checked above
  std::unique_ptr<rocksdb::TableProperties> read;
  s = rocksdb::ReadTablePropertiesHelper(
      request.read, rocksdb::BlockHandle(handle.offset, handle.bytes),
      source.file(), nullptr, footer, source.ioptions(), &read);
  if (s.ok()) *properties = std::move(read);
  return s;
}

}  // namespace varve
