#include "format/part/part_index.h"

#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr uint8_t kInternalKeys = 1;
constexpr size_t kTrailerBytes = 8;

Status BadRoot(const char* what) {
  return Status::Corruption(std::string("root of part: bad ") + what);
}

}  // namespace

void IndexLeafBuilder::Add(const Slice& separator, bool needs_sequence,
                           const BoxHandle& handle) {
  entries_.emplace_back(separator.ToString(), handle);
  needs_sequence_ = needs_sequence_ || needs_sequence;
  last_needs_sequence_ = needs_sequence;
  bytes_ += separator.size() + 2 * VarintBytes(handle.offset) + 8;
}

void IndexLeafBuilder::Finish(uint8_t* flags, EntryListBuilder* list) {
  *flags = needs_sequence_ ? kInternalKeys : 0;
  std::string value;
  Slice last_key;
  for (const auto& [separator, handle] : entries_) {
    Slice key = separator;
    if (!needs_sequence_) key.remove_suffix(kTrailerBytes);
    value.clear();
    AppendBoxHandle(handle, &value);
    list->Add(key, value, last_key);
    last_key = key;
  }
  entries_.clear();
  needs_sequence_ = last_needs_sequence_ = false;
  bytes_ = 0;
}

Status SplitIndexLeaf(const Slice& payload, bool* internal_keys,
                      Slice* entries) {
  if (payload.empty() || (payload[0] & ~kInternalKeys) != 0) {
    return Status::Corruption("index leaf: bad flags");
  }
  *internal_keys = (payload[0] & kInternalKeys) != 0;
  *entries = Slice(payload.data() + 1, payload.size() - 1);
  return Status::OK();
}

void AppendRootFront(const PartRoot& root, std::string* out) {
  out->push_back(static_cast<char>(root.internal_keys ? kInternalKeys : 0));
  AppendVarint(out, root.rows_end);
  out->push_back(static_cast<char>(root.filter_flags));
  out->push_back(static_cast<char>(root.filter.probe_count));
  AppendVarint(out, root.filter.shard_count);
  AppendVarint(out, root.filter.lines_per_shard);
  for (const BoxHandle& shard : root.filter_shards) {
    AppendBoxHandle(shard, out);
  }
}

namespace {

const char* DecodeFilter(const char* p, const char* limit, uint64_t boxes_end,
                         PartRoot* root) {
  if (limit - p < 2) return nullptr;
  root->filter_flags = static_cast<uint8_t>(*p++);
  root->filter.probe_count = static_cast<unsigned char>(*p++);
  p = DecodeVarint(p, limit, &root->filter.shard_count);
  if (p != nullptr) p = DecodeVarint(p, limit, &root->filter.lines_per_shard);
  if (p == nullptr) return nullptr;
  const FilterShape& shape = root->filter;
  // Each takes two bytes here, and room in the file, which an unpacked root may
  // exceed.
  if (shape.shard_count > static_cast<uint64_t>(limit - p) / 2 ||
      shape.shard_count > boxes_end / kBoxTrailerBytes) {
    return nullptr;
  }
  if (shape.shard_count > 0 &&
      (shape.lines_per_shard == 0 ||
       shape.lines_per_shard > kFilterShardBytesMax / kFilterLineBytes ||
       shape.probe_count < 1 || shape.probe_count > kFilterProbesMax)) {
    return nullptr;
  }
  root->filter_shards.resize(static_cast<size_t>(shape.shard_count));
  for (BoxHandle& shard : root->filter_shards) {
    p = DecodeBoxHandle(p, limit, &shard);
    if (p == nullptr) return nullptr;
  }
  return p;
}

}  // namespace

Status DecodeRoot(const Slice& payload, uint64_t boxes_end, PartRoot* root) {
  const char* p = payload.data();
  const char* limit = p + payload.size();
  if (p == limit || (*p & ~kInternalKeys) != 0) return BadRoot("flags");
  root->internal_keys = (*p++ & kInternalKeys) != 0;
  p = DecodeVarint(p, limit, &root->rows_end);
  if (p == nullptr || root->rows_end > boxes_end) return BadRoot("rows_end");
  p = DecodeFilter(p, limit, boxes_end, root);
  if (p == nullptr) return BadRoot("filter");
  for (const BoxHandle& shard : root->filter_shards) {
    Status status = CheckBoxHandle(shard, boxes_end);
    if (!status.ok()) return status;
  }

  EntryListCursor cursor;
  cursor.Open(Slice(p, static_cast<size_t>(limit - p)), 0);
  uint64_t leaves_end = 0;
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    PartRoot::Leaf leaf;
    const Slice value = cursor.value();
    const char* value_limit = value.data() + value.size();
    if (!cursor.key_in_list() ||
        (root->internal_keys && cursor.key().size() < kTrailerBytes) ||
        DecodeBoxHandle(value.data(), value_limit, &leaf.handle) !=
            value_limit) {
      return BadRoot("leaf");
    }
    Status status = CheckBoxHandle(leaf.handle, boxes_end);
    if (!status.ok()) return status;
    // So there are no more leaves than the file can hold.
    if (leaf.handle.offset < leaves_end) return BadRoot("place of a leaf");
    leaves_end = leaf.handle.end();
    leaf.separator = cursor.key();
    root->leaves.push_back(leaf);
  }
  return cursor.corrupt() ? BadRoot("list of leaves") : Status::OK();
}

}  // namespace varve
