// The names by which RocksDB's option strings, OPTIONS files and registry
// know Varve's objects. Persisted: they never change.
#pragma once

namespace varve {

inline constexpr const char kSampleMergeId[] = "VarveSampleMerge";
inline constexpr const char kTierFilterId[] = "VarveTierFilter";
inline constexpr const char kTimePartitionerId[] = "VarveTimePartitioner";
inline constexpr const char kSamplePropertiesId[] = "VarveSampleProperties";
inline constexpr const char kTierSchedulerId[] = "VarveTierScheduler";
inline constexpr const char kPartTableId[] = "VarvePartTable";
inline constexpr const char kIndexMergeId[] = "VarveIndexMerge";
inline constexpr const char kIndexFilterId[] = "VarveIndexFilter";

// The options of a column family that hold those with a policy.
inline constexpr const char kMergeOption[] = "merge_operator";
inline constexpr const char kFilterOption[] = "compaction_filter_factory";
inline constexpr const char kPartitionerOption[] = "sst_partitioner_factory";
inline constexpr const char kCollectorOption[] = "table_properties_collectors";

// What Configurable::GetOptions finds in these objects.
inline constexpr const char kLivePolicyName[] = "VarvePolicy";
inline constexpr const char kCountersName[] = "VarveCounters";
inline constexpr const char kIndexAgeName[] = "VarveIndexAge";

}  // namespace varve
