#include "format/part/part_file.h"

#include <cstring>

#include "format/coding/varint.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace varve {
namespace {

constexpr char kChecksumKindXxh3 = 4;  // RocksDB's number of kXXH3
constexpr uint32_t kRocksFooterVersion = 1;
constexpr size_t kVersionAt = 29;
constexpr size_t kChecksumAt = 33;
constexpr size_t kRocksVersionAt = 41;
constexpr size_t kMagicAt = 45;
static_assert(kMagicAt + kPartMagicBytes == kPartFooterBytes);

// Odd, so that a changed tag or place always changes the checksum's source.
constexpr uint64_t kPlaceFactor = 0x9e3779b97f4a7c15ull;
constexpr uint64_t kTagFactor = 0xc2b2ae3d27d4eb4full;

void StoreLittle32(char* p, uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<char>(v >> (8 * i));
}

uint32_t BoxChecksum(const char* payload, size_t bytes, uint8_t tag,
                     uint64_t offset) {
  uint64_t hash = PartHash(payload, bytes);
  hash += offset * kPlaceFactor + (uint64_t{tag} + 1) * kTagFactor;
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

std::string Hex(uint64_t v) {
  char text[2 + 16 + 1];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v));
  return text;
}

// The footer's checksum field counts as zero.
uint64_t FooterChecksum(const char* footer) {
  char copy[kPartFooterBytes];
  std::memcpy(copy, footer, sizeof copy);
  std::memset(copy + kChecksumAt, 0, 8);
  return PartHash(copy, sizeof copy);
}

std::string Place(const BoxHandle& handle) {
  return "box at offset " + std::to_string(handle.offset) + ", " +
         std::to_string(handle.bytes) + " bytes";
}

}  // namespace

uint64_t PartHash(const char* data, size_t bytes) {
  return XXH3_64bits(data, bytes);
}

void AppendBoxHandle(const BoxHandle& handle, std::string* out) {
  AppendVarint(out, handle.offset);
  AppendVarint(out, handle.bytes);
}

const char* DecodeBoxHandle(const char* p, const char* limit,
                            BoxHandle* handle) {
  p = DecodeVarint(p, limit, &handle->offset);
  return p == nullptr ? nullptr : DecodeVarint(p, limit, &handle->bytes);
}

Status CheckBoxHandle(const BoxHandle& handle, uint64_t limit) {
  if (limit < kBoxTrailerBytes || handle.bytes > limit - kBoxTrailerBytes ||
      handle.offset > limit - kBoxTrailerBytes - handle.bytes) {
    return Status::Corruption(Place(handle) + ": reaches beyond " +
                              std::to_string(limit));
  }
  return Status::OK();
}

void EncodeBoxTrailer(const Slice& payload, BoxTag tag, uint64_t offset,
                      char* trailer) {
  const uint8_t byte =
      static_cast<uint8_t>(static_cast<unsigned>(tag.kind) << 4 |
                           static_cast<unsigned>(tag.compression));
  trailer[0] = static_cast<char>(byte);
  StoreLittle32(trailer + 1,
                BoxChecksum(payload.data(), payload.size(), byte, offset));
}

Status VerifyBox(const Slice& box, const BoxHandle& handle) {
  const char* trailer = box.data() + handle.bytes;
  const uint32_t stored = LoadLittle32(trailer + 1);
  const uint32_t computed =
      BoxChecksum(box.data(), static_cast<size_t>(handle.bytes),
                  static_cast<uint8_t>(trailer[0]), handle.offset);
  if (stored == computed) return Status::OK();
  return Status::Corruption(Place(handle) + ": checksum " + Hex(computed) +
                            ", stored " + Hex(stored));
}

Status DecodeBoxTag(const Slice& box, const BoxHandle& handle, BoxTag* tag) {
  const uint8_t byte = static_cast<uint8_t>(box.data()[handle.bytes]);
  const uint8_t kind = byte >> 4;
  const uint8_t compression = byte & 0xf;
  if (kind < static_cast<uint8_t>(BoxKind::kRows) ||
      kind > static_cast<uint8_t>(BoxKind::kValues) ||
      compression > static_cast<uint8_t>(BoxCompression::kZstd)) {
    return Status::Corruption(Place(handle) + ": unknown tag " + Hex(byte));
  }
  tag->kind = static_cast<BoxKind>(kind);
  tag->compression = static_cast<BoxCompression>(compression);
  if (tag->compression != BoxCompression::kNone &&
      (tag->kind == BoxKind::kMeta || tag->kind == BoxKind::kFilter)) {
    return Status::Corruption(Place(handle) + ": tag " + Hex(byte) +
                              " of a packed box that is never packed");
  }
  return Status::OK();
}

Status EncodePartFooter(const PartFooter& footer, char* out) {
  std::string handles;
  AppendBoxHandle(footer.metaindex, &handles);
  AppendBoxHandle(footer.root, &handles);
  if (1 + handles.size() > kVersionAt) {
    return Status::InvalidArgument("part file too large for its footer");
  }
  std::memset(out, 0, kPartFooterBytes);
  out[0] = kChecksumKindXxh3;
  std::memcpy(out + 1, handles.data(), handles.size());
  StoreLittle32(out + kVersionAt, footer.part_version);
  StoreLittle32(out + kRocksVersionAt, kRocksFooterVersion);
  StoreLittle64(out + kMagicAt, kPartMagic);
  StoreLittle64(out + kChecksumAt, FooterChecksum(out));
  return Status::OK();
}

uint64_t PeekMagic(const Slice& tail) {
  if (tail.size() < kPartMagicBytes) return 0;
  return LoadLittle64(tail.data() + tail.size() - kPartMagicBytes);
}

Status DecodePartFooter(const Slice& tail, uint64_t file_bytes,
                        PartFooter* footer) {
  if (tail.size() < kPartFooterBytes || file_bytes < kPartFooterBytes) {
    return Status::Corruption("the file ends at offset " +
                              std::to_string(file_bytes) +
                              ": shorter than a part's footer");
  }
  const char* p = tail.data() + tail.size() - kPartFooterBytes;
  const std::string place =
      "footer at offset " + std::to_string(file_bytes - kPartFooterBytes);
  if (PeekMagic(tail) != kPartMagic) {
    return Status::Corruption(place + ": magic number " + Hex(PeekMagic(tail)) +
                              ", expected " + Hex(kPartMagic));
  }
  const uint64_t stored = LoadLittle64(p + kChecksumAt);
  const uint64_t computed = FooterChecksum(p);
  if (stored != computed) {
    return Status::Corruption(place + ": checksum " + Hex(computed) +
                              ", stored " + Hex(stored));
  }
  footer->part_version = LoadLittle32(p + kVersionAt);
  if (footer->part_version != kPartVersion || p[0] != kChecksumKindXxh3) {
    return Status::NotSupported(
        "part format version " + std::to_string(footer->part_version) +
        " with checksum kind " + std::to_string(p[0]) +
        "; this library reads version " + std::to_string(kPartVersion));
  }
  const char* limit = p + kVersionAt;
  const char* at = DecodeBoxHandle(p + 1, limit, &footer->metaindex);
  if (at != nullptr) at = DecodeBoxHandle(at, limit, &footer->root);
  if (at == nullptr) return Status::Corruption(place + ": bad handles");
  const uint64_t boxes_end = file_bytes - kPartFooterBytes;
  Status status = CheckBoxHandle(footer->metaindex, boxes_end);
  if (status.ok()) status = CheckBoxHandle(footer->root, boxes_end);
  return status;
}

}  // namespace varve
