// See ageing_verdict.h.
#include "compaction/ageing_verdict.h"

#include <algorithm>
#include <cstdio>

#include "format/row/row_key.h"

namespace varve {
namespace {

std::string Percent(uint64_t part, uint64_t whole) {
  const double share = whole == 0 ? 0
                                  : 100.0 * static_cast<double>(part) /
                                        static_cast<double>(whole);
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", share);
  return text;
}

}  // namespace

AgeingJudge::AgeingJudge(const AgeingInput& input)
    : input_(input),
      policy_(input.policy),
      at_ms_(PhysicalTime(input.policy, input.now_ms)),
      rules_(AgeingRules(input.policy)),
      level0_files_(static_cast<size_t>(std::count_if(
          input.files.begin(), input.files.end(),
          [](const AgeingFile& file) { return file.level == 0; }))) {}

AgeingVerdict AgeingJudge::Judge(const AgeingFile& file) const {
  AgeingVerdict candidate;
  candidate.file = &file;
  AgeingFileReport& report = candidate.report;
  report.name = file.name;
  report.level = file.level;
  report.bytes = file.bytes;
  report.merge_operands = file.merge_operands;
  candidate.ours =
      file.has_properties &&
      (file.properties.samples == 0 || file.properties.shape == policy_.shape);
  if (!candidate.ours) {
    report.why = file.has_properties ? "written with another shape"
                                     : "no properties of this version";
    return candidate;
  }
  report.samples = file.properties.samples;
  candidate.tally = TallyFile(policy_, rules_, file.properties, at_ms_);
  report.due_bytes = candidate.tally.due_bytes;
  if (!policy_.ageing) {
    report.why = "ageing=off";
  } else if (!input_.left_alone_why.empty()) {
    report.why = input_.left_alone_why;
  } else if (Droppable(file)) {
    report.action = AgeingAction::kDrop;
    report.why = "all of it is past retention";
    report.due_bytes = candidate.tally.bytes;
  } else if (WantsRewrite(file, candidate.tally, at_ms_, &report.why)) {
    report.action = AgeingAction::kRewrite;
  } else {
    Foresee(&candidate);
  }
  if (report.action == AgeingAction::kRewrite ||
      report.action == AgeingAction::kDrop) {
    report.when_ms = input_.now_ms;
    HoldBack(file, &report);
  }
  return candidate;
}

bool AgeingJudge::InOnePartition(const AgeingFile& file) const {
  return policy_.shape.partition != Partition::kNone &&
         file.smallest_key.size() >= kPartitionBytes &&
         file.largest_key.compare(0, kPartitionBytes, file.smallest_key, 0,
                                  kPartitionBytes) == 0;
}

bool AgeingJudge::WantsRewrite(const AgeingFile& file, const FileTally& tally,
                               int64_t at_ms, std::string* why) const {
  const bool all_expired =
      tally.expired_bytes > 0 && tally.expired_bytes == tally.bytes;
  if (tally.due_bytes == 0 && !all_expired) return false;
  // Freshly written files are merged soon, and deduplicated then.
  if (file.level == 0 && OnlyDedupIsDue(tally)) return false;
  const AgeingLimits& limits = input_.limits;
  if (tally.final_due_bytes > 0) {
    *why = Percent(tally.due_bytes, tally.bytes) +
           " of its bytes are due, and all of it has the age";
    if (all_expired) *why = "all of its samples are past retention";
    return true;
  }
  if (!InOnePartition(file) &&
      static_cast<double>(tally.due_bytes) >=
          limits.min_due_ratio * static_cast<double>(tally.bytes)) {
    *why = Percent(tally.due_bytes, tally.bytes) + " of its bytes are due";
    return true;
  }
  if (limits.max_delay_ms > 0 &&
      at_ms - tally.oldest_due_at_ms >= limits.max_delay_ms) {
    *why = "some of it has been due for " +
           FormatDuration(limits.max_delay_ms) + ", ageing_max_delay";
    return true;
  }
  return false;
}

bool AgeingJudge::OnlyDedupIsDue(const FileTally& tally) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!rules_[i].dedup && tally.rules[i].due_bytes > 0) return false;
  }
  return true;
}

