#include "plugin/part_table/part_table_builder.h"

#include <algorithm>
#include <cassert>

namespace varve {

using rocksdb::IOStatus;
using rocksdb::TableBuilderOptions;
using rocksdb::TableProperties;
using rocksdb::ValueType;

namespace {

// A box is closed early rather than stretched when it is this full, as
// RocksDB's block_size_deviation has it by default.
constexpr size_t kFullEnoughPercent = 90;
// Columns of a box are packed when they are smaller than this on average.
constexpr size_t kPackColumnBytes = 512;
// Headers of small rows pack better in larger boxes: so many times block_bytes.
constexpr size_t kHeadersFactor = 4;
// A stripe's columns lie in memory until its headers are full, or until here.
constexpr size_t kStripeColumnBytesMax = 256 * 1024;

// zstd's levels where none is given. Small parts and those of levels 0 and 1
// are soon written again. Samples gain less than half a percent by any level,
// rows of text 5 % by one above 3, at half its speed.
constexpr int kFastLevel = 1;
constexpr int kUsualLevel = 3;
constexpr uint64_t kSmallPartBytes = 1 << 20;

// 0: nothing is compressed.
int GivenLevel(const PartTableOptions& options, const TableBuilderOptions& tbo,
               bool* given) {
  *given = true;
  if (tbo.compression_type == rocksdb::kNoCompression) return 0;
  if (options.zstd_level != 0) return options.zstd_level;
  const bool zstd = IsZstd(tbo.compression_type);
  const int level = tbo.compression_opts.level;
  if (zstd && level != rocksdb::CompressionOptions::kDefaultCompressionLevel &&
      level != 0) {
    return level;
  }
  *given = tbo.level_at_creation == 0 || tbo.level_at_creation == 1;
  return kFastLevel;
}

std::string InternalKeyOf(const Slice& user_key) {
  std::string key = user_key.ToString();
  rocksdb::PutFixed64(&key,
                      rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                                   rocksdb::kValueTypeForSeek));
  return key;
}

}  // namespace

PartTableBuilder::PartTableBuilder(const PartTableOptions& options,
                                   const TableBuilderOptions& tbo,
                                   rocksdb::WritableFileWriter* file)
    : options_(options),
      ioptions_(tbo.ioptions),
      order_(tbo.internal_comparator.user_comparator()),
      prefix_extractor_(tbo.moptions.prefix_extractor),
      file_(tbo, file),
      build_filter_(
          options.filter_bits_per_key > 0 && !SkipsFilters(tbo) &&
          !(tbo.ioptions.optimize_filters_for_hits && tbo.is_bottommost)),
      packer_(GivenLevel(options, tbo, &level_is_given_)),
      rows_(options.prefix_compression ? options.restart_interval : 1),
      stripe_(options.block_bytes),
      range_deletions_(1),
      filter_(options.filter_bits_per_key) {
  InitProperties(tbo);
  InitCollectors(tbo);
}

PartTableBuilder::~PartTableBuilder() {
  assert(closed_);
  status_.PermitUncheckedError();
  io_status_.PermitUncheckedError();
}

void PartTableBuilder::InitProperties(const TableBuilderOptions& tbo) {
  TableProperties& p = properties_;
  p.column_family_id = tbo.column_family_id;
  p.column_family_name = tbo.column_family_name;
  p.oldest_key_time = static_cast<uint64_t>(tbo.oldest_key_time);
  StoreNewestKeyTime(tbo, &p);
  p.file_creation_time = tbo.file_creation_time;
  p.orig_file_number = tbo.cur_file_num;
  p.db_id = tbo.db_id;
  p.db_session_id = tbo.db_session_id;
  p.db_host_id = ioptions_.db_host_id;
  if (!rocksdb::ReifyDbHostIdProperty(ioptions_.env, &p.db_host_id).ok()) {
    ROCKS_LOG_INFO(ioptions_.logger, "db_host_id property will not be set");
  }
  p.comparator_name = ioptions_.user_comparator != nullptr
                          ? ioptions_.user_comparator->Name()
                          : "nullptr";
  p.merge_operator_name = ioptions_.merge_operator != nullptr
                              ? ioptions_.merge_operator->Name()
                              : "nullptr";
  p.prefix_extractor_name =
      prefix_extractor_ != nullptr ? prefix_extractor_->AsString() : "nullptr";
  p.compression_name = tbo.compression_type == rocksdb::kNoCompression
                           ? "NoCompression"
                           : "ZSTD";
  p.format_version = kPartVersion;
  if (build_filter_) p.filter_policy_name = "varve.LineBloom";
  std::string names = "[";
  for (const auto& factory : ioptions_.table_properties_collector_factories) {
    if (names.size() > 1) names += ",";
    names += factory->Name();
  }
  p.property_collectors_names = names + "]";
}

