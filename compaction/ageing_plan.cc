// See ageing_plan.h.
#include "compaction/ageing_plan.h"

#include <algorithm>

#include "compaction/ageing_verdict.h"

namespace varve {
namespace {

std::string RuleName(const AgeingRule& rule) {
  if (rule.interval_ms == 0) {
    return "retention " + FormatDuration(rule.offset_ms);
  }
  if (rule.dedup) return "dedup " + FormatDuration(rule.interval_ms);
  return FormatDuration(rule.offset_ms) + ":" +
         FormatDuration(rule.interval_ms);
}

class Planner {
 public:
  explicit Planner(const AgeingInput& input)
      : input_(input),
        policy_(input.policy),
        judge_(input),
        rules_(judge_.rules()) {
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
    for (const AgeingFile& file : input_.files) {
      files_.push_back(judge_.Judge(file));
    }
    for (size_t i = 0; i < files_.size();) i = JudgeCluster(i);
    MakeDrops();
    MakeRewrites();
    for (AgeingVerdict& candidate : files_) Report(&candidate);
    Warn();
    return std::move(plan_);
  }

 private:
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

  static void AddToJob(const AgeingVerdict& candidate, AgeingJob* job) {
    job->files.push_back(candidate.file->name);
    job->bytes += candidate.file->bytes;
    job->due_bytes += candidate.report.due_bytes;
  }

  // ------------------------------------------------------------ the report

  void Report(AgeingVerdict* candidate) {
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
    for (const AgeingVerdict& candidate : files_) {
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
           " samples were thinned under an earlier policy, to windows that do "
           "not add up to those of the present one: what is gone stays gone");
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
  const AgeingJudge judge_;
  const std::vector<AgeingRule>& rules_;
  std::vector<AgeingVerdict> files_;
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
