#include "format/part/part_stripe.h"

#include "format/coding/varint.h"
#include "format/row/sample_block.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace varve {
namespace {

constexpr char kOpaque = 0;
constexpr char kSplit = 1;
// Columns remembered at most: some 4 MiB.
constexpr size_t kPlacesMax = 64 * 1024;

Status BadStripe(const BoxHandle& headers, const char* what) {
  return Status::Corruption("stripe at offset " +
                            std::to_string(headers.offset) + ": bad " + what);
}

}  // namespace

bool SplitBlock(const Slice& row, Slice* header, Slice* timestamps,
                Slice* values) {
  if (row.size() < kBlockTagBytes ||
      static_cast<unsigned char>(row[0]) != kBlockMagic ||
      static_cast<BlockForm>(row[1]) != BlockForm::kBlock) {
    return false;
  }
  BlockHeader decoded;
  if (!PeekBlock(row, &decoded).ok() || decoded.form != BlockForm::kBlock ||
      decoded.header_bytes + decoded.timestamp_bytes + decoded.value_bytes !=
          row.size()) {
    return false;
  }
  const char* p = row.data();
  *header = Slice(p, decoded.header_bytes);
  *timestamps = Slice(p + decoded.header_bytes, decoded.timestamp_bytes);
  *values = Slice(p + decoded.header_bytes + decoded.timestamp_bytes,
                  decoded.value_bytes);
  return true;
}

void StripeBuilder::AddOpaque(const Slice& row, std::string* record) {
  record->assign(1, kOpaque);
  record->append(row.data(), row.size());
}

uint64_t StripeBuilder::SharedIndex(const BoxHandle& box) {
  for (size_t i = shared_.size(); i > 0; --i) {
    if (shared_[i - 1] == box) return i - 1;
  }
  shared_.push_back(box);
  return shared_.size() - 1;
}

size_t StripeBuilder::OpenBox(BoxKind kind, size_t* open) {
  if (*open != kNoBox && boxes_[*open].bytes.size() < box_bytes_) return *open;
  if (box_count_ == boxes_.size()) boxes_.emplace_back();
  Box& box = boxes_[box_count_];
  box.kind = kind;
  box.bytes.clear();
  box.column_count = 0;
  *open = box_count_++;
  return *open;
}

void StripeBuilder::PlaceTimestamps(const Slice& timestamps, uint64_t* box,
                                    uint64_t* at) {
  const XXH128_hash_t h = XXH3_128bits(timestamps.data(), timestamps.size());
  const Hash128 hash{h.low64, h.high64};
  const auto found = places_.find(hash);
  if (found != places_.end()) {
    const Place& place = found->second;
    *at = place.at;
    *box = place.own != kNoBox ? uint64_t{place.own} << 1
                               : SharedIndex(place.box) << 1 | 1;
    ++shared_columns_;
    return;
  }
  const size_t own = OpenBox(BoxKind::kTimestamps, &open_timestamps_);
  Box& to = boxes_[own];
  *box = uint64_t{own} << 1;
  *at = to.bytes.size();
  if (places_.size() < kPlacesMax) {
    Place& place = places_[hash];
    place.own = own;
    place.at = *at;
    own_.push_back(hash);
  }
  to.bytes.append(timestamps.data(), timestamps.size());
  ++to.column_count;
  column_bytes_ += timestamps.size();
}

// Timestamps first: boxes lie in the order in which they are opened.
void StripeBuilder::AddSplit(const Slice& header, const Slice& timestamps,
                             const Slice& values, std::string* record) {
  record->assign(1, kSplit);
  AppendVarint(record, header.size());
  record->append(header.data(), header.size());
  uint64_t box = 0;
  uint64_t at = 0;
  if (!timestamps.empty()) PlaceTimestamps(timestamps, &box, &at);
  AppendVarint(record, box);
  AppendVarint(record, at);
  AppendVarint(record, timestamps.size());
  box = at = 0;
  if (!values.empty()) {
    box = OpenBox(BoxKind::kValues, &open_values_);
    Box& to = boxes_[static_cast<size_t>(box)];
    at = to.bytes.size();
    to.bytes.append(values.data(), values.size());
    ++to.column_count;
    column_bytes_ += values.size();
  }
  AppendVarint(record, box);
  AppendVarint(record, at);
  AppendVarint(record, values.size());
}