void PartTableBuilder::InitCollectors(const TableBuilderOptions& tbo) {
  MakeCollectors(tbo, &collectors_);
  if (order_.user().timestamp_bytes() > 0) {
    collectors_.emplace_back(new rocksdb::TimestampTablePropertiesCollector(
        order_.user().comparator()));
  }
}

void PartTableBuilder::WriteBox(const Slice& raw, BoxKind kind,
                                BoxPacking packing, BoxHandle* handle) {
  if (!status_.ok()) return;
  BoxTag tag;
  tag.kind = kind;
  const Slice payload = packing == BoxPacking::kPacked
                            ? packer_.Pack(raw, &tag.compression)
                            : raw;
  WritePacked(payload, tag, handle);
}

void PartTableBuilder::WritePacked(const Slice& payload, BoxTag tag,
                                   BoxHandle* handle) {
  if (!status_.ok()) return;
  handle->offset = offset_;
  handle->bytes = payload.size();
  char trailer[kBoxTrailerBytes];
  EncodeBoxTrailer(payload, tag, offset_, trailer);
  io_status_ = file_.Append(payload);
  if (io_status_.ok()) {
    io_status_ = file_.Append(Slice(trailer, sizeof trailer));
  }
  status_ = io_status_;
  if (!status_.ok()) return;
  offset_ = handle->end();
  if (!level_is_given_ && offset_ >= kSmallPartBytes) {
    packer_.set_level(kUsualLevel);
  }
}

void PartTableBuilder::AddToFilter(const Slice& user_key) {
  if (!build_filter_) return;
  const Slice key = rocksdb::StripTimestampFromUserKey(
      user_key, order_.user().timestamp_bytes());
  Slice prefix;
  if (options_.prefix_filter) {
    if (RowPrefix(key, &prefix) && prefix != last_row_prefix_) {
      filter_.Add(HashPrefix(prefix));
      last_row_prefix_.assign(prefix.data(), prefix.size());
    }
    if (prefix_extractor_ != nullptr && prefix_extractor_->InDomain(key)) {
      prefix = prefix_extractor_->Transform(key);
      if (last_prefix_.empty() || prefix != last_prefix_) {
        filter_.Add(HashPrefix(prefix));
        last_prefix_.assign(prefix.data(), prefix.size());
      }
    }
  }
  if (options_.whole_key_filter) filter_.Add(HashWholeKey(key));
}

bool PartTableBuilder::BoxIsFull(const Slice& key, const Slice& value) const {
  if (rows_.empty()) return false;
  const size_t bytes = rows_.CurrentBytes();
  if (in_columns_) {
    return bytes >= kHeadersFactor * options_.block_bytes ||
           stripe_.column_bytes() >= kStripeColumnBytesMax;
  }
  if (bytes >= options_.block_bytes) return true;
  return bytes + key.size() + value.size() > options_.block_bytes &&
         bytes > size_t{options_.block_bytes} * kFullEnoughPercent / 100;
}

void PartTableBuilder::Add(const Slice& key, const Slice& value) {
  assert(!closed_);
  if (!status_.ok()) return;
  const ValueType type = rocksdb::ExtractValueType(key);
  if (type == rocksdb::kTypeRangeDeletion) {
    range_deletions_.Add(key, value, Slice());
    ++properties_.num_range_deletions;
  } else {
    if (BoxIsFull(key, value)) FlushRows();
    if (flushed_pending_) IndexFlushedRows(&key);
    AddToFilter(rocksdb::ExtractUserKey(key));
    rows_.Add(key, RecordOf(value), last_key_);
    last_key_.assign(key.data(), key.size());
  }
  rocksdb::NotifyCollectTableCollectorsOnAdd(key, value, offset_, collectors_,
                                             ioptions_.logger);
  sequences_.Add(key);
  ++properties_.num_entries;
  properties_.raw_key_size += key.size();
  properties_.raw_value_size += value.size();
  if (type == rocksdb::kTypeDeletion || type == rocksdb::kTypeSingleDeletion ||
      type == rocksdb::kTypeRangeDeletion ||
      type == rocksdb::kTypeDeletionWithTimestamp) {
    ++properties_.num_deletions;
  } else if (type == rocksdb::kTypeMerge) {
    ++properties_.num_merge_operands;
  }
}

// A box takes blocks apart when its first row is one.
Slice PartTableBuilder::RecordOf(const Slice& value) {
  Slice header, timestamps, values;
  if (rows_.empty()) {
    in_columns_ = options_.split_blocks &&
                  SplitBlock(value, &header, &timestamps, &values);
  } else if (in_columns_) {
    SplitBlock(value, &header, &timestamps, &values);
  }
  if (!in_columns_) return value;
  if (header.empty()) {
    stripe_.AddOpaque(value, &record_);
  } else {
    stripe_.AddSplit(header, timestamps, values, &record_);
    ++columns_.rows;
    columns_.given_bytes += timestamps.size() + values.size();
  }
  return record_;
}

