// What ageing has in mind for one file, seen by itself: what ageing_plan.h says
// of a file. Plans then judge files that share a row together.
#pragma once

#include <string>
#include <vector>

#include "compaction/ageing_input.h"
#include "compaction/ageing_tally.h"

namespace varve {

struct AgeingVerdict {
  const AgeingFile* file = nullptr;
  AgeingFileReport report;
  FileTally tally;
  bool ours = false;  // its properties can be read and are of our shape
};

class AgeingJudge {
 public:
  // `input` must outlive the judge and its verdicts.
  explicit AgeingJudge(const AgeingInput& input);

  // `file` is one of input.files.
  AgeingVerdict Judge(const AgeingFile& file) const;

  const std::vector<AgeingRule>& rules() const { return rules_; }

 private:
  bool InOnePartition(const AgeingFile& file) const;
  bool WantsRewrite(const AgeingFile& file, const FileTally& tally,
                    int64_t at_ms, std::string* why) const;
  bool OnlyDedupIsDue(const FileTally& tally) const;
  void Foresee(AgeingVerdict* candidate) const;
  void HoldBack(const AgeingFile& file, AgeingFileReport* report) const;
  bool ExpiredAt(int64_t bucket_last_ms) const;
  bool Droppable(const AgeingFile& file) const;
  bool HidesNothingForeign(const AgeingFile& file) const;

  const AgeingInput& input_;
  const Policy& policy_;
  const int64_t at_ms_;
  const std::vector<AgeingRule> rules_;
  const size_t level0_files_;
};

}  // namespace varve
