// Which model makes the residuals of a piece's timestamps smallest. Samples
// up to 256 residuals of each model and asks FitPacked for their cost; integer
// arithmetic throughout, so that the choice is the same on every machine.
//
// Residual j belongs to timestamp j + 1; there are count - 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "format/timestamps/timestamp_format.h"
#include "format/timestamps/timestamp_packed.h"

namespace varve {

enum class TimestampModel : uint8_t {
  kLine,    // timestamp minus first + index * slope, gaps in the index aside
  kDelta,   // steps
  kDelta2,  // steps between steps, the one before the first step being it
};

// timestamp = first + index * step + (index * fraction >> kFractionBits)
// + residual, where the index grows by one a timestamp, and by gap.value more
// before the timestamp of residual gap.position.
struct TimestampLine {
  uint64_t step = 0;
  uint64_t fraction = 0;  // < 2^kFractionBits
};

struct TimestampPlan {
  TimestampModel model = TimestampModel::kDelta;
  TimestampLine line;
  PackedFit fit;
  uint64_t center = 0;  // the sample's median
  uint64_t cost_x16 = ~uint64_t{0};
  bool counted = false;  // whether the cost is of all exceptions
};

// Scratch and results of one piece's analysis.
class TimestampAnalysis {
 public:
  // Looks at timestamps[0, count) and their steps[0, count - 1), which must
  // live until the last call of Residuals. REQUIRES: 3 <= count <=
  // kPieceSamplesMax.
  void Start(const int64_t* timestamps, const uint64_t* steps, size_t count);

  // One plan a model; cost ~0 where the model is out of the question.
  const TimestampPlan& plan(TimestampModel model) const {
    return plans_[static_cast<size_t>(model)];
  }
  // The cheapest, when its exceptions are counted; at equal cost the line,
  // then steps.
  const TimestampPlan& Choose();

  // residuals[0, count - 1) of a plan of this analysis.
  void Residuals(const TimestampPlan& plan, uint64_t* residuals) const;

  const std::vector<SparseEntry>& gaps() const { return gaps_; }

 private:
  void CountExceptions(TimestampPlan* plan) const;
  void PlanSteps();
  void PlanSecondSteps();
  void PlanLine();
  bool FindGaps(uint64_t step);
  TimestampLine FitSlope(uint64_t step);
  void TryLine(const TimestampLine& line);
  uint64_t LineResidual(const TimestampLine& line, size_t j) const;
  template <typename ResidualAt>
  void Sample(ResidualAt residual_at);
  void Cost(uint64_t header_bits, TimestampPlan* plan);

  const int64_t* timestamps_ = nullptr;
  const uint64_t* steps_ = nullptr;
  size_t residuals_ = 0;
  TimestampPlan plans_[3];
  std::vector<SparseEntry> gaps_;
  uint64_t index_[kPieceSamplesMax];  // on the line, of residual j's timestamp
  int64_t sample_[256];               // sorted
  size_t sampled_ = 0;
};

}  // namespace varve
