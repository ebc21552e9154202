#include "tools/tsdb_tombstones.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <tuple>

namespace varve::tools {
namespace {

constexpr uint32_t kMagic = 0x0130ba30;
constexpr uint8_t kVersion = 1;
constexpr uint64_t kHeadBytes = 5;
constexpr uint64_t kChecksumBytes = 4;
constexpr size_t kEntryBytesMax = 30;

// Held in 24 bytes each. Whoever has more lets Prometheus write the block
// without them.
constexpr size_t kSpansMax = 8 << 20;

}  // namespace

Status TsdbTombstones::Read(const std::string& path,
                            TsdbTombstones* tombstones) {
  std::vector<Span>& spans = tombstones->spans_;
  spans.clear();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Status::OK();
  std::unique_ptr<FileBytes> file;
  Status status = FileBytes::Open(path, &file);
  std::string_view bytes;
  if (status.ok()) status = file->Read(0, kHeadBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor head(bytes);
  if (head.Fixed32() != kMagic || head.Byte() != kVersion) {
    return file->Corrupt(0, "is no file of tombstones of version 1");
  }
  if (file->size() < kHeadBytes + kChecksumBytes) {
    return file->Corrupt(file->size(), "tombstones that are cut short");
  }
  const uint64_t end = file->size() - kChecksumBytes;
  uint32_t crc;
  status = file->Checksum(kHeadBytes, end - kHeadBytes, &crc);
  if (status.ok()) status = file->Read(end, kChecksumBytes, &bytes);
  if (!status.ok()) return status;
  if (ByteCursor(bytes).Fixed32() != crc) {
    return file->Corrupt(end, "the checksum of the tombstones");
  }
  for (uint64_t at = kHeadBytes; at < end;) {
    status = file->ReadSome(at, std::min<uint64_t>(kEntryBytesMax, end - at),
                            &bytes);
    if (!status.ok()) return status;
    ByteCursor entry(bytes);
    Span span;
    span.reference = entry.Varint();
    span.first_ms = entry.SignedVarint();
    span.last_ms = entry.SignedVarint();
    if (entry.is_bad()) return file->Corrupt(at, "a tombstone");
    if (spans.size() == kSpansMax) {
      return Status::NotSupported(
          path,
          "more than 8 million tombstones: POST "
          "/api/v1/admin/tsdb/clean_tombstones to Prometheus first");
    }
    spans.push_back(span);
    at += bytes.size() - entry.rest().size();
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::tie(a.reference, a.first_ms) <
           std::tie(b.reference, b.first_ms);
  });
  size_t kept = 0;
  for (const Span& span : spans) {
    Span* const last = kept > 0 ? &spans[kept - 1] : nullptr;
    if (last != nullptr && last->reference == span.reference &&
        span.first_ms <= last->last_ms) {
      last->last_ms = std::max(last->last_ms, span.last_ms);
    } else {
      spans[kept++] = span;
    }
  }
  spans.resize(kept);
  return Status::OK();
}

uint64_t TsdbTombstones::Apply(uint64_t reference,
                               std::vector<Sample>* samples) const {
  const auto deleted = [&](const Sample& sample) {
    // The last span that begins at the sample's time or before.
    auto behind =
        std::upper_bound(spans_.begin(), spans_.end(), sample.timestamp_ms,
                         [&](int64_t timestamp_ms, const Span& span) {
                           return std::tie(reference, timestamp_ms) <
                                  std::tie(span.reference, span.first_ms);
                         });
    if (behind == spans_.begin()) return false;
    const Span& span = *--behind;
    return span.reference == reference && sample.timestamp_ms <= span.last_ms;
  };
  if (spans_.empty()) return 0;
  const auto kept = std::remove_if(samples->begin(), samples->end(), deleted);
  const auto count = static_cast<uint64_t>(samples->end() - kept);
  samples->erase(kept, samples->end());
  return count;
}

}  // namespace varve::tools
