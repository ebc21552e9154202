// See zstd_frames.h.
#include "format/coding/zstd_frames.h"

#define ZSTD_STATIC_LINKING_ONLY  // magicless format, a parameter since 1.4
#include <zstd.h>

namespace varve {

ZstdCompressor::~ZstdCompressor() { ZSTD_freeCCtx(context_); }

size_t ZstdCompressor::Append(const char* data, size_t bytes, int level,
                              size_t limit_bytes, std::string* out) {
  if (context_ == nullptr) {
    context_ = ZSTD_createCCtx();
    if (context_ == nullptr) return 0;
    ZSTD_CCtx_setParameter(context_, ZSTD_c_format, ZSTD_f_zstd1_magicless);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 0);
  }
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  const size_t start = out->size();
  const size_t bound = ZSTD_compressBound(bytes);
  out->resize(start + bound);
  const size_t made =
      ZSTD_compress2(context_, &(*out)[start], bound, data, bytes);
  const bool keep = !ZSTD_isError(made) && made < limit_bytes;
  out->resize(keep ? start + made : start);
  return keep ? made : 0;
}

ZstdDecompressor::~ZstdDecompressor() { ZSTD_freeDCtx(context_); }

bool ZstdDecompressor::Read(const char* frame, size_t frame_bytes, char* data,
                            size_t bytes) {
  if (context_ == nullptr) {
    context_ = ZSTD_createDCtx();
    if (context_ == nullptr) return false;
    ZSTD_DCtx_setParameter(context_, ZSTD_d_format, ZSTD_f_zstd1_magicless);
  }
  return ZSTD_decompressDCtx(context_, data, bytes, frame, frame_bytes) ==
         bytes;
}

}  // namespace varve
