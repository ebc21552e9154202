// See compaction_preset.h.
#include "varve/compaction_preset.h"

#include <algorithm>

#include "rocksdb/universal_compaction.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyOptions;
using rocksdb::Status;

// RocksDB looks for something to merge from this number of sorted runs on
// (files of level 0, and other levels): as many as VictoriaMetrics merges at
// once. New runs have piled up by then and are merged together.
constexpr int kTriggerRuns = 15;
constexpr unsigned kMergeWidthMax = 15;

// Runs are added from the newest on while the next is not larger, by more than
// a tenth, than the sum of those before it, and four make a merge.
// VictoriaMetrics asks for more, that the sum be 7.5 times the largest. RocksDB
// can be told so too (kCompactionStopStyleSimilarSize with a width of eight),
// but its runs merge with their neighbours in age only: in the long run ever
// fewer qualify, and it then merges the newest runs whatever their sizes, at
// each flush (docs/presets.md).
constexpr unsigned kMergeWidthMin = 4;
constexpr unsigned kSizeRatioPct = 10;

// From so many runs on RocksDB merges the newest whatever their sizes are.
constexpr int kForcedRuns = kTriggerRuns + static_cast<int>(kMergeWidthMin) - 1;

void ApplyVm(ColumnFamilyOptions* options) {
  options->compaction_style = rocksdb::kCompactionStyleUniversal;
  auto& universal = options->compaction_options_universal;
  universal = rocksdb::CompactionOptionsUniversal();
  universal.size_ratio = kSizeRatioPct;
  universal.min_merge_width = kMergeWidthMin;
  universal.max_merge_width = kMergeWidthMax;
  // Samples are hardly ever overwritten, so the newer runs hide next to
  // nothing of the oldest: space is no reason to merge. (RocksDB multiplies
  // it by a size in 64 bits.)
  universal.max_size_amplification_percent = 1000000;
  options->level0_file_num_compaction_trigger = kTriggerRuns;
  options->level0_slowdown_writes_trigger =
      std::max(options->level0_slowdown_writes_trigger, 2 * kForcedRuns);
  options->level0_stop_writes_trigger =
      std::max(options->level0_stop_writes_trigger, 3 * kForcedRuns);
}

}  // namespace

const char* CompactionPresetName(CompactionPreset preset) {
  switch (preset) {
    case CompactionPreset::kLeveled:
      return "leveled";
    case CompactionPreset::kUniversal:
      return "universal";
    case CompactionPreset::kVm:
      return "vm";
    default:
      return "keep";
  }
}

Status ParseCompactionPreset(const std::string& name,
                             CompactionPreset* preset) {
  for (const CompactionPreset p :
       {CompactionPreset::kKeep, CompactionPreset::kLeveled,
        CompactionPreset::kUniversal, CompactionPreset::kVm}) {
    if (name != CompactionPresetName(p)) continue;
    *preset = p;
    return Status::OK();
  }
  return Status::InvalidArgument("compaction=" + name +
                                 ": it is keep, leveled, universal or vm");
}

Status ApplyCompactionPreset(CompactionPreset preset,
                             ColumnFamilyOptions* options) {
  if (preset == CompactionPreset::kKeep) return Status::OK();
  const std::string name =
      std::string("compaction=") + CompactionPresetName(preset);
  if (options->compaction_style == rocksdb::kCompactionStyleFIFO) {
    return Status::InvalidArgument(
        name +
        ": compaction_style is FIFO, which deletes files by their age or size "
        "whatever the policy says; set another style, or compaction=keep if "
        "that is meant");
  }
  if (options->num_levels < 2) {
    return Status::InvalidArgument(
        name + ": num_levels is " + std::to_string(options->num_levels) +
        "; below 2 files are never cut by partition, and old data never "
        "lies apart from new");
  }
  switch (preset) {
    case CompactionPreset::kLeveled:
      options->compaction_style = rocksdb::kCompactionStyleLevel;
      break;
    case CompactionPreset::kUniversal:
      options->compaction_style = rocksdb::kCompactionStyleUniversal;
      options->compaction_options_universal =
          rocksdb::CompactionOptionsUniversal();
      break;
    default:
      ApplyVm(options);
  }
  return Status::OK();
}

}  // namespace varve
