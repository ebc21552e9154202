// The signatures of RocksDB's table classes that we override, and the calls
// that a table of ours makes of RocksDB, as the version in use has them.
//
// Most differences do not compile. Those that would compile and then be wrong
// are asserted below, against RocksDB's declarations and not its number: a
// version in between, or a tree with patches, does not get past them.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugin/host/rocksdb_internals.h"

// Parameters and arguments that only some versions have. To be written without
// a comma, which they bring along.
#if VARVE_ROCKSDB_AT_LEAST(8, 3)
#define VARVE_READ_OPTIONS_PARAMETER const rocksdb::ReadOptions& /*read*/,
#define VARVE_READ_OPTIONS_ARGUMENT rocksdb::ReadOptions(),
#else
#define VARVE_READ_OPTIONS_PARAMETER
#define VARVE_READ_OPTIONS_ARGUMENT
#endif
#if VARVE_ROCKSDB_AT_LEAST(10, 8)
// Asked to look at meta blocks only, we look at all.
#define VARVE_META_ONLY_PARAMETER , bool /*meta_blocks_only*/
#else
#define VARVE_META_ONLY_PARAMETER
#endif
#if VARVE_ROCKSDB_AT_LEAST(10, 10)
#define VARVE_SHOW_TYPES_PARAMETER , bool /*show_sequence_number_type*/
#else
#define VARVE_SHOW_TYPES_PARAMETER
#endif

