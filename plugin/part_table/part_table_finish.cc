// The end of a part: filter, index, root, range deletions, properties,
// metaindex, footer.
#include <algorithm>

#include "plugin/part_table/part_table_builder.h"

namespace varve {

// Leaves go to the end of the file: its tail is then all that opening and
// seeking need.
void PartTableBuilder::FlushIndexLeaf() {
  if (index_leaf_.empty()) return;
  WrittenLeaf leaf;
  leaf.separator = index_leaf_.last_separator();
  root_.internal_keys =
      root_.internal_keys || index_leaf_.last_needs_sequence();
  uint8_t flags;
  EntryListBuilder list(1);
  index_leaf_.Finish(&flags, &list);
  std::string payload(1, static_cast<char>(flags));
  const Slice entries = list.Finish();
  payload.append(entries.data(), entries.size());
  leaf_payloads_.push_back(std::move(payload));
  leaves_.push_back(std::move(leaf));
}

void PartTableBuilder::WriteFilter() {
  std::string bits;
  root_.filter = filter_.Finish(&bits);
  if (root_.filter.shard_count == 0) return;
  root_.filter_flags = static_cast<uint8_t>(
      (options_.whole_key_filter ? kFilterWholeKeys : 0) |
      (options_.prefix_filter ? kFilterRowPrefixes : 0) |
      (options_.prefix_filter && prefix_extractor_ != nullptr
           ? kFilterExtractorPrefixes
           : 0));
  const size_t bytes = static_cast<size_t>(root_.filter.shard_bytes());
  for (size_t at = 0; at < bits.size(); at += bytes) {
    BoxHandle handle;
    WriteBox(Slice(bits.data() + at, bytes), BoxKind::kFilter,
             BoxPacking::kAsIs, &handle);
    root_.filter_shards.push_back(handle);
  }
  properties_.filter_size = bits.size();
}

void PartTableBuilder::WriteRoot() {
  const uint64_t index_start = offset_;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    WriteBox(leaf_payloads_[i], BoxKind::kIndex, BoxPacking::kPacked,
             &leaves_[i].handle);
    leaf_payloads_[i] = std::string();
  }
  std::string payload;
  AppendRootFront(root_, &payload);
  EntryListBuilder list(1);
  std::string value;
  for (const WrittenLeaf& leaf : leaves_) {
    Slice key = leaf.separator;
    if (!root_.internal_keys) key.remove_suffix(kInternalKeyTrailerBytes);
    value.clear();
    AppendBoxHandle(leaf.handle, &value);
    list.Add(key, value, Slice());
  }
  const Slice entries = list.Finish();
  payload.append(entries.data(), entries.size());
  BoxHandle handle;
  WriteBox(payload, BoxKind::kRoot, BoxPacking::kPacked, &handle);
  properties_.index_partitions = leaves_.size();
  properties_.top_level_index_size = payload.size();
  properties_.index_size = offset_ - index_start;
  properties_.index_key_is_user_key = root_.internal_keys ? 0 : 1;
  root_handle_ = handle;
}

void PartTableBuilder::WriteRangeDeletions() {
  if (range_deletions_.empty()) return;
  BoxHandle handle;
  WriteBox(range_deletions_.Finish(), BoxKind::kMeta, BoxPacking::kAsIs,
           &handle);
  meta_blocks_.emplace_back(rocksdb::kRangeDelBlockName, handle);
}

void PartTableBuilder::WriteProperties() {
  properties_.compression_options =
      "zstd_level=" + std::to_string(packer_.level()) + "; ";
  sequences_.Store(&properties_);
  rocksdb::PropertyBlockBuilder block;
  block.AddTableProperty(properties_);
  FinishCollectors(collectors_, ioptions_.logger, &block, &properties_);
  const std::string columns = ColumnsText();
  if (!columns.empty()) block.Add(kPartColumnsProperty, columns);
  BoxHandle handle;
  WriteBox(block.Finish(), BoxKind::kMeta, BoxPacking::kAsIs, &handle);
  meta_blocks_.emplace_back(rocksdb::kPropertiesBlockName, handle);
}

void PartTableBuilder::WriteMetaindexAndFooter() {
  EntryListBuilder list(1);
  std::string value;
  std::sort(meta_blocks_.begin(), meta_blocks_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, handle] : meta_blocks_) {
    value.clear();
    AppendBoxHandle(handle, &value);
    list.Add(name, value, Slice());
  }
  PartFooter footer;
  footer.root = root_handle_;
  WriteBox(list.Finish(), BoxKind::kMeta, BoxPacking::kAsIs, &footer.metaindex);
  if (!status_.ok()) return;
  char bytes[kPartFooterBytes];
  status_ = EncodePartFooter(footer, bytes);
  if (!status_.ok()) return;
  io_status_ = file_.Append(Slice(bytes, sizeof bytes));
  status_ = io_status_;
  if (status_.ok()) offset_ += sizeof bytes;
}

}  // namespace varve
