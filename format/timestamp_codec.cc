// See timestamp_codec.h. Encodings so far: constant step and varint deltas.
#include "format/timestamp_codec.h"

#include <cassert>
#include <limits>

#include "format/varint.h"

namespace varve {
namespace {

// On disk. Numbers never change; new ones are added at the end.
enum TimestampEncoding : uint8_t {
  kDeltas = 0,        // count - 1 varints, each the step to the next
  kConstantStep = 1,  // one varint: every step
};

Status Bad(const char* what) {
  return Status::Corruption(std::string("timestamp column: ") + what);
}

// Adds a step of at least 1 to *timestamp; false when that leaves int64.
bool Advance(uint64_t step, int64_t* timestamp) {
  const uint64_t room =
      static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) -
      static_cast<uint64_t>(*timestamp);
  if (step == 0 || step > room) return false;
  *timestamp =
      static_cast<int64_t>(static_cast<uint64_t>(*timestamp) + step);
  return true;
}

}  // namespace

struct TimestampEncoder::Scratch {};
struct TimestampDecoder::Scratch {};
TimestampEncoder::TimestampEncoder() = default;
TimestampEncoder::~TimestampEncoder() = default;
TimestampDecoder::TimestampDecoder() = default;
TimestampDecoder::~TimestampDecoder() = default;

void TimestampEncoder::Encode(const int64_t* timestamps, size_t count,
                              Profile /*profile*/, std::string* out) {
  assert(count >= 1);
  if (count == 1) return;
  const auto step_at = [&](size_t i) {
    return static_cast<uint64_t>(timestamps[i]) -
           static_cast<uint64_t>(timestamps[i - 1]);
  };
  bool constant = true;
  for (size_t i = 2; i < count && constant; ++i) {
    constant = step_at(i) == step_at(1);
  }
  out->push_back(static_cast<char>(constant ? kConstantStep : kDeltas));
  const size_t steps = constant ? 1 : count - 1;
  for (size_t i = 1; i <= steps; ++i) AppendVarint(out, step_at(i));
}

Status TimestampDecoder::Decode(const Slice& column, int64_t first,
                                size_t count, int64_t* timestamps) {
  assert(count >= 1);
  timestamps[0] = first;
  if (count == 1) {
    return column.empty() ? Status::OK() : Bad("bytes after a lone timestamp");
  }
  if (column.empty()) return Bad("empty");
  const auto encoding = static_cast<uint8_t>(column[0]);
  if (encoding > kConstantStep) {
    return Status::NotSupported(
        "timestamp column: encoding " + std::to_string(encoding) +
        " is not known to this version; read it with a newer Varve");
  }
  const char* p = column.data() + 1;
  const char* const limit = column.data() + column.size();
  uint64_t step = 0;
  int64_t timestamp = first;
  for (size_t i = 1; i < count; ++i) {
    if (encoding == kDeltas || i == 1) {
      p = DecodeVarint(p, limit, &step);
      if (p == nullptr) return Bad("cut off or not a varint");
    }
    if (!Advance(step, &timestamp)) return Bad("not ascending");
    timestamps[i] = timestamp;
  }
  return p == limit ? Status::OK() : Bad("bytes after the last timestamp");
}

}  // namespace varve