// When the file will be wanted if nothing is written to it: the first of
// the times at which it changes that suits. (Wanting may end by waiting: what
// was due for a fine tier becomes due, with others, for a coarser one.)
void AgeingJudge::Foresee(AgeingVerdict* candidate) const {
  const AgeingFile& file = *candidate->file;
  if (!input_.foresee) return;
  std::vector<int64_t> times = TallyTimes(policy_, rules_, file.properties);
  if (input_.limits.max_delay_ms > 0) {
    const size_t count = times.size();
    for (size_t i = 0; i < count; ++i) {
      times.push_back(times[i] + input_.limits.max_delay_ms);
    }
    std::sort(times.begin(), times.end());
  }
  times.erase(times.begin(),
              std::upper_bound(times.begin(), times.end(), at_ms_));
  const auto wanted = [&](int64_t at_ms) {
    std::string why;
    const FileTally tally = TallyFile(policy_, rules_, file.properties, at_ms);
    return tally.expired_bytes == tally.bytes ||
           WantsRewrite(file, tally, at_ms, &why);
  };
  const auto at = std::find_if(times.begin(), times.end(), wanted);
  if (at == times.end() || file.properties.samples == 0) return;
  candidate->report.action = AgeingAction::kWait;
  candidate->report.when_ms = *at + policy_.safety_lag_ms;
  candidate->report.why =
      candidate->tally.due_bytes == 0
          ? "not old enough"
          : Percent(candidate->tally.due_bytes, candidate->tally.bytes) +
                " of its bytes are due; it waits for the rest";
}

// What keeps a file from being touched now.
void AgeingJudge::HoldBack(const AgeingFile& file,
                           AgeingFileReport* report) const {
  const char* why = nullptr;
  if (file.being_compacted) {
    why = "RocksDB is compacting it";
  } else if (file.set_aside) {
    why = file.set_aside_why.c_str();
  } else if (report->action == AgeingAction::kDrop) {
    // Input files end with the oldest of level 0 if there are no others.
    if (file.level == 0 && &file != &input_.files.back()) {
      why =
          "RocksDB lets go of the oldest of level 0 only, with no other "
          "level in use";
    }
  } else if (report->action == AgeingAction::kRewrite) {
    if (input_.snapshots_held && file.merge_operands > 0) {
      why = "it holds merges, which snapshots keep from being thinned";
    } else if (file.level == 0 && input_.level0_trigger > 0 &&
               level0_files_ >= input_.level0_trigger) {
      why = "RocksDB is about to compact level 0";
    }
  }
  if (why == nullptr) return;
  report->action = AgeingAction::kWait;
  report->why += std::string("; ") + why;
}

bool AgeingJudge::ExpiredAt(int64_t bucket_last_ms) const {
  return bucket_last_ms < at_ms_ - policy_.retention_ms;
}

// Everything that a file's properties count belongs to expired rows: what
// it hides or uncovers elsewhere has expired with it.
bool AgeingJudge::Droppable(const AgeingFile& file) const {
  const SampleProperties& p = file.properties;
  if (policy_.retention_ms == 0 || p.shape != policy_.shape ||
      p.foreign_rows > 0 || p.foreign_tombstones > 0) {
    return false;
  }
  if (p.rows + p.tombstones + p.range_tombstones != file.entries ||
      file.entries == 0) {
    return false;
  }
  if (p.rows + p.tombstones > 0 &&
      (!p.has_row_keys || !ExpiredAt(p.bucket_last_ms))) {
    return false;
  }
  return p.range_tombstones == 0 ||
         (ExpiredAt(p.range_last_ms) && HidesNothingForeign(file));
}

// A range tombstone may hide foreign rows of older files.
bool AgeingJudge::HidesNothingForeign(const AgeingFile& file) const {
  return std::none_of(
      input_.files.begin(), input_.files.end(), [&](const AgeingFile& other) {
        return &other != &file && other.smallest_key <= file.largest_key &&
               file.smallest_key <= other.largest_key &&
               (!other.has_properties || other.properties.foreign_rows > 0);
      });
}

}  // namespace varve
