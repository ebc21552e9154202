// How RocksDB picks files of samples to compact: a preset sets the column
// family's compaction style and what goes with it, RocksDB's own options all,
// which its OPTIONS file keeps and which may be changed one by one afterwards.
//
//   keep       what the options say already
//   leveled    RocksDB's default style
//   universal  its other one: files of a size are merged, newest first
//   vm         universal as VictoriaMetrics picks parts: up to 15 at once, only
//              where it pays (none is larger than the newer ones together), and
//              no merge of everything for the sake of space
//
// docs/presets.md has what each of them costs.
#pragma once

#include <string>

#include "rocksdb/options.h"
#include "rocksdb/status.h"
#include "varve/export.h"

namespace varve {

enum class CompactionPreset { kKeep, kLeveled, kUniversal, kVm };

VARVE_EXPORT const char* CompactionPresetName(CompactionPreset preset);

// InvalidArgument for a name that is none of the four.
VARVE_EXPORT rocksdb::Status ParseCompactionPreset(const std::string& name,
                                                   CompactionPreset* preset);

// Sets what the preset says and nothing else. InvalidArgument, and *options
// as they were, where they contradict it: num_levels=1 (partitions are cut
// below level 0 only) and FIFO, which deletes by size whatever a policy says.
VARVE_EXPORT rocksdb::Status ApplyCompactionPreset(
    CompactionPreset preset, rocksdb::ColumnFamilyOptions* options);

}  // namespace varve
