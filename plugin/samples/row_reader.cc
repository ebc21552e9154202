// See row_reader.h.
#include "plugin/samples/row_reader.h"

#include <algorithm>

#include "compaction/row_merge.h"
#include "format/row/row_entries.h"

namespace varve {
namespace {

constexpr size_t kPrintedBytesMax = 64;

// Only what is wrong with the row's bytes is said of the row.
Status NameRow(const ParsedRowKey& row, const RowEntries& entries,
               const Status& status) {
  if (!status.IsCorruption() && !status.IsNotSupported()) return status;
  const std::string where = "series \"" + PrintableSeries(row.series()) +
                            "\", bucket " +
                            std::to_string(row.bucket_start_ms) + ", write " +
                            std::to_string(entries.index());
  const Slice why = status.getState() == nullptr ? "" : status.getState();
  return status.IsNotSupported() ? Status::NotSupported(where, why)
                                 : Status::Corruption(where, why);
}

}  // namespace

std::string PrintableSeries(const Slice& series) {
  static const char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < std::min(series.size(), kPrintedBytesMax); ++i) {
    const auto byte = static_cast<unsigned char>(series[i]);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      text.push_back(series[i]);
    } else {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  if (series.size() > kPrintedBytesMax) text += "...";
  return text;
}

TimeRange VisibleRange(const Policy& policy, int64_t now_ms,
                       const TimeRange& asked) {
  TimeRange range{std::max(asked.from_ms, kTimestampMin),
                  std::min(asked.to_ms, kTimestampMax)};
  if (policy.retention_ms > 0) {
    range.from_ms = std::max(range.from_ms, now_ms - policy.retention_ms);
  }
  return range;
}

int64_t ReadUpTo(const Policy& policy, int64_t now_ms, int64_t timestamp_ms) {
  const RowShape& shape = policy.shape;
  const int64_t bucket = shape.BucketStart(timestamp_ms);
  const Thinning thinning = ThinningAt(policy, now_ms, bucket);
  for (size_t i = 0; i < thinning.stretch_count; ++i) {
    const ThinnedInterval& stretch = thinning.stretches[i];
    const int64_t last = shape.WindowLast(timestamp_ms, stretch.interval_ms);
    if (last > shape.LastBeforeEnd(stretch.up_to_ms)) continue;
    return std::max(timestamp_ms, std::min(last, shape.BucketLast(bucket)));
  }
  return timestamp_ms;
}

Status RowReader::Collect(const RowShape& shape, const ParsedRowKey& row,
                          const Slice& value, const TimeRange& range,
                          SampleRun* run) {
  RowEntries entries(value);
  while (entries.Next()) {
    Status status = entries.status();
    if (status.ok()) {
      status = CheckBlockOfRow(shape, row.bucket_start_ms, entries.header());
    }
    if (status.ok()) {
      status = decoder_.DecodeRange(entries.entry(), entries.header(),
                                    range.from_ms, range.to_ms, run);
    }
    if (!status.ok()) return NameRow(row, entries, status);
  }
  return Status::OK();
}

Status RowReader::Read(const Policy& policy, int64_t now_ms,
                       const ParsedRowKey& row, const Slice& value,
                       const TimeRange& range, SampleRun* run) {
  run->clear();
  const RowShape& shape = policy.shape;
  // Rows before the one that holds the range's end are read to their end.
  int64_t to_ms = range.to_ms;
  if (to_ms < shape.BucketLast(row.bucket_start_ms)) {
    to_ms = ReadUpTo(policy, now_ms, to_ms);
  }
  const Status status = Collect(shape, row, value, {range.from_ms, to_ms}, run);
  if (!status.ok()) {
    run->clear();
    return status;
  }
  SortLastWriteWins(run, &scratch_);
  ThinCounts ignored;
  Thin(ThinningAt(policy, now_ms, row.bucket_start_ms), shape.window, run,
       &ignored);
  const int64_t* const begin = run->timestamps();
  const int64_t* const end = begin + run->size();
  run->Resize(
      static_cast<size_t>(std::upper_bound(begin, end, range.to_ms) - begin));
  return status;
}

Status RowReader::ReadLast(const Policy& policy, int64_t now_ms,
                           const ParsedRowKey& row, const Slice& value,
                           const TimeRange& range, SampleRun* run) {
  run->clear();
  // The newest sample of a row is the last of its window: it shows whatever
  // the policy says. At equal timestamps the later write counts.
  RowEntries entries(value);
  BlockHeader newest;
  Slice newest_entry;
  while (entries.Next()) {
    Status status = entries.status();
    const BlockHeader& header = entries.header();
    if (status.ok()) {
      status = CheckBlockOfRow(policy.shape, row.bucket_start_ms, header);
    }
    if (!status.ok()) return NameRow(row, entries, status);
    if (header.sample_count > 0 &&
        (newest.sample_count == 0 ||
         header.last_timestamp_ms >= newest.last_timestamp_ms)) {
      newest = header;
      newest_entry = entries.entry();
    }
  }
  if (newest.sample_count == 0 || newest.last_timestamp_ms < range.from_ms) {
    return Status::OK();
  }
  if (newest.last_timestamp_ms > range.to_ms) {
    const Status status = Read(policy, now_ms, row, value, range, run);
    if (run->size() <= 1) return status;
    const int64_t timestamp_ms = run->timestamps()[run->size() - 1];
    const uint64_t bits = run->value_bits()[run->size() - 1];
    run->clear();
    run->Append(timestamp_ms, bits);
    return status;
  }
  uint64_t bits = 0;
  const Status status = decoder_.DecodeLast(newest_entry, newest, &bits);
  if (!status.ok()) return NameRow(row, entries, status);
  run->Append(newest.last_timestamp_ms, bits);
  return status;
}

}  // namespace varve
