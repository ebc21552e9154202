#include "tools/decompressor.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace varve::tools {
namespace {

// A frame, or one of the sixteen kinds of frame that are skipped.
bool IsZstd(std::string_view head) {
  if (head.size() < sizeof(uint32_t)) return false;
  uint32_t magic;
  std::memcpy(&magic, head.data(), sizeof magic);
  return magic == ZSTD_MAGICNUMBER ||
         (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

bool IsGzip(std::string_view head) {
  return head.substr(0, 3) == "\x1f\x8b\x08";
}

class ZstdDecompressor : public Decompressor {
 public:
  ZstdDecompressor() : context_(ZSTD_createDCtx()) {}
  ~ZstdDecompressor() override { ZSTD_freeDCtx(context_); }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  size_t Decode(std::string_view* in, char* out, size_t room,
                std::string* error) override {
    ZSTD_inBuffer input = {in->data(), in->size(), 0};
    ZSTD_outBuffer output = {out, room, 0};
    const size_t result = ZSTD_decompressStream(context_, &output, &input);
    if (ZSTD_isError(result)) {
      *error = ZSTD_getErrorName(result);
    } else {
      open_ = result != 0;
    }
    in->remove_prefix(input.pos);
    return output.pos;
  }

  bool is_open() const override { return open_; }
  const char* name() const override { return "zstd"; }

 private:
  ZSTD_DCtx* const context_;
  bool open_ = true;
};

class GzipDecompressor : public Decompressor {
 public:
  GzipDecompressor() { ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK; }
  ~GzipDecompressor() override { inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  size_t Decode(std::string_view* in, char* out, size_t room,
                std::string* error) override {
    if (!ready_) {
      *error = "out of memory";
      return 0;
    }
    if (!open_) {
      if (in->empty()) return 0;
      inflateReset(&stream_);
      open_ = true;
    }
    // zlib's interface wants the input writable, and leaves it alone.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in->data()));
    stream_.avail_in = static_cast<uInt>(in->size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      open_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      *error = stream_.msg != nullptr ? stream_.msg : zError(result);
    }
    in->remove_prefix(in->size() - stream_.avail_in);
    return room - stream_.avail_out;
  }

  bool is_open() const override { return open_; }
  const char* name() const override { return "gzip"; }

 private:
  static constexpr int kGzipOnly = 15 + 16;  // the largest window, no zlib

  z_stream stream_ = {};
  bool ready_ = false;
  bool open_ = true;
};

}  // namespace

std::unique_ptr<Decompressor> Decompressor::For(std::string_view head) {
  if (IsZstd(head)) return std::make_unique<ZstdDecompressor>();
  if (IsGzip(head)) return std::make_unique<GzipDecompressor>();
  return nullptr;
}

}  // namespace varve::tools
