// The names by which RocksDB's option strings, OPTIONS files and registry
// know Varve's objects. Persisted: they never change.
#pragma once

namespace varve {

inline constexpr const char kSampleMergeId[] = "VarveSampleMerge";
inline constexpr const char kTierFilterId[] = "VarveTierFilter";
inline constexpr const char kTimePartitionerId[] = "VarveTimePartitioner";
inline constexpr const char kSamplePropertiesId[] = "VarveSampleProperties";
inline constexpr const char kTierSchedulerId[] = "VarveTierScheduler";

// What Configurable::GetOptions finds in these objects.
inline constexpr const char kLivePolicyName[] = "VarvePolicy";
inline constexpr const char kCountersName[] = "VarveCounters";

}  // namespace varve
