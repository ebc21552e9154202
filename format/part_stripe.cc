#include "format/part_stripe.h"

#include "format/sample_block.h"
#include "format/varint.h"

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
    if (shared_[i - 1] == box) return i;
  }
  shared_.push_back(box);
  return shared_.size();
}

void StripeBuilder::AddSplit(const Slice& header, const Slice& timestamps,
                             const Slice& values, std::string* record) {
  ++split_count_;
  record->assign(1, kSplit);
  AppendVarint(record, header.size());
  record->append(header.data(), header.size());

  uint64_t box = 0;
  uint64_t at = timestamps_.size();
  bool known = false;
  if (!timestamps.empty()) {
    const XXH128_hash_t h = XXH3_128bits(timestamps.data(), timestamps.size());
    const Hash128 hash{h.low64, h.high64};
    const auto found = places_.find(hash);
    if (found != places_.end()) {
      known = true;
      at = found->second.at;
      if (!found->second.own) box = SharedIndex(found->second.box);
      ++shared_columns_;
    } else if (places_.size() < kPlacesMax) {
      places_[hash].at = at;
      own_.push_back(hash);
    }
  }
  if (!known) timestamps_.append(timestamps.data(), timestamps.size());
  AppendVarint(record, box);
  AppendVarint(record, at);
  AppendVarint(record, timestamps.size());
  AppendVarint(record, values_.size());
  AppendVarint(record, values.size());
  values_.append(values.data(), values.size());
}

void StripeBuilder::AppendFront(uint64_t values_bytes,
                                uint64_t timestamps_bytes,
                                std::string* out) const {
  AppendVarint(out, values_bytes);
  AppendVarint(out, timestamps_bytes);
  AppendVarint(out, shared_.size());
  for (const BoxHandle& box : shared_) AppendBoxHandle(box, out);
}

void StripeBuilder::Close(const BoxHandle& timestamps) {
  for (const Hash128& hash : own_) {
    Place& place = places_[hash];
    place.box = timestamps;
    place.own = false;
  }
  own_.clear();
  values_.clear();
  timestamps_.clear();
  shared_.clear();
  split_count_ = 0;
}

Status DecodeStripeFront(const Slice& payload, const BoxHandle& headers,
                         uint64_t boxes_end, StripeFront* front) {
  const char* p = payload.data();
  const char* limit = p + payload.size();
  uint64_t shared_count = 0;
  p = DecodeVarint(p, limit, &front->values.bytes);
  if (p != nullptr) p = DecodeVarint(p, limit, &front->timestamps.bytes);
  if (p != nullptr) p = DecodeVarint(p, limit, &shared_count);
  // A handle takes two bytes at least.
  if (p == nullptr || shared_count > static_cast<uint64_t>(limit - p) / 2) {
    return BadStripe(headers, "front");
  }
  uint64_t next = headers.end();
  for (BoxHandle* box : {&front->values, &front->timestamps}) {
    if (box->bytes == 0) continue;
    box->offset = next;
    Status s = CheckBoxHandle(*box, boxes_end);
    if (!s.ok()) return s;
    next = box->end();
  }
  front->shared.resize(static_cast<size_t>(shared_count));
  for (BoxHandle& box : front->shared) {
    p = DecodeBoxHandle(p, limit, &box);
    if (p == nullptr) return BadStripe(headers, "shared box");
    Status s = CheckBoxHandle(box, headers.offset);
    if (!s.ok()) return s;
  }
  front->block = Slice(p, static_cast<size_t>(limit - p));
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
                          &decoded->timestamps_bytes, &decoded->values_at,
                          &decoded->values_bytes}) {
    if (p != nullptr) p = DecodeVarint(p, limit, field);
  }
  if (p != limit) return Status::Corruption("stripe: bad columns of a record");
  return Status::OK();
}

}  // namespace varve
