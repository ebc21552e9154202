// See codec_baselines.h.
#include "bench/codec_baselines.h"

#include <zstd.h>

#include "format/timestamps/timestamp_bits.h"

namespace varve::bench {
namespace {

class Zstd : public ColumnMethod {
 public:
  explicit Zstd(int level)
      : level_(level),
        compressor_(ZSTD_createCCtx()),
        decompressor_(ZSTD_createDCtx()) {}
  ~Zstd() override {
    ZSTD_freeCCtx(compressor_);
    ZSTD_freeDCtx(decompressor_);
  }

  std::string name() const override { return "zstd-" + std::to_string(level_); }
  void Encode(const uint64_t* words, size_t count, std::string* out) override {
    out->resize(ZSTD_compressBound(count * 8));
    out->resize(ZSTD_compressCCtx(compressor_, &(*out)[0], out->size(), words,
                                  count * 8, level_));
  }
  bool Decode(const std::string& column, uint64_t /*first*/, size_t count,
              uint64_t* words) override {
    return ZSTD_decompressDCtx(decompressor_, words, count * 8, column.data(),
                               column.size()) == count * 8;
  }

 private:
  int level_;
  ZSTD_CCtx* compressor_;
  ZSTD_DCtx* decompressor_;
};

// Room for any column of `count`: 80 bits a word is more than either takes.
void Reserve(size_t count, std::string* out) { out->resize(count * 10 + 24); }

class Xor : public ColumnMethod {
 public:
  std::string name() const override { return "XOR"; }

  void Encode(const uint64_t* words, size_t count, std::string* out) override {
    Reserve(count, out);
    BitStringWriter writer(&(*out)[0]);
    writer.PutWide(words[0], 64);
    unsigned leading = 64;  // of the window: none yet
    unsigned trailing = 0;
    for (size_t i = 1; i < count; ++i) {
      const uint64_t x = words[i] ^ words[i - 1];
      if (x == 0) {
        writer.Put(0, 1);
        continue;
      }
      unsigned lead = 64 - BitLength(x);
      if (lead > 31) lead = 31;
      const auto trail = static_cast<unsigned>(__builtin_ctzll(x));
      if (leading != 64 && lead >= leading && trail >= trailing) {
        writer.Put(1, 2);
      } else {
        leading = lead;
        trailing = trail;
        writer.Put(3 | leading << 2 | (64 - leading - trailing - 1) << 7, 13);
      }
      writer.PutWide(x >> trailing, 64 - leading - trailing);
    }
    out->resize(static_cast<size_t>(writer.Finish() - out->data()));
  }

  bool Decode(const std::string& column, uint64_t /*first*/, size_t count,
              uint64_t* words) override {
    BitStringReader reader(column.data(), column.data() + column.size());
    words[0] = reader.GetWide(64);
    unsigned bits = 0;
    unsigned trailing = 0;
    for (size_t i = 1; i < count; ++i) {
      uint64_t x = 0;
      if (reader.Get(1) != 0) {
        if (reader.Get(1) != 0) {
          const auto leading = static_cast<unsigned>(reader.Get(5));
          bits = static_cast<unsigned>(reader.Get(6)) + 1;
          trailing = 64 - leading - bits;
        }
        x = reader.GetWide(bits) << trailing;
      }
      words[i] = words[i - 1] ^ x;
    }
    return reader.Finish() != nullptr;
  }
};

class DeltaOfDelta : public ColumnMethod {
 public:
  std::string name() const override { return "delta of delta"; }

  void Encode(const uint64_t* words, size_t count, std::string* out) override {
    Reserve(count, out);
    BitStringWriter writer(&(*out)[0]);
    uint64_t delta = 0;
    for (size_t i = 1; i < count; ++i) {
      const uint64_t next = words[i] - words[i - 1];
      const uint64_t second = next - delta;
      delta = next;
      if (second == 0) {
        writer.Put(0, 1);
        continue;
      }
      size_t width = 0;
      while (width < 3 && !Fits(second, kWidths[width])) ++width;
      if (width < 3) {
        writer.Put(LowBits(static_cast<unsigned>(width) + 1),
                   static_cast<unsigned>(width) + 2);
        writer.Put(second & LowBits(kWidths[width]), kWidths[width]);
      } else {
        writer.Put(15, 4);
        writer.PutWide(second, 64);
      }
    }
    out->resize(static_cast<size_t>(writer.Finish() - out->data()));
  }

  bool Decode(const std::string& column, uint64_t first, size_t count,
              uint64_t* words) override {
    BitStringReader reader(column.data(), column.data() + column.size());
    words[0] = first;
    uint64_t delta = 0;
    for (size_t i = 1; i < count; ++i) {
      const unsigned ones = reader.GetOnes(4);
      if (ones == 4) {
        delta += reader.GetWide(64);
      } else if (ones != 0) {
        const unsigned width = kWidths[ones - 1];
        const uint64_t low = reader.Get(width);
        const uint64_t sign = uint64_t{1} << (width - 1);
        delta += (low ^ sign) - sign;
      }
      words[i] = words[i - 1] + delta;
    }
    return reader.Finish() != nullptr;
  }

 private:
  static constexpr unsigned kWidths[] = {14, 17, 20};
  static bool Fits(uint64_t v, unsigned width) {
    const uint64_t half = uint64_t{1} << (width - 1);
    return v + half < 2 * half;
  }
};

}  // namespace

std::unique_ptr<ColumnMethod> ZstdMethod(int level) {
  return std::make_unique<Zstd>(level);
}
std::unique_ptr<ColumnMethod> XorMethod() { return std::make_unique<Xor>(); }
std::unique_ptr<ColumnMethod> DeltaOfDeltaMethod() {
  return std::make_unique<DeltaOfDelta>();
}

}  // namespace varve::bench
