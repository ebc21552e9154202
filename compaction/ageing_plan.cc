// See ageing_plan.h.
#include "compaction/ageing_plan.h"

#include <algorithm>
#include <cstdio>

#include "compaction/ageing_tally.h"
#include "compaction/row_merge.h"
#include "format/varint.h"

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

std::string RuleName(const AgeingRule& rule) {
  if (rule.interval_ms == 0) {
    return "retention " + FormatDuration(rule.offset_ms);
  }
  if (rule.dedup) return "dedup " + FormatDuration(rule.interval_ms);
  return FormatDuration(rule.offset_ms) + ":" +
         FormatDuration(rule.interval_ms);
}

// A file at work, and what was found of it.
struct Candidate {
  const AgeingFile* file;
  AgeingFileReport report;
  FileTally tally;
  bool ours = false;  // its properties can be read and are of our shape
};

class Planner {
 public:
  explicit Planner(const AgeingInput& input)
      : input_(input),
        policy_(input.policy),
        at_ms_(PhysicalTime(input.policy, input.now_ms)),
        rules_(AgeingRules(input.policy)) {
    plan_.now_ms = input.now_ms;
    plan_.policy = input.policy;
  }

  AgeingPlan Run() {
    for (const AgeingRule& rule : rules_) {
      AgeingTierReport tier;
      tier.rule = RuleName(rule);
      tier.interval_ms = rule.interval_ms;
      plan_.tiers.push_back(tier);
    }
    for (const AgeingFile& file : input_.files) Judge(file);
    for (size_t i = 0; i < files_.size();) i = JudgeCluster(i);
    MakeDrops();
    MakeRewrites();
    for (Candidate& candidate : files_) Report(&candidate);
    Warn();
    return std::move(plan_);
  }

 private:
  // ------------------------------------------------------------ one file