void PartTableBuilder::FlushRows() {
  const Slice raw = rows_.Finish();
  rocksdb::NotifyCollectTableCollectorsOnBlockAdd(
      collectors_, raw.size() + stripe_.column_bytes(), 0, 0);
  if (in_columns_) {
    FlushStripe(raw);
  } else {
    WriteBox(raw, BoxKind::kRows, BoxPacking::kPacked, &flushed_);
  }
  rows_.Reset();
  ++properties_.num_data_blocks;
  flushed_pending_ = true;
}

// Large columns are dense already; small ones are packed together. Headers
// come first and hold the sizes of what follows.
void PartTableBuilder::FlushStripe(const Slice& records) {
  const size_t count = stripe_.box_count();
  packed_.resize(std::max(packed_.size(), count));
  std::vector<Slice> payloads(count);
  std::vector<BoxTag> tags(count);
  std::vector<uint64_t> stored(count);
  for (size_t i = 0; i < count; ++i) {
    const StripeBuilder::Box& box = stripe_.box(i);
    payloads[i] = box.bytes;
    tags[i].kind = box.kind;
    if (box.bytes.size() < kPackColumnBytes * box.column_count) {
      const Slice packed = packer_.Pack(box.bytes, &tags[i].compression);
      packed_[i].assign(packed.data(), packed.size());  // one buffer for all
      payloads[i] = packed_[i];
    }
    stored[i] = payloads[i].size();
  }
  std::string payload;
  stripe_.AppendFront(stored, &payload);
  payload.append(records.data(), records.size());
  WriteBox(payload, BoxKind::kHeaders, BoxPacking::kPacked, &flushed_);
  columns_.header_bytes += flushed_.bytes;
  std::vector<BoxHandle> handles(count);
  for (size_t i = 0; i < count; ++i) {
    WritePacked(payloads[i], tags[i], &handles[i]);
    (tags[i].kind == BoxKind::kValues ? columns_.value_bytes
                                      : columns_.timestamp_bytes) += stored[i];
  }
  stripe_.Close(handles);
}

void PartTableBuilder::IndexFlushedRows(const Slice* next_key) {
  flushed_pending_ = false;
  bool needs_sequence = false;
  std::string separator = last_key_;
  if (next_key != nullptr) {
    const Slice last_user = rocksdb::ExtractUserKey(last_key_);
    const Slice next_user = rocksdb::ExtractUserKey(*next_key);
    needs_sequence = order_.user()(last_user, next_user) == 0;
    if (!needs_sequence) {
      std::string shorter = last_user.ToString();
      order_.user().comparator()->FindShortestSeparator(&shorter, next_user);
      if (shorter.size() <= last_user.size() &&
          order_.user()(last_user, shorter) < 0) {
        separator = InternalKeyOf(shorter);
      }
    }
  }
  index_leaf_.Add(separator, needs_sequence, flushed_);
  if (index_leaf_.CurrentBytes() >= options_.index_block_bytes) {
    FlushIndexLeaf();
  }
}

void PartTableBuilder::Abandon() {
  assert(!closed_);
  closed_ = true;
}

Status PartTableBuilder::Finish() {
  assert(!closed_);
  closed_ = true;
  if (!rows_.empty()) FlushRows();
  if (flushed_pending_) IndexFlushedRows(nullptr);
  FlushIndexLeaf();
  root_.rows_end = properties_.data_size = offset_;
  WriteFilter();
  WriteRoot();
  WriteRangeDeletions();
  WriteProperties();
  WriteMetaindexAndFooter();
  return status_;
}

std::string PartTableBuilder::ColumnsText() const {
  PartColumns columns = columns_;
  columns.shared_timestamps = stripe_.shared_columns();
  return columns.rows > 0 ? columns.ToString() : "";
}

bool PartTableBuilder::NeedCompact() const {
  return std::any_of(collectors_.begin(), collectors_.end(),
                     [](const auto& c) { return c->NeedCompact(); });
}

TableProperties PartTableBuilder::GetTableProperties() const {
  TableProperties properties = properties_;
  const std::string columns = ColumnsText();
  if (!columns.empty()) {
    properties.user_collected_properties[kPartColumnsProperty] = columns;
  }
  return properties;
}

std::string PartTableBuilder::GetFileChecksum() const {
  return file_.file() != nullptr ? file_.file()->GetFileChecksum()
                                 : rocksdb::kUnknownFileChecksum;
}

const char* PartTableBuilder::GetFileChecksumFuncName() const {
  return file_.file() != nullptr ? file_.file()->GetFileChecksumFuncName()
                                 : rocksdb::kUnknownFileChecksumFuncName;
}

void PartTableBuilder::SetSeqnoTimeTableProperties(
    const SequenceTimes& times, uint64_t oldest_ancestor_time) {
  properties_.seqno_to_time_mapping = EncodedSequenceTimes(times);
  properties_.creation_time = oldest_ancestor_time;
}

}  // namespace varve
