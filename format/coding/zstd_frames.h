// zstd frames without magic number and content size, as small units have
// them. A context is made at first need and kept by its owner.
#pragma once

#include <cstddef>
#include <string>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace varve {

class ZstdCompressor {
 public:
  ZstdCompressor() = default;
  ~ZstdCompressor();
  ZstdCompressor(const ZstdCompressor&) = delete;
  ZstdCompressor& operator=(const ZstdCompressor&) = delete;

  // Appends one frame to *out and returns its size; 0, and *out as it was,
  // when it would not be smaller than limit_bytes, or memory is short.
  size_t Append(const char* data, size_t bytes, int level, size_t limit_bytes,
                std::string* out);

 private:
  ZSTD_CCtx_s* context_ = nullptr;
};

class ZstdDecompressor {
 public:
  ZstdDecompressor() = default;
  ~ZstdDecompressor();
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  // True when frame[0, frame_bytes) is exactly one frame of exactly `bytes`
  // bytes, now in data. Never writes more, whatever the frame claims.
  bool Read(const char* frame, size_t frame_bytes, char* data, size_t bytes);

 private:
  ZSTD_DCtx_s* context_ = nullptr;
};

}  // namespace varve