namespace varve {

// ---- Would compile, and then be wrong ----

// From 8.7 on a second NewRangeTombstoneIterator, by sequence number, answers
// nullptr where it is not overridden: iterators then show range-deleted keys.
template <typename Table, typename = void>
inline constexpr bool kHasTombstonesBySequence = false;
template <typename Table>
inline constexpr bool kHasTombstonesBySequence<
    Table,
    std::void_t<decltype(std::declval<Table&>().NewRangeTombstoneIterator(
        rocksdb::SequenceNumber(), std::declval<const rocksdb::Slice*>()))>> =
    true;
static_assert(kHasTombstonesBySequence<rocksdb::TableReader> ==
              VARVE_ROCKSDB_AT_LEAST(8, 7));

// From 9.1 on a Status* comes before the Cleanable*: a null pointer fits
// either, and is written through. SaveVersion passes both, and typed ones.
template <typename Function, typename... Arguments>
inline constexpr bool kTakes =
    std::is_invocable_v<Function, rocksdb::GetContext&,
                        const rocksdb::ParsedInternalKey&,
                        const rocksdb::Slice&, bool*, Arguments...>;
struct SaveValueCall {
  template <typename... Arguments>
  auto operator()(rocksdb::GetContext& context, Arguments&&... arguments) const
      -> decltype(context.SaveValue(std::forward<Arguments>(arguments)...)) {
    return context.SaveValue(std::forward<Arguments>(arguments)...);
  }
};
static_assert(kTakes<SaveValueCall, rocksdb::Status*, rocksdb::Cleanable*> ==
              VARVE_ROCKSDB_AT_LEAST(9, 1));
static_assert(kTakes<SaveValueCall, rocksdb::Cleanable*> ==
              !VARVE_ROCKSDB_AT_LEAST(9, 1));

// From 8.9 on RocksDB collects the properties while it writes them, and asks
// each collector once.
using CollectedProperties = rocksdb::UserCollectedProperties;

// ---- Reading ----

inline rocksdb::TableReaderOptions MakeReaderOptions(
    const rocksdb::ImmutableOptions& options,
    const std::shared_ptr<const rocksdb::SliceTransform>& prefix_extractor,
    const rocksdb::EnvOptions& env,
    const rocksdb::InternalKeyComparator& comparator) {
#if VARVE_ROCKSDB_AT_LEAST(10, 4)
  return rocksdb::TableReaderOptions(
      options, prefix_extractor, /*compression_manager=*/nullptr, env,
      comparator, /*block_protection_bytes_per_key=*/0);
#elif VARVE_ROCKSDB_AT_LEAST(8, 3)
  return rocksdb::TableReaderOptions(options, prefix_extractor, env, comparator,
                                     /*block_protection_bytes_per_key=*/0);
#else
  return rocksdb::TableReaderOptions(options, prefix_extractor, env,
                                     comparator);
#endif
}

// Hands one version of a key to a lookup; *more: it wants the next as well.
// An error is one of reading what the value refers to, a blob.
inline rocksdb::Status SaveVersion(rocksdb::GetContext* lookup,
                                   const rocksdb::ParsedInternalKey& key,
                                   const rocksdb::Slice& value, bool* matched,
                                   rocksdb::Cleanable* pinner, bool* more) {
  rocksdb::Status status;
#if VARVE_ROCKSDB_AT_LEAST(9, 1)
  *more = lookup->SaveValue(key, value, matched, &status, pinner);
#else
  *more = lookup->SaveValue(key, value, matched, pinner);
#endif
  return status;
}

// Tells the file what access_hint_on_compaction_start says; RocksDB 9.0 has
// done away with that option.
inline void HintCompaction(const rocksdb::ImmutableOptions& options,
                           rocksdb::FSRandomAccessFile* file) {
#if VARVE_ROCKSDB_AT_LEAST(9, 0)
  (void)options;
  (void)file;
#else
  using Hint = rocksdb::Options::AccessHint;
  using Pattern = rocksdb::FSRandomAccessFile::AccessPattern;
  switch (options.access_hint_on_compaction_start) {
    case Hint::NONE:
      break;
    case Hint::NORMAL:
      file->Hint(Pattern::kNormal);
      break;
    case Hint::SEQUENTIAL:
      file->Hint(Pattern::kSequential);
      break;
    case Hint::WILLNEED:
      file->Hint(Pattern::kWillNeed);
      break;
  }
#endif
}

// ---- Writing ----

#if VARVE_ROCKSDB_AT_LEAST(9, 0)
using TableCollector = rocksdb::InternalTblPropColl;
using TableCollectorFactories = rocksdb::InternalTblPropCollFactories;
#else
using TableCollector = rocksdb::IntTblPropCollector;
using TableCollectorFactories = rocksdb::IntTblPropCollectorFactories;
#endif
using TableCollectors = std::vector<std::unique_ptr<TableCollector>>;

#if VARVE_ROCKSDB_AT_LEAST(8, 11)
using SequenceTimes = rocksdb::SeqnoToTimeMapping;
#else
using SequenceTimes = std::string;  // encoded already
#endif

inline std::string EncodedSequenceTimes(const SequenceTimes& times) {
#if VARVE_ROCKSDB_AT_LEAST(8, 11)
  std::string encoded;
  times.EncodeTo(encoded);
  return encoded;
#else
  return times;
#endif
}

inline bool SkipsFilters(const rocksdb::TableBuilderOptions& options) {
#if VARVE_ROCKSDB_AT_LEAST(11, 0)
  (void)options;
  return false;
#else
  return options.skip_filters;
#endif
}

// 0x40 was kZSTDNotFinalCompression, whose name later versions lack.
inline bool IsZstd(rocksdb::CompressionType type) {
  return type == rocksdb::kZSTD || static_cast<unsigned char>(type) == 0x40;
}

// Null where the factory makes none.
template <typename Factory>
std::unique_ptr<TableCollector> MakeCollector(
    Factory* factory, const rocksdb::TableBuilderOptions& options) {
#if VARVE_ROCKSDB_AT_LEAST(9, 0)
  return std::unique_ptr<TableCollector>(factory->CreateInternalTblPropColl(
      options.column_family_id, options.level_at_creation,
      options.ioptions.num_levels,
      options.last_level_inclusive_max_seqno_threshold));
#else
  return std::unique_ptr<TableCollector>(factory->CreateIntTblPropCollector(
      options.column_family_id, options.level_at_creation));
#endif
}

inline void MakeCollectors(const rocksdb::TableBuilderOptions& options,
                           TableCollectors* collectors) {
#if VARVE_ROCKSDB_AT_LEAST(9, 0)
  const auto& factories = *options.internal_tbl_prop_coll_factories;
#else
  const auto& factories = *options.int_tbl_prop_collector_factories;
#endif
  for (const auto& factory : factories) {
    auto collector = MakeCollector(factory.get(), options);
    if (collector != nullptr) collectors->push_back(std::move(collector));
  }
}

// Adds what the collectors have found to the block of properties, and to
// `properties` as they will be read from it.
inline void FinishCollectors(const TableCollectors& collectors,
                             rocksdb::Logger* logger,
                             rocksdb::PropertyBlockBuilder* block,
                             rocksdb::TableProperties* properties) {
  CollectedProperties* const found = &properties->user_collected_properties;
  CollectedProperties* const readable = &properties->readable_properties;
#if VARVE_ROCKSDB_AT_LEAST(8, 9)
  rocksdb::NotifyCollectTableCollectorsOnFinish(collectors, logger, block,
                                                *found, *readable);
#else
  rocksdb::NotifyCollectTableCollectorsOnFinish(collectors, logger, block);
  for (const auto& collector : collectors) {
    for (const auto& property : collector->GetReadableProperties()) {
      readable->insert(property);
    }
    collector->Finish(found).PermitUncheckedError();
  }
#endif
}

// The sequence numbers in a file, which ingestion looks for from 9.7 (the
// largest) and 10.6 on (the smallest): without them it reads the file or
// refuses it.
class SequenceRange {
 public:
  void Add(const rocksdb::Slice& internal_key) {
    if constexpr (VARVE_ROCKSDB_AT_LEAST(9, 7)) {
      const rocksdb::SequenceNumber sequence =
          rocksdb::GetInternalKeySeqno(internal_key);
      if (sequence > largest_) largest_ = sequence;
      if (sequence < smallest_) smallest_ = sequence;
    }
  }
  void Store(rocksdb::TableProperties* properties) const {
    (void)properties;
#if VARVE_ROCKSDB_AT_LEAST(9, 7)
    properties->key_largest_seqno = largest_;
#endif
#if VARVE_ROCKSDB_AT_LEAST(10, 6)
    properties->key_smallest_seqno = smallest_;
#endif
  }

 private:
  rocksdb::SequenceNumber largest_ = 0;
  rocksdb::SequenceNumber smallest_ = UINT64_MAX;
};

// The age of the newest key (9.9).
inline void StoreNewestKeyTime(const rocksdb::TableBuilderOptions& options,
                               rocksdb::TableProperties* properties) {
#if VARVE_ROCKSDB_AT_LEAST(9, 9)
  properties->newest_key_time = static_cast<uint64_t>(options.newest_key_time);
#else
  (void)options;
  (void)properties;
#endif
}

}  // namespace varve