void StripeBuilder::AppendFront(const std::vector<uint64_t>& stored,
                                std::string* out) const {
  AppendVarint(out, box_count_);
  for (size_t i = 0; i < box_count_; ++i) {
    AppendVarint(
        out, stored[i] << 1 | (boxes_[i].kind == BoxKind::kTimestamps ? 1 : 0));
  }
  AppendVarint(out, shared_.size());
  for (const BoxHandle& box : shared_) AppendBoxHandle(box, out);
}

void StripeBuilder::Close(const std::vector<BoxHandle>& handles) {
  for (const Hash128& hash : own_) {
    Place& place = places_[hash];
    place.box = handles[place.own];
    place.own = kNoBox;
  }
  own_.clear();
  box_count_ = 0;
  open_values_ = open_timestamps_ = kNoBox;
  column_bytes_ = 0;
  shared_.clear();
}

Status DecodeStripeFront(const Slice& payload, const BoxHandle& headers,
                         uint64_t boxes_end, StripeFront* front) {
  const char* p = payload.data();
  const char* limit = p + payload.size();
  uint64_t count = 0;
  p = DecodeVarint(p, limit, &count);
  // Each takes a byte here, and room in the file, which an unpacked payload
  // may exceed.
  if (p == nullptr || count > static_cast<uint64_t>(limit - p) ||
      count > boxes_end / kBoxTrailerBytes) {
    return BadStripe(headers, "count of boxes");
  }
  front->own.resize(static_cast<size_t>(count));
  uint64_t next = headers.end();
  for (StripeFront::Own& own : front->own) {
    uint64_t bytes = 0;
    p = DecodeVarint(p, limit, &bytes);
    if (p == nullptr || bytes >> 1 == 0) return BadStripe(headers, "box size");
    own.kind = (bytes & 1) != 0 ? BoxKind::kTimestamps : BoxKind::kValues;
    own.handle.offset = next;
    own.handle.bytes = bytes >> 1;
    Status status = CheckBoxHandle(own.handle, boxes_end);
    if (!status.ok()) return status;
    next = own.handle.end();
  }
  p = DecodeVarint(p, limit, &count);
  if (p == nullptr || count > static_cast<uint64_t>(limit - p) / 2 ||
      count > headers.offset / kBoxTrailerBytes) {
    return BadStripe(headers, "count of shared boxes");
  }
  front->shared.resize(static_cast<size_t>(count));
  for (BoxHandle& box : front->shared) {
    p = DecodeBoxHandle(p, limit, &box);
    if (p == nullptr) return BadStripe(headers, "shared box");
    Status status = CheckBoxHandle(box, headers.offset);
    if (!status.ok()) return status;
  }
  front->records = Slice(p, static_cast<size_t>(limit - p));
  return Status::OK();
}

Status DecodeStripeRecord(const Slice& record, StripeRecord* decoded) {
  const char* p = record.data();
  const char* limit = p + record.size();
  if (p == limit || (*p != kOpaque && *p != kSplit)) {
    return Status::Corruption("stripe: bad record");
  }
  decoded->split = *p++ == kSplit;
  if (!decoded->split) {
    decoded->opaque = Slice(p, static_cast<size_t>(limit - p));
    return Status::OK();
  }
  uint64_t header_bytes = 0;
  p = DecodeVarint(p, limit, &header_bytes);
  if (p == nullptr || header_bytes > static_cast<uint64_t>(limit - p)) {
    return Status::Corruption("stripe: bad header of a record");
  }
  decoded->header = Slice(p, static_cast<size_t>(header_bytes));
  p += header_bytes;
  for (uint64_t* field : {&decoded->timestamps_box, &decoded->timestamps_at,
                          &decoded->timestamps_bytes, &decoded->values_box,
                          &decoded->values_at, &decoded->values_bytes}) {
    if (p != nullptr) p = DecodeVarint(p, limit, field);
  }
  if (p != limit) return Status::Corruption("stripe: bad columns of a record");
  return Status::OK();
}

}  // namespace varve
