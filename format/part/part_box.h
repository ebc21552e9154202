// Fills and opens the boxes of a part file: compression around part_file.h's
// trailers. A zstd payload is one frame that states its content's size.
// Bytes only: no file access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "format/part/part_file.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

struct ZSTD_CCtx_s;

namespace varve {

// Larger payloads are stored as they are.
inline constexpr size_t kBoxCompressBytesMax = size_t{1} << 31;

// Keeps a zstd context and its memory: one thread at a time.
class BoxPacker {
 public:
  // level 0: no compression at all.
  explicit BoxPacker(int zstd_level);
  ~BoxPacker();
  BoxPacker(const BoxPacker&) = delete;
  BoxPacker& operator=(const BoxPacker&) = delete;

  int level() const { return zstd_level_; }
  // REQUIRES: neither this one nor the one before is 0.
  void set_level(int zstd_level) { zstd_level_ = zstd_level; }

  // Returns the payload to store: `raw` itself, or its compressed form when
  // that saves an eighth. Valid until the next call, and while raw is.
  Slice Pack(const Slice& raw, BoxCompression* compression);

 private:
  int zstd_level_;
  ZSTD_CCtx_s* context_ = nullptr;
  std::string compressed_;
};

// What a payload of so many stored bytes can unpack to at most.
uint64_t UnpackedBytesMax(uint64_t stored_bytes);

// The size of an unpacked payload. Corruption when a zstd frame does not say
// it or claims more than its bytes can hold.
Status UnpackedBytes(const Slice& payload, BoxCompression compression,
                     size_t* bytes);

// Unpacks into out[0, bytes), `bytes` as UnpackedBytes gave it.
Status UnpackInto(const Slice& payload, BoxCompression compression, char* out,
                  size_t bytes);

}  // namespace varve