  void Judge(const AgeingFile& file) {
    files_.emplace_back();
    Candidate& candidate = files_.back();
    candidate.file = &file;
    AgeingFileReport& report = candidate.report;
    report.name = file.name;
    report.level = file.level;
    report.bytes = file.bytes;
    report.merge_operands = file.merge_operands;
    candidate.ours =
        file.has_properties && (file.properties.samples == 0 ||
                                file.properties.shape == policy_.shape);
    if (!candidate.ours) {
      report.why = file.has_properties ? "written with another shape"
                                       : "no properties of this version";
      return;
    }
    report.samples = file.properties.samples;
    candidate.tally = TallyFile(policy_, rules_, file.properties, at_ms_);
    report.due_bytes = candidate.tally.due_bytes;
    if (!policy_.ageing) {
      report.why = "ageing=off";
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
  }

  bool InOnePartition(const AgeingFile& file) const {
    return policy_.shape.partition != Partition::kNone &&
           file.smallest_key.size() >= kPartitionBytes &&
           file.largest_key.compare(0, kPartitionBytes, file.smallest_key, 0,
                                    kPartitionBytes) == 0;
  }

  bool WantsRewrite(const AgeingFile& file, const FileTally& tally,
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

  bool OnlyDedupIsDue(const FileTally& tally) const {
    for (size_t i = 0; i < rules_.size(); ++i) {
      if (!rules_[i].dedup && tally.rules[i].due_bytes > 0) return false;
    }
    return true;
  }

  // When the file will be wanted if nothing is written to it: the first of
  // the times at which it changes that suits. (Wanting may end by waiting: what
  // was due for a fine tier becomes due, with others, for a coarser one.)
  void Foresee(Candidate* candidate) {
    const AgeingFile& file = *candidate->file;
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
      const FileTally tally =
          TallyFile(policy_, rules_, file.properties, at_ms);
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
  void HoldBack(const AgeingFile& file, AgeingFileReport* report) const {
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
                 Level0Files() >= input_.level0_trigger) {
        why = "RocksDB is about to compact level 0";
      }
    }
    if (why == nullptr) return;
    report->action = AgeingAction::kWait;
    report->why += std::string("; ") + why;
  }

  size_t Level0Files() const {
    size_t count = 0;
    for (const AgeingFile& file : input_.files) count += file.level == 0;
    return count;
  }

  // ------------------------------------------------------------ retention

  bool ExpiredAt(int64_t bucket_last_ms) const {
    return bucket_last_ms < at_ms_ - policy_.retention_ms;
  }

  // Everything that a file's properties count belongs to expired rows: what
  // it hides or uncovers elsewhere has expired with it.
  bool Droppable(const AgeingFile& file) const {
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
  bool HidesNothingForeign(const AgeingFile& file) const {
    return std::none_of(
        input_.files.begin(), input_.files.end(), [&](const AgeingFile& other) {
          return &other != &file && other.smallest_key <= file.largest_key &&
                 file.smallest_key <= other.largest_key &&
                 (!other.has_properties || other.properties.foreign_rows > 0);
        });
  }

  // ------------------------------------------------------------ jobs

  // Files that share a user key at their borders are compacted together or
  // not at all: the cost is judged for all of them. Returns the next index.
  size_t JudgeCluster(size_t begin) {
    size_t end = begin + 1;
    const int level = files_[begin].file->level;
    while (
        level > 0 && end < files_.size() && files_[end].file->level == level &&
        files_[end].file->smallest_key == files_[end - 1].file->largest_key) {
      ++end;
    }
    cluster_ends_.push_back(end);
    if (end - begin == 1) return end;
    bool wanted = false;
    bool held = false;
    uint64_t due = 0;
    uint64_t bytes = 0;
    for (size_t i = begin; i < end; ++i) {
      const AgeingFile& file = *files_[i].file;
      wanted |= files_[i].report.action == AgeingAction::kRewrite;
      held |= file.being_compacted || file.set_aside || !files_[i].ours ||
              (input_.snapshots_held && file.merge_operands > 0);
      due += files_[i].tally.due_bytes;
      bytes += files_[i].tally.bytes;
    }
    if (!wanted) return end;
    const bool pays = static_cast<double>(due) >=
                      input_.limits.min_due_ratio * static_cast<double>(bytes);
    for (size_t i = begin; i < end; ++i) {
      AgeingFileReport& report = files_[i].report;
      if (held || !pays) {
        if (report.action != AgeingAction::kRewrite) continue;
        report.action = AgeingAction::kWait;
        report.why += "; it shares a row with a neighbour that has to wait";
      } else if (report.action != AgeingAction::kDrop) {
        report.action = AgeingAction::kRewrite;
        if (report.why.empty()) report.why = "shares a row with a neighbour";
      }
    }
    return end;
  }

  // From the bottom up, oldest first: what RocksDB lets go one by one.
  void MakeDrops() {
    for (size_t i = files_.size(); i-- > 0;) {
      if (files_[i].report.action != AgeingAction::kDrop) continue;
      AgeingJob job;
      job.action = AgeingAction::kDrop;
      job.level = files_[i].file->level;
      job.why = files_[i].report.why;
      AddToJob(files_[i], &job);
      plan_.jobs.push_back(job);
    }
  }

  // Neighbours at one level, up to the size of a job; level 0 file by file.
  void MakeRewrites() {
    AgeingJob job;
    const auto finish = [&] {
      if (!job.files.empty()) plan_.jobs.push_back(job);
      job = AgeingJob();
    };
    size_t begin = 0;
    for (const size_t end : cluster_ends_) {
      uint64_t bytes = 0;
      bool rewrite = true;
      for (size_t i = begin; i < end; ++i) {
        bytes += files_[i].file->bytes;
        rewrite &= files_[i].report.action == AgeingAction::kRewrite;
      }
      const int level = files_[begin].file->level;
      if (!rewrite || level == 0 || level != job.level ||
          job.bytes + bytes > input_.limits.max_compaction_bytes) {
        finish();
      }
      if (rewrite) {
        job.level = level;
        if (job.why.empty()) job.why = files_[begin].report.why;
        for (size_t i = begin; i < end; ++i) AddToJob(files_[i], &job);
      }
      begin = end;
    }
    finish();
  }

  static void AddToJob(const Candidate& candidate, AgeingJob* job) {
    job->files.push_back(candidate.file->name);
    job->bytes += candidate.file->bytes;
    job->due_bytes += candidate.report.due_bytes;
  }

  // ------------------------------------------------------------ the report

  void Report(Candidate* candidate) {
    const AgeingFileReport& report = candidate->report;
    const bool now = report.action == AgeingAction::kRewrite ||
                     report.action == AgeingAction::kDrop;
    if (!now) plan_.next_ms = std::min(plan_.next_ms, report.when_ms);
    if (candidate->ours) {
      for (size_t i = 0; i < rules_.size(); ++i) {
        AddRule(candidate->tally.rules[i], report, now, &plan_.tiers[i]);
      }
    }
    plan_.files.push_back(report);
  }

  void AddRule(const RuleTally& rule, const AgeingFileReport& report, bool now,
               AgeingTierReport* tier) const {
    tier->done_samples += rule.done_samples;
    tier->done_bytes += rule.done_bytes;
    (now ? tier->due_samples : tier->waiting_samples) += rule.due_samples;
    (now ? tier->due_bytes : tier->waiting_bytes) += rule.due_bytes;
    if (rule.due_samples == 0) return;
    tier->oldest_due_ms = std::min(
        tier->oldest_due_ms, rule.oldest_due_at_ms + policy_.safety_lag_ms);
    tier->next_ms = std::min(tier->next_ms, report.when_ms);
  }

  void Warn() {
    uint64_t coarser = 0;
    size_t unreadable = 0;
    size_t reshaped = 0;
    int64_t latest_ms = INT64_MIN;
    for (const Candidate& candidate : files_) {
      const AgeingFile& file = *candidate.file;
      coarser += candidate.tally.coarser_samples;
      unreadable += !file.has_properties;
      reshaped += file.has_properties && !candidate.ours;
      if (file.has_properties) {
        latest_ms = std::max(latest_ms, file.properties.now_ms);
      }
    }
    const auto warn = [this](const std::string& text) {
      plan_.warnings.push_back(text);
    };
    for (const std::string& text : policy_.Warnings()) warn(text);
    if (coarser > 0) {
      warn(std::to_string(coarser) +
           " samples have been thinned to windows of which the policy's are no "
           "unions (it was changed): what is gone stays gone");
    }
    if (unreadable > 0) {
      warn(std::to_string(unreadable) +
           " files have no properties of this version of Varve: they age only "
           "when RocksDB compacts them");
    }
    if (reshaped > 0) {
      warn(std::to_string(reshaped) +
           " files were written with another bucket, partition or window");
    }
    if (latest_ms != INT64_MIN &&
        latest_ms > input_.now_ms + policy_.safety_lag_ms) {
      warn("the clock is " + FormatDuration(latest_ms - input_.now_ms) +
           " behind the one that wrote the newest file");
    }
  }

  const AgeingInput& input_;
  const Policy& policy_;
  const int64_t at_ms_;
  const std::vector<AgeingRule> rules_;
  std::vector<Candidate> files_;
  std::vector<size_t> cluster_ends_;
  AgeingPlan plan_;
};

}  // namespace

const char* AgeingActionName(AgeingAction action) {
  switch (action) {
    case AgeingAction::kRewrite:
      return "rewrite";
    case AgeingAction::kDrop:
      return "drop";
    case AgeingAction::kWait:
      return "wait";
    default:
      return "keep";
  }
}

AgeingPlan PlanAgeing(const AgeingInput& input) { return Planner(input).Run(); }

}  // namespace varve
