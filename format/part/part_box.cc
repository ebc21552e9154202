#include "format/part/part_box.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>

namespace varve {
namespace {

// zstd's densest block: 128 KiB from a header of 3 bytes and one byte of
// content. A frame that claims more per stored byte lies.
constexpr uint64_t kZstdRatioMax = (128 * 1024) / 4 + 1;

// One context a thread: creating one costs more than unpacking a small box.
struct ThreadDContext {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ~ThreadDContext() { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* DContext() {
  static thread_local ThreadDContext holder;
  return holder.context;
}

}  // namespace

BoxPacker::BoxPacker(int zstd_level) : zstd_level_(zstd_level) {
  if (zstd_level_ != 0) context_ = ZSTD_createCCtx();
}

BoxPacker::~BoxPacker() { ZSTD_freeCCtx(context_); }

Slice BoxPacker::Pack(const Slice& raw, BoxCompression* compression) {
  *compression = BoxCompression::kNone;
  if (context_ == nullptr || raw.empty() || raw.size() > kBoxCompressBytesMax) {
    return raw;
  }
  const size_t bound = ZSTD_compressBound(raw.size());
  if (compressed_.size() < bound) compressed_.resize(bound);
  const size_t bytes =
      ZSTD_compressCCtx(context_, &compressed_[0], compressed_.size(),
                        raw.data(), raw.size(), zstd_level_);
  if (ZSTD_isError(bytes) || bytes >= raw.size() - raw.size() / 8) return raw;
  *compression = BoxCompression::kZstd;
  return Slice(compressed_.data(), bytes);
}

uint64_t UnpackedBytesMax(uint64_t stored_bytes) {
  const uint64_t frame_bytes = std::min<uint64_t>(
      stored_bytes, kBoxCompressBytesMax / kZstdRatioMax + 1);
  return std::max<uint64_t>(
      stored_bytes,
      std::min<uint64_t>(frame_bytes * kZstdRatioMax, kBoxCompressBytesMax));
}

Status UnpackedBytes(const Slice& payload, BoxCompression compression,
                     size_t* bytes) {
  if (compression == BoxCompression::kNone) {
    *bytes = payload.size();
    return Status::OK();
  }
  const unsigned long long claimed =
      ZSTD_getFrameContentSize(payload.data(), payload.size());
  if (claimed == ZSTD_CONTENTSIZE_ERROR ||
      claimed == ZSTD_CONTENTSIZE_UNKNOWN) {
    return Status::Corruption("zstd frame without a content size");
  }
  if (claimed > kBoxCompressBytesMax ||
      claimed > payload.size() * kZstdRatioMax) {
    return Status::Corruption(
        "zstd frame of " + std::to_string(payload.size()) +
        " bytes claims to hold " + std::to_string(claimed));
  }
  *bytes = static_cast<size_t>(claimed);
  return Status::OK();
}

Status UnpackInto(const Slice& payload, BoxCompression compression, char* out,
                  size_t bytes) {
  if (compression == BoxCompression::kNone) {
    std::memcpy(out, payload.data(), bytes);
    return Status::OK();
  }
  const size_t got = ZSTD_decompressDCtx(DContext(), out, bytes, payload.data(),
                                         payload.size());
  if (ZSTD_isError(got)) {
    return Status::Corruption(std::string("zstd: ") + ZSTD_getErrorName(got));
  }
  if (got != bytes) {
    return Status::Corruption("zstd frame of " + std::to_string(bytes) +
                              " bytes gave " + std::to_string(got));
  }
  return Status::OK();
}

}  // namespace varve
