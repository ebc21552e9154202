// The frame of a part file: boxes, each under its own checksum, and a footer
// that RocksDB reads too.
//
//   part    := box* footer         boxes touch: there is no padding
//   box     := payload tag:u8 checksum:u32
//   tag     := kind << 4 | compression
//   footer  := checksum_kind:u8 handle(metaindex) handle(root) 00*
//              part_version:u32 footer_checksum:u64
//              rocksdb_footer_version:u32 magic:u64      (53 bytes)
//
// Integers are little-endian. A box's checksum covers its payload, its tag
// and its place in the file, so that a box read from a wrong offset does not
// pass. To RocksDB the footer is one of its version 1 without block trailers:
// a handle is a payload, and what follows it is ours.
//
// Bytes only: no file access, no compression (part_box.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

inline constexpr uint64_t kPartMagic = 0x56ae2d43d901eb3bull;
inline constexpr uint32_t kPartVersion = 1;
inline constexpr size_t kPartFooterBytes = 53;
inline constexpr size_t kPartMagicBytes = 8;
inline constexpr size_t kBoxTrailerBytes = 5;

// On disk: numbers never change.
enum class BoxKind : uint8_t {
  kRows = 1,    // rows, each value as it was given
  kIndex = 2,   // a leaf of the index: separator -> box of rows
  kRoot = 3,    // what a reader holds: leaves of the index, filter
  kFilter = 4,  // a shard of the filter
  kMeta = 5,    // a RocksDB meta block: metaindex, properties, range deletions
  // A stripe, see part_stripe.h:
  kHeaders = 6,
  kTimestamps = 7,
  kValues = 8,
};

// On disk: numbers never change.
enum class BoxCompression : uint8_t { kNone = 0, kZstd = 1 };

// Where a payload lies, as it is stored and without its trailer.
struct BoxHandle {
  uint64_t offset = 0;
  uint64_t bytes = 0;

  uint64_t end() const { return offset + bytes + kBoxTrailerBytes; }
  bool operator==(const BoxHandle& other) const {
    return offset == other.offset && bytes == other.bytes;
  }
};

// Two varints. Decode returns the byte after them, or nullptr.
void AppendBoxHandle(const BoxHandle& handle, std::string* out);
const char* DecodeBoxHandle(const char* p, const char* limit,
                            BoxHandle* handle);

// OK when the box, trailer included, ends at or before `limit`.
Status CheckBoxHandle(const BoxHandle& handle, uint64_t limit);

struct BoxTag {
  BoxKind kind = BoxKind::kRows;
  BoxCompression compression = BoxCompression::kNone;
};

// Writes kBoxTrailerBytes at `trailer`.
void EncodeBoxTrailer(const Slice& payload, BoxTag tag, uint64_t offset,
                      char* trailer);

// Checks the trailer behind the payload `box.data()[0, handle.bytes)`.
// Corruption says what was expected and what was found.
// REQUIRES: box.size() == handle.bytes + kBoxTrailerBytes.
Status VerifyBox(const Slice& box, const BoxHandle& handle);

// Reads the tag without the checksum. Corruption for an unknown kind or
// compression.
Status DecodeBoxTag(const Slice& box, const BoxHandle& handle, BoxTag* tag);

// The 64-bit hash under all checksums.
uint64_t PartHash(const char* data, size_t bytes);

struct PartFooter {
  uint32_t part_version = kPartVersion;
  BoxHandle metaindex;
  BoxHandle root;
};

// Writes kPartFooterBytes at `out`. InvalidArgument for a file so large that
// its handles do not fit.
Status EncodePartFooter(const PartFooter& footer, char* out);

// `tail` ends where the file ends; file_bytes is the file's size.
// Corruption for a wrong magic number, checksum or handle; NotSupported for a
// whole footer of another version.
Status DecodePartFooter(const Slice& tail, uint64_t file_bytes,
                        PartFooter* footer);

// The last eight bytes; 0 when there are fewer.
uint64_t PeekMagic(const Slice& tail);

}  // namespace varve
