#include "plugin/part_rows.h"

#include <algorithm>
#include <cstring>

#include "format/part_box.h"
#include "plugin/part_readahead.h"
#include "plugin/part_table_reader.h"

namespace varve {

using rocksdb::Status;

namespace {

constexpr size_t kSharedBoxesKept = 8;

}  // namespace

PartRows::PartRows(const PartTableReader& table) : table_(table) {
  if (table.has_global_sequence()) {
    cursor_.OverrideSequence(table.global_sequence());
  }
}

void PartRows::Close() {
  cursor_.Close();
  box_.Reset();
  values_.Reset();
  timestamps_.Reset();
  has_columns_ = false;
}

Status PartRows::Open(const BoxHandle& handle, const BoxRequest& request) {
  Close();
  handle_ = handle;
  Status s = table_.source().Load(handle, BoxKind::kRows, request, &box_);
  return s.ok() ? OpenFront() : s;
}

Status PartRows::Open(const BoxHandle& handle, BoxRef box) {
  Close();
  handle_ = handle;
  box_ = std::move(box);
  return OpenFront();
}

Status PartRows::OpenFront() {
  has_columns_ = box_.box()->kind == BoxKind::kHeaders;
  Slice block = box_.payload();
  if (has_columns_) {
    Status s = DecodeStripeFront(box_.payload(), handle_,
                                 table_.root().rows_end, &front_);
    if (!s.ok()) return table_.source().Corrupt(s);
    block = front_.block;
  }
  cursor_.Open(block, table_.order().key_bytes_min());
  return Status::OK();
}

Status PartRows::BadRecord() const {
  return table_.source().Corrupt("stripe at offset " +
                                 std::to_string(handle_.offset) +
                                 ": a row's columns lie outside their boxes");
}

Status PartRows::Decode(StripeRecord* record) const {
  if (!has_columns_) {
    record->split = false;
    record->opaque = cursor_.value();
    return Status::OK();
  }
  Status s = DecodeStripeRecord(cursor_.value(), record);
  if (!s.ok()) return table_.source().Corrupt(s);
  if (!record->split) return s;
  // Before anybody allocates row_bytes(): Stitch checks the rest.
  if (record->timestamps_box > front_.shared.size()) return BadRecord();
  const BoxHandle& timestamps =
      record->timestamps_box == 0
          ? front_.timestamps
          : front_.shared[static_cast<size_t>(record->timestamps_box - 1)];
  if (record->timestamps_bytes > UnpackedBytesMax(timestamps.bytes) ||
      record->values_bytes > UnpackedBytesMax(front_.values.bytes)) {
    return BadRecord();
  }
  return s;
}

Status PartRows::LoadColumns(const BoxHandle& handle, BoxKind kind,
                             const BoxRequest& request,
                             PartReadahead* readahead, BoxRef* ref) const {
  if (!ref->empty()) return Status::OK();
  if (handle.bytes == 0) return BadRecord();
  if (readahead == nullptr) {
    return table_.source().Load(handle, kind, request, ref);
  }
  readahead->Expect(handle);
  const BoxRequest ahead{request.read, readahead->buffer(), request.get_context,
                         request.for_compaction};
  return table_.source().Load(handle, kind, ahead, ref);
}

// Not through the prefetch buffer, which would have to go back for them.
Status PartRows::LoadShared(const BoxHandle& handle, const BoxRequest& request,
                            const BoxRef** ref) {
  for (size_t i = shared_.size(); i > 0; --i) {
    if (shared_[i - 1].offset != handle.offset) continue;
    std::rotate(shared_.begin() + static_cast<ptrdiff_t>(i - 1),
                shared_.begin() + static_cast<ptrdiff_t>(i), shared_.end());
    *ref = &shared_.back().ref;
    return Status::OK();
  }
  const BoxRequest plain{request.read, nullptr, request.get_context,
                         request.for_compaction};
  BoxRef loaded;
  Status s = table_.source().Load(handle, BoxKind::kTimestamps, plain, &loaded);
  if (!s.ok()) return s;
  if (shared_.size() == kSharedBoxesKept) shared_.erase(shared_.begin());
  shared_.push_back({handle.offset, std::move(loaded)});
  *ref = &shared_.back().ref;
  return s;
}

// The boxes in the order in which they lie: a prefetch buffer goes forward.
Status PartRows::Stitch(const StripeRecord& record, const BoxRequest& request,
                        PartReadahead* readahead, char* out) {
  Status s;
  if (record.values_bytes > 0) {
    s = LoadColumns(front_.values, BoxKind::kValues, request, readahead,
                    &values_);
    if (!s.ok()) return s;
  }
  const BoxRef* timestamps = &timestamps_;
  if (record.timestamps_bytes > 0) {
    if (record.timestamps_box == 0) {
      s = LoadColumns(front_.timestamps, BoxKind::kTimestamps, request,
                      readahead, &timestamps_);
    } else {
      s = LoadShared(
          front_.shared[static_cast<size_t>(record.timestamps_box - 1)],
          request, &timestamps);
    }
    if (!s.ok()) return s;
  }
  const auto append = [&out](const Slice& payload, uint64_t at,
                             uint64_t bytes) {
    if (bytes == 0) return true;
    if (at > payload.size() || bytes > payload.size() - at) return false;
    std::memcpy(out, payload.data() + at, static_cast<size_t>(bytes));
    out += bytes;
    return true;
  };
  append(record.header, 0, record.header.size());
  const bool whole =
      append(timestamps->empty() ? Slice() : timestamps->payload(),
             record.timestamps_at, record.timestamps_bytes) &&
      append(values_.empty() ? Slice() : values_.payload(), record.values_at,
             record.values_bytes);
  return whole ? s : BadRecord();
}

}  // namespace varve
