#include "plugin/part_table/part_rows.h"

#include <algorithm>
#include <cstring>

#include "format/part/part_box.h"
#include "plugin/part_table/part_readahead.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

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
  values_ = Columns();
  timestamps_ = Columns();
  has_columns_ = false;
}

Status PartRows::Open(const BoxHandle& handle, const BoxRequest& request) {
  Close();
  handle_ = handle;
  Status status = table_.source().Load(handle, BoxKind::kRows, request, &box_);
  return status.ok() ? OpenFront() : status;
}

Status PartRows::Open(const BoxHandle& handle, BoxRef box) {
  Close();
  handle_ = handle;
  box_ = std::move(box);
  return OpenFront();
}

Status PartRows::OpenFront() {
  has_columns_ = box_.box()->kind == BoxKind::kHeaders;
  Slice entries = box_.payload();
  if (has_columns_) {
    Status status = DecodeStripeFront(box_.payload(), handle_,
                                      table_.root().rows_end, &front_);
    if (!status.ok()) return table_.source().Corrupt(status);
    entries = front_.records;
  }
  cursor_.Open(entries, table_.order().key_bytes_min());
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
  Status status = DecodeStripeRecord(cursor_.value(), record);
  if (!status.ok()) return table_.source().Corrupt(status);
  if (!record->split) return status;
  // Before anybody allocates row_bytes(): Stitch checks the rest.
  const auto holds = [](const BoxHandle* box, uint64_t bytes) {
    return bytes == 0 ||
           (box != nullptr && bytes <= UnpackedBytesMax(box->bytes));
  };
  return holds(TimestampsOf(*record), record->timestamps_bytes) &&
                 holds(OwnBox(record->values_box, BoxKind::kValues),
                       record->values_bytes)
             ? status
             : BadRecord();
}

const BoxHandle* PartRows::OwnBox(uint64_t box, BoxKind kind) const {
  if (box >= front_.own.size()) return nullptr;
  const StripeFront::Own& own = front_.own[static_cast<size_t>(box)];
  return own.kind == kind ? &own.handle : nullptr;
}

const BoxHandle* PartRows::TimestampsOf(const StripeRecord& record) const {
  const uint64_t box = record.timestamps_box >> 1;
  if (!record.shares_timestamps()) return OwnBox(box, BoxKind::kTimestamps);
  return box < front_.shared.size() ? &front_.shared[static_cast<size_t>(box)]
                                    : nullptr;
}

Status PartRows::LoadColumns(const BoxHandle& handle, BoxKind kind,
                             const BoxRequest& request,
                             PartReadahead* readahead, Columns* columns) const {
  if (columns->offset == handle.offset) return Status::OK();
  *columns = Columns();
  Status status;
  if (readahead == nullptr) {
    status = table_.source().Load(handle, kind, request, &columns->ref);
  } else {
    readahead->Expect(handle);
    const BoxRequest ahead{request.read, readahead->buffer(),
                           request.get_context, request.for_compaction};
    status = table_.source().Load(handle, kind, ahead, &columns->ref);
  }
  if (status.ok()) columns->offset = handle.offset;
  return status;
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
  Status status =
      table_.source().Load(handle, BoxKind::kTimestamps, plain, &loaded);
  if (!status.ok()) return status;
  if (shared_.size() == kSharedBoxesKept) shared_.erase(shared_.begin());
  shared_.push_back({handle.offset, std::move(loaded)});
  *ref = &shared_.back().ref;
  return status;
}

Status PartRows::LoadTimestamps(const StripeRecord& record,
                                const BoxRequest& request,
                                PartReadahead* readahead, Slice* payload) {
  const BoxHandle& handle = *TimestampsOf(record);
  if (!record.shares_timestamps()) {
    Status status = LoadColumns(handle, BoxKind::kTimestamps, request,
                                readahead, &timestamps_);
    if (status.ok()) *payload = timestamps_.ref.payload();
    return status;
  }
  const BoxRef* shared = nullptr;
  Status status = LoadShared(handle, request, &shared);
  if (status.ok()) *payload = shared->payload();
  return status;
}

// Timestamps first, as the boxes lie: a prefetch buffer goes forward.
Status PartRows::Stitch(const StripeRecord& record, const BoxRequest& request,
                        PartReadahead* readahead, char* out) {
  const auto append = [&out](const Slice& payload, uint64_t at,
                             uint64_t bytes) {
    if (at > payload.size() || bytes > payload.size() - at) return false;
    std::memcpy(out, payload.data() + at, static_cast<size_t>(bytes));
    out += bytes;
    return true;
  };
  append(record.header, 0, record.header.size());
  Status status;
  if (record.timestamps_bytes > 0) {
    Slice payload;
    status = LoadTimestamps(record, request, readahead, &payload);
    if (!status.ok()) return status;
    if (!append(payload, record.timestamps_at, record.timestamps_bytes)) {
      return BadRecord();
    }
  }
  if (record.values_bytes > 0) {
    status = LoadColumns(*OwnBox(record.values_box, BoxKind::kValues),
                         BoxKind::kValues, request, readahead, &values_);
    if (!status.ok()) return status;
    if (!append(values_.ref.payload(), record.values_at, record.values_bytes)) {
      return BadRecord();
    }
  }
  return status;
}

}  // namespace varve
