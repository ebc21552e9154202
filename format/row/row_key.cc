// See row_key.h.
#include "format/row/row_key.h"

#include <cassert>
#include <cstring>

#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr char kEscape = '\x00';
constexpr char kEscapedZero = '\xff';
constexpr char kTerminator = '\x01';
constexpr uint32_t kSign32 = uint32_t{1} << 31;
constexpr uint64_t kSign64 = uint64_t{1} << 63;

void AppendEscaped(const Slice& series, std::string* key) {
  const char* p = series.data();
  const char* const limit = p + series.size();
  while (p < limit) {
    const void* zero = std::memchr(p, kEscape, static_cast<size_t>(limit - p));
    if (zero == nullptr) break;
    const char* z = static_cast<const char*>(zero);
    key->append(p, static_cast<size_t>(z - p));
    key->push_back(kEscape);
    key->push_back(kEscapedZero);
    p = z + 1;
  }
  key->append(p, static_cast<size_t>(limit - p));
}

// Bytes of the escaped series at the front of `rest`; npos when no terminator
// ends it, an escape is neither of the two, or CheckSeries would refuse it.
size_t EscapedSeriesBytes(const Slice& rest) {
  const char* p = rest.data();
  const char* const limit = p + rest.size();
  for (size_t escapes = 0;; ++escapes) {
    const void* zero = std::memchr(p, kEscape, static_cast<size_t>(limit - p));
    if (zero == nullptr) return std::string::npos;
    const char* z = static_cast<const char*>(zero);
    if (z + 1 >= limit) return std::string::npos;
    if (z[1] == kTerminator) {
      const auto bytes = static_cast<size_t>(z - rest.data());
      const size_t series_bytes = bytes - escapes;
      return series_bytes == 0 || series_bytes > kSeriesBytesMax
                 ? std::string::npos
                 : bytes;
    }
    if (z[1] != kEscapedZero) return std::string::npos;
    p = z + kTerminatorBytes;
  }
}

}  // namespace

Status CheckSeries(const Slice& series) {
  if (series.empty()) {
    return Status::InvalidArgument("series is empty: give at least one byte");
  }
  if (series.size() > kSeriesBytesMax) {
    return Status::InvalidArgument(
        "series has " + std::to_string(series.size()) +
        " bytes, the limit is " + std::to_string(kSeriesBytesMax) +
        ": use a shorter id");
  }
  return Status::OK();
}

void AppendPartition(int32_t partition_day, std::string* key) {
  char bytes[kPartitionBytes];
  StoreBig32(bytes, static_cast<uint32_t>(partition_day) ^ kSign32);
  key->append(bytes, sizeof bytes);
}

void AppendSeriesPrefix(const RowShape& shape, int32_t partition_day,
                        const Slice& series, std::string* key) {
  assert(CheckSeries(series).ok());
  if (shape.partition != Partition::kNone) AppendPartition(partition_day, key);
  AppendEscaped(series, key);
  key->push_back(kEscape);
  key->push_back(kTerminator);
}

void SetRowKeyBucket(size_t prefix_bytes, int64_t bucket_start_ms,
                     std::string* key) {
  key->resize(prefix_bytes + kBucketBytes);
  StoreBig64(&(*key)[prefix_bytes],
             static_cast<uint64_t>(bucket_start_ms) ^ kSign64);
}

void AppendRowKey(const RowShape& shape, const Slice& series,
                  int64_t bucket_start_ms, std::string* key) {
  assert(shape.IsBucketStart(bucket_start_ms));
  AppendSeriesPrefix(shape, PartitionDay(shape.partition, bucket_start_ms),
                     series, key);
  SetRowKeyBucket(key->size(), bucket_start_ms, key);
}

std::string ParsedRowKey::series() const {
  std::string series;
  series.reserve(series_escaped.size());
  const char* p = series_escaped.data();
  const char* const limit = p + series_escaped.size();
  while (p < limit) {
    const void* zero = std::memchr(p, kEscape, static_cast<size_t>(limit - p));
    if (zero == nullptr) break;
    const char* z = static_cast<const char*>(zero);
    series.append(p, static_cast<size_t>(z + 1 - p));
    p = z + 2;  // past the FF after an escaped 00
  }
  if (p < limit) series.append(p, static_cast<size_t>(limit - p));
  return series;
}

bool ParseRowKey(const RowShape& shape, const Slice& key,
                 ParsedRowKey* parsed) {
  const size_t partition_bytes =
      shape.partition == Partition::kNone ? 0 : kPartitionBytes;
  if (key.size() < partition_bytes + kTerminatorBytes + kBucketBytes) {
    return false;
  }
  Slice rest(key.data() + partition_bytes,
             key.size() - partition_bytes - kBucketBytes);
  const size_t series_bytes = EscapedSeriesBytes(rest);
  if (series_bytes == std::string::npos ||
      series_bytes + kTerminatorBytes != rest.size()) {
    return false;
  }
  parsed->series_escaped = Slice(rest.data(), series_bytes);
  parsed->prefix_bytes = partition_bytes + rest.size();
  parsed->bucket_start_ms = static_cast<int64_t>(
      LoadBig64(key.data() + parsed->prefix_bytes) ^ kSign64);
  parsed->partition_day =
      partition_bytes == 0
          ? 0
          : static_cast<int32_t>(LoadBig32(key.data()) ^ kSign32);
  return shape.IsBucketStart(parsed->bucket_start_ms) &&
         parsed->partition_day ==
             PartitionDay(shape.partition, parsed->bucket_start_ms);
}

}  // namespace varve
