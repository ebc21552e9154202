// Sizes and anchors from the index alone, and prefetching into the cache.
#include <algorithm>

#include "plugin/part_table/part_index_cursor.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

using rocksdb::ReadOptions;
using rocksdb::TableReaderCaller;

namespace {

constexpr size_t kAnchorsWanted = 128;

}  // namespace

// UINT64_MAX: the index cannot be read.
uint64_t PartTableReader::OffsetInRows(const Slice& key) const {
  const ReadOptions read;
  PartIndexCursor index(*this, BoxRequest{read});
  index.Seek(key);
  if (!index.status().ok()) return UINT64_MAX;
  return index.Valid() ? index.handle().offset : root_.rows_end;
}

// Index, filter and meta blocks count with the rows, in proportion.
uint64_t PartTableReader::ApproximateOffsetOf(
    VARVE_READ_OPTIONS_PARAMETER const Slice& key,
    TableReaderCaller /*caller*/) {
  const uint64_t offset = root_.rows_end > 0 ? OffsetInRows(key) : UINT64_MAX;
  if (offset == UINT64_MAX) return source_.file_bytes() / 2;
  return static_cast<uint64_t>(static_cast<double>(offset) /
                               static_cast<double>(root_.rows_end) *
                               static_cast<double>(source_.file_bytes()));
}

uint64_t PartTableReader::ApproximateSize(
    VARVE_READ_OPTIONS_PARAMETER const Slice& start, const Slice& end,
    TableReaderCaller /*caller*/) {
  if (root_.rows_end == 0) return source_.file_bytes();
  uint64_t from = OffsetInRows(start);
  uint64_t to = OffsetInRows(end);
  if (from == UINT64_MAX) from = 0;
  if (to == UINT64_MAX) to = root_.rows_end;
  if (to < from) return 0;
  return static_cast<uint64_t>(static_cast<double>(to - from) /
                               static_cast<double>(root_.rows_end) *
                               static_cast<double>(source_.file_bytes()));
}

Status PartTableReader::ApproximateKeyAnchors(const ReadOptions& read_options,
                                              std::vector<Anchor>& anchors) {
  PartIndexCursor index(*this, BoxRequest{read_options});
  const uint64_t box_count = properties_->num_data_blocks;
  const uint64_t per_anchor = std::max<uint64_t>(1, box_count / kAnchorsWanted);
  uint64_t since_anchor = 0;
  uint64_t anchored_to = 0;
  uint64_t end = 0;
  std::string last_key;
  for (index.SeekToFirst(); index.Valid(); index.Next()) {
    if (index.handle().offset < end) {
      return source_.Corrupt("index: the box at offset " +
                             std::to_string(index.handle().offset) +
                             " lies before the end of the one before it");
    }
    end = index.handle().end();
    if (++since_anchor == per_anchor) {
      anchors.emplace_back(index.separator_user_key(),
                           static_cast<size_t>(end - anchored_to));
      anchored_to = end;
      since_anchor = 0;
    } else {
      last_key = index.separator_user_key().ToString();
    }
  }
  if (since_anchor != 0) {
    anchors.emplace_back(last_key, static_cast<size_t>(end - anchored_to));
  }
  return index.status();
}

// Keys are internal ones.
Status PartTableReader::Prefetch(
    VARVE_READ_OPTIONS_PARAMETER const Slice* begin, const Slice* end) {
  if (begin != nullptr && end != nullptr && order_(*begin, *end) > 0) {
    return Status::InvalidArgument(*begin, *end);
  }
  const ReadOptions read;
  const BoxRequest request{read};
  PartIndexCursor index(*this, request);
  begin != nullptr ? index.Seek(*begin) : index.SeekToFirst();
  while (index.Valid()) {
    BoxRef ref;
    Status status = source_.Load(index.handle(), BoxKind::kRows, request, &ref);
    if (!status.ok()) return status;
    // The box whose separator reaches the end is the last.
    if (end != nullptr && order_.user()(index.separator_user_key(),
                                        rocksdb::ExtractUserKey(*end)) > 0) {
      break;
    }
    index.Next();
  }
  return index.status();
}

}  // namespace varve
