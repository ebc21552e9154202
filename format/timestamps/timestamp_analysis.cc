// See timestamp_analysis.h.
#include "format/timestamps/timestamp_analysis.h"

#include <algorithm>

namespace varve {
namespace {

constexpr size_t kSampleMax = 256;
constexpr size_t kSampleRun = 32;  // neighbours, so that bursts show
constexpr size_t kMedianOf = 511;
constexpr uint64_t kLineStepMax = uint64_t{1} << 61;
constexpr uint64_t kExceptionValueCost = 48;  // sixteenths of a bit
constexpr uint64_t kDistanceMax = uint64_t{1} << 62;
constexpr uint64_t kGapBits = 5;  // of a gap's size

// Whether a step is nearer to one line step than to any other multiple.
bool IsOneStep(uint64_t step, uint64_t line_step) {
  return step - line_step / 2 < line_step;
}

// The median of value_at(j) for up to kMedianOf places j in [begin, end).
template <typename ValueAt>
int64_t MedianOf(size_t begin, size_t end, ValueAt value_at) {
  int64_t values[kMedianOf];
  const size_t places = std::min(end - begin, kMedianOf);
  for (size_t i = 0; i < places; ++i) {
    values[i] =
        static_cast<int64_t>(value_at(begin + i * (end - begin) / places));
  }
  std::nth_element(values, values + places * 5 / 16, values + places);
  return values[places * 5 / 16];
}

}  // namespace

template <typename ResidualAt>
void TimestampAnalysis::Sample(ResidualAt residual_at) {
  sampled_ = std::min(residuals_, kSampleMax);
  if (residuals_ <= kSampleMax) {
    for (size_t j = 0; j < residuals_; ++j) {
      sample_[j] = static_cast<int64_t>(residual_at(j));
    }
  } else {
    constexpr size_t kRuns = kSampleMax / kSampleRun;
    for (size_t run = 0; run < kRuns; ++run) {
      const size_t begin = run * (residuals_ - kSampleRun) / (kRuns - 1);
      for (size_t k = 0; k < kSampleRun; ++k) {
        sample_[run * kSampleRun + k] =
            static_cast<int64_t>(residual_at(begin + k));
      }
    }
  }
  std::sort(sample_, sample_ + sampled_);
}

// Of the sample in hand. What a packed width takes goes by the sample's ends,
// which chance moves; how far values lie from their median is steadier, and
// nearer to what tokens take: the mean of both.
void TimestampAnalysis::Cost(uint64_t header_bits, TimestampPlan* plan) {
  plan->fit = FitPacked(sample_, sampled_, residuals_);
  plan->center = static_cast<uint64_t>(sample_[sampled_ / 2]);
  uint64_t spread_x16 = 0;
  for (size_t i = 0; i < sampled_; ++i) {
    const auto value = static_cast<uint64_t>(sample_[i]);
    const uint64_t distance =
        i < sampled_ / 2 ? plan->center - value : value - plan->center;
    spread_x16 += Log2x16(std::min(distance, kDistanceMax) * 2 + 1);
  }
  plan->cost_x16 =
      (plan->fit.cost_x16 + spread_x16 * residuals_ / sampled_) / 2 +
      16 * header_bits;
}

void TimestampAnalysis::Start(const int64_t* timestamps, const uint64_t* steps,
                              size_t count) {
  timestamps_ = timestamps;
  steps_ = steps;
  residuals_ = count - 1;
  for (size_t model = 0; model < 3; ++model) {
    plans_[model] = TimestampPlan();
    plans_[model].model = static_cast<TimestampModel>(model);
  }
  PlanSteps();
  PlanLine();
  PlanSecondSteps();
}

const TimestampPlan& TimestampAnalysis::Choose() {
  for (;;) {
    TimestampPlan* best = &plans_[0];
    for (TimestampPlan& plan : plans_) {
      if (plan.cost_x16 < best->cost_x16) best = &plan;
    }
    if (best->counted) return *best;
    CountExceptions(best);
  }
}

// A sample sees few of rare exceptions, or none. What it did not see makes a
// plan dearer, never cheaper.
void TimestampAnalysis::CountExceptions(TimestampPlan* plan) const {
  plan->counted = true;
  const uint64_t base = plan->fit.base;
  const unsigned width = plan->fit.width;
  if (width >= kWidthMax) return;
  uint64_t exceptions = 0;
  switch (plan->model) {
    case TimestampModel::kLine:
      for (size_t j = 0; j < residuals_; ++j) {
        exceptions += (LineResidual(plan->line, j) - base) >> width != 0;
      }
      break;
    case TimestampModel::kDelta:
      for (size_t j = 0; j < residuals_; ++j) {
        exceptions += (steps_[j] - base) >> width != 0;
      }
      break;
    case TimestampModel::kDelta2:
      for (size_t j = 1; j < residuals_; ++j) {
        exceptions += (steps_[j] - steps_[j - 1] - base) >> width != 0;
      }
      break;
  }
  if (exceptions <= plan->fit.exceptions) return;
  const uint64_t each_x16 = Log2x16(residuals_) - Log2x16(exceptions) +
                            kExceptionCost + kExceptionValueCost;
  plan->cost_x16 += (exceptions - plan->fit.exceptions) * each_x16 / 2;
}

void TimestampAnalysis::PlanSteps() {
  Sample([&](size_t j) { return steps_[j]; });
  Cost(0, &plans_[static_cast<size_t>(TimestampModel::kDelta)]);
}

void TimestampAnalysis::PlanSecondSteps() {
  Sample([&](size_t j) { return j == 0 ? 0 : steps_[j] - steps_[j - 1]; });
  Cost(8 * VarintBytes(steps_[0]),
       &plans_[static_cast<size_t>(TimestampModel::kDelta2)]);
}

// REQUIRES: the sample in hand is that of the steps.
void TimestampAnalysis::PlanLine() {
  const auto step = static_cast<uint64_t>(sample_[sampled_ / 2]);
  if (step == 0 || step > kLineStepMax) return;
  size_t others = 0;
  for (size_t i = 0; i < sampled_; ++i) {
    others += !IsOneStep(static_cast<uint64_t>(sample_[i]), step);
  }
  if (others * 4 > sampled_ || !FindGaps(step)) return;

  const TimestampLine fitted = FitSlope(step);
  // The nearest whole step, and the fitted one when that makes a difference.
  const bool up = fitted.fraction >> (kFractionBits - 1) != 0;
  const TimestampLine whole = {fitted.step + up, 0};
  TryLine(whole);
  if (whole.step != step) TryLine({step, 0});
  const uint64_t off =
      up ? (uint64_t{1} << kFractionBits) - fitted.fraction : fitted.fraction;
  const uint64_t drift = index_[residuals_ - 1] * off >> kFractionBits;
  if (drift != 0) TryLine(fitted);
}

void TimestampAnalysis::TryLine(const TimestampLine& line) {
  if (line.step == 0) return;
  Sample([&](size_t j) { return LineResidual(line, j); });
  uint64_t bits = 8 * (1 + VarintBytes(line.step));
  if (line.fraction != 0) bits += kFractionBits;
  TimestampPlan plan;
  plan.model = TimestampModel::kLine;
  plan.line = line;
  Cost(bits, &plan);
  if (!gaps_.empty()) {
    const uint64_t skip_x16 = Log2x16(residuals_) - Log2x16(gaps_.size()) + 20;
    plan.cost_x16 += 16 * 24 + gaps_.size() * (skip_x16 + 16 * kGapBits) / 2;
  }
  TimestampPlan& best = plans_[static_cast<size_t>(TimestampModel::kLine)];
  if (plan.cost_x16 < best.cost_x16) best = plan;
}

// Fills index_ and gaps_: a step is as many line steps as it is nearest to.
// False when gaps are too many for a line.
bool TimestampAnalysis::FindGaps(uint64_t step) {
  gaps_.clear();
  const size_t gaps_max = residuals_ / 4;
  uint64_t index = 0;
  for (size_t j = 0; j < residuals_; ++j) {
    ++index;
    if (!IsOneStep(steps_[j], step)) {
      const uint64_t whole = steps_[j] / step;
      const uint64_t rest = steps_[j] - whole * step;
      const uint64_t extra = whole + (rest >= step - step / 2) - 1;
      if (extra != 0) {
        if (gaps_.size() == gaps_max) return false;
        gaps_.push_back({static_cast<uint32_t>(j), extra});
        index += extra;
      }
    }
    index_[j] = index;
  }
  return true;
}

// The slope between the medians of the first and the last third, which
// outliers do not move.
TimestampLine TimestampAnalysis::FitSlope(uint64_t step) {
  const size_t third = residuals_ / 3;
  if (third < 2) return {step, 0};
  const TimestampLine line = {step, 0};
  const auto residual = [&](size_t j) { return LineResidual(line, j); };
  const int64_t rise =
      static_cast<int64_t>(static_cast<uint64_t>(MedianOf(
                               residuals_ - third, residuals_, residual)) -
                           static_cast<uint64_t>(MedianOf(0, third, residual)));
  const uint64_t run =
      index_[residuals_ - third + third / 2] - index_[third / 2];
  if (rise == 0 || run == 0 || run > kLineStepMax) return line;
  __extension__ using Wide = __int128;
  constexpr Wide kOne = Wide{1} << kFractionBits;
  const Wide slope =
      static_cast<Wide>(step) * kOne + rise * kOne / static_cast<Wide>(run);
  if (slope <= 0 || slope >> kFractionBits > static_cast<Wide>(kLineStepMax)) {
    return line;
  }
  return {static_cast<uint64_t>(slope >> kFractionBits),
          static_cast<uint64_t>(slope) & LowBits(kFractionBits)};
}

uint64_t TimestampAnalysis::LineResidual(const TimestampLine& line,
                                         size_t j) const {
  const uint64_t index = index_[j];
  return static_cast<uint64_t>(timestamps_[j + 1]) -
         static_cast<uint64_t>(timestamps_[0]) - index * line.step -
         (index * line.fraction >> kFractionBits);
}

void TimestampAnalysis::Residuals(const TimestampPlan& plan,
                                  uint64_t* residuals) const {
  switch (plan.model) {
    case TimestampModel::kLine:
      for (size_t j = 0; j < residuals_; ++j) {
        residuals[j] = LineResidual(plan.line, j);
      }
      break;
    case TimestampModel::kDelta:
      std::copy_n(steps_, residuals_, residuals);
      break;
    case TimestampModel::kDelta2:
      residuals[0] = 0;
      for (size_t j = 1; j < residuals_; ++j) {
        residuals[j] = steps_[j] - steps_[j - 1];
      }
      break;
  }
}

}  // namespace varve
