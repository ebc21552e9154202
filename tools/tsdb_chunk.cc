#include "tools/tsdb_chunk.h"

#include "format/coding/value_bits.h"

namespace varve::tools {
namespace {

constexpr size_t kCountBytes = 2;

// Bits from the front of bytes. Once they do not suffice, is_bad() stays true
// and all is 0.
class ChunkBits {
 public:
  explicit ChunkBits(std::string_view bytes) : bytes_(bytes) {}

  bool is_bad() const { return bad_; }

  uint64_t Bits(unsigned count) {
    if (count > 8 * bytes_.size() - at_) {
      bad_ = true;
      at_ = 8 * bytes_.size();
      return 0;
    }
    uint64_t value = 0;
    while (count > 0) {
      const unsigned in_byte = 8 - at_ % 8;
      const unsigned taken = count < in_byte ? count : in_byte;
      const auto byte = static_cast<uint8_t>(bytes_[at_ / 8]);
      const uint64_t part = (byte >> (in_byte - taken)) & ((1u << taken) - 1);
      value = value << taken | part;
      at_ += taken;
      count -= taken;
    }
    return value;
  }

  // Ones before a zero, at most `most` of them, which need no zero.
  unsigned Ones(unsigned most) {
    unsigned ones = 0;
    while (ones < most && Bits(1) != 0) ++ones;
    return ones;
  }

  uint64_t Varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint64_t byte = Bits(8);
      if (shift == 63 && byte > 1) break;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    bad_ = true;
    return 0;
  }

 private:
  const std::string_view bytes_;
  size_t at_ = 0;
  bool bad_ = false;
};

// Sums of times wrap around, as there: bytes may say anything.
class XorReader {
 public:
  explicit XorReader(std::string_view bytes) : bits_(bytes) {}

  Sample First() {
    const uint64_t time = bits_.Varint();
    time_ = (time >> 1) ^ (0 - (time & 1));
    value_ = bits_.Bits(64);
    return Get();
  }

  Sample Second() {
    step_ = bits_.Varint();
    time_ += step_;
    ReadValue();
    return Get();
  }

  Sample Next() {
    step_ += ReadStepChange();
    time_ += step_;
    ReadValue();
    return Get();
  }

  bool is_bad() const { return bad_ || bits_.is_bad(); }

 private:
  Sample Get() const { return {static_cast<int64_t>(time_), ValueOf(value_)}; }

  uint64_t ReadStepChange() {
    static constexpr unsigned kWidths[] = {0, 14, 17, 20, 64};
    const unsigned width = kWidths[bits_.Ones(4)];
    if (width == 0) return 0;
    const uint64_t change = bits_.Bits(width);
    // The greatest number of a width is positive, which two's complement has
    // not.
    const bool negative = width < 64 && change > uint64_t{1} << (width - 1);
    return negative ? change - (uint64_t{1} << width) : change;
  }

  void ReadValue() {
    const unsigned form = bits_.Ones(2);
    if (form == 0) return;
    if (form == 2) {
      leading_ = static_cast<unsigned>(bits_.Bits(5));
      length_ = static_cast<unsigned>(bits_.Bits(6));
      if (length_ == 0) length_ = 64;
      bad_ = bad_ || leading_ + length_ > 64;
    }
    if (bad_) return;
    value_ ^= bits_.Bits(length_) << (64 - leading_ - length_);
  }

  ChunkBits bits_;
  uint64_t time_ = 0, step_ = 0, value_ = 0;
  unsigned leading_ = 0, length_ = 64;
  bool bad_ = false;
};

}  // namespace

uint64_t TsdbSampleCount(std::string_view data) {
  if (data.size() < kCountBytes) return 0;
  return static_cast<uint64_t>(static_cast<uint8_t>(data[0])) << 8 |
         static_cast<uint8_t>(data[1]);
}

bool DecodeXorChunk(std::string_view data, std::vector<Sample>* samples,
                    std::string* error) {
  samples->clear();
  if (data.size() < kCountBytes) {
    *error = "a chunk of fewer than 2 bytes";
    return false;
  }
  const uint64_t count = TsdbSampleCount(data);
  XorReader reader(data.substr(kCountBytes));
  for (uint64_t i = 0; i < count; ++i) {
    samples->push_back(i == 0   ? reader.First()
                       : i == 1 ? reader.Second()
                                : reader.Next());
    if (!reader.is_bad()) continue;
    *error = "sample " + std::to_string(i + 1) + " of " +
             std::to_string(count) + " of the chunk cannot be decoded";
    samples->clear();
    return false;
  }
  return true;
}

}  // namespace varve::tools
