// Writes the timestamp column. See timestamp_codec.h.
#include <cassert>

#include "format/coding/varint.h"
#include "format/timestamps/timestamp_analysis.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/timestamps/timestamp_tokens.h"

namespace varve {
namespace {

// Fewer residuals than this do not pay for a code's lengths.
constexpr size_t kTokensFrom = 48;

void AppendStep(uint64_t step, std::string* out) {
  char bytes[1 + kVarint64Bytes];
  const bool seconds = step % kStepUnit == 0;
  bytes[0] = static_cast<char>(seconds ? kStepSeconds : kStep);
  char* const end = EncodeVarint(bytes + 1, seconds ? step / kStepUnit : step);
  out->append(bytes, static_cast<size_t>(end - bytes));
}

void AppendLine(const TimestampLine& line, const std::vector<SparseEntry>& gaps,
                std::string* out) {
  // With a fraction the step may be the whole number on either side: a round
  // one is shorter.
  const bool fraction = line.fraction != 0;
  const bool below = fraction && (line.step + 1) % kStepUnit == 0;
  const uint64_t step = line.step + below;
  const bool seconds = step % kStepUnit == 0;
  out->push_back(static_cast<char>(
      (fraction ? kLineHasFraction : 0) | (gaps.empty() ? 0 : kLineHasGaps) |
      (seconds ? kLineSeconds : 0) | (below ? kLineBelow : 0)));
  AppendVarint(out, seconds ? step / kStepUnit : step);
  if (fraction) {
    char bytes[8];
    StoreLittle64(bytes, line.fraction);
    out->append(bytes, kFractionBits / 8);
  }
  if (!gaps.empty()) AppendSparse(gaps.data(), gaps.size(), out);
}

TimestampEncoding EncodingOf(TimestampModel model, bool tokens) {
  switch (model) {
    case TimestampModel::kLine:
      return tokens ? kLineTokens : kLinePacked;
    case TimestampModel::kDelta:
      return tokens ? kDeltaTokens : kDeltaPacked;
    case TimestampModel::kDelta2:
      break;
  }
  return tokens ? kDelta2Tokens : kDelta2Packed;
}

}  // namespace

struct TimestampEncoder::Scratch {
  TimestampAnalysis analysis;
  TokenEncoder tokens;
  std::vector<SparseEntry> exceptions;
  std::string packed;
  std::string candidate;
  uint64_t steps[kPieceSamplesMax];
  uint64_t residuals[kPieceSamplesMax];

  // Appends the column of a plan.
  void Append(const TimestampPlan& plan, size_t residual_count,
              bool with_tokens, const TimestampKernels& kernels,
              std::string* out) {
    analysis.Residuals(plan, residuals);
    const size_t start = out->size();
    out->push_back(static_cast<char>(EncodingOf(plan.model, false)));
    if (plan.model == TimestampModel::kLine) {
      AppendLine(plan.line, analysis.gaps(), out);
    } else if (plan.model == TimestampModel::kDelta2) {
      AppendVarint(out, steps[0]);
    }
    if (!with_tokens || residual_count < kTokensFrom) {
      AppendPacked(residuals, residual_count, plan.fit, kernels, &exceptions,
                   out);
      return;
    }
    packed.clear();
    AppendPacked(residuals, residual_count, plan.fit, kernels, &exceptions,
                 &packed);
    const size_t body = out->size();
    const bool wrote =
        tokens.Append(residuals, residual_count, plan.center, out);
    // Packed columns decode faster: tokens must be worth it.
    const size_t token_bytes = out->size() - body;
    if (wrote && token_bytes + token_bytes / 64 < packed.size()) {
      (*out)[start] = static_cast<char>(EncodingOf(plan.model, true));
    } else {
      out->resize(body);
      out->append(packed);
    }
  }
};

TimestampEncoder::TimestampEncoder(CpuLevel level)
    : kernels_(KernelsAt(level)) {}
TimestampEncoder::~TimestampEncoder() = default;

void TimestampEncoder::Encode(const int64_t* timestamps, size_t count,
                              Profile profile, std::string* out) {
  assert(count >= 1 && count <= kPieceSamplesMax);
  if (count == 1) return;
  const auto step_at = [&](size_t i) {
    return static_cast<uint64_t>(timestamps[i]) -
           static_cast<uint64_t>(timestamps[i - 1]);
  };
  const uint64_t step = step_at(1);
  size_t same = 2;
  while (same < count && step_at(same) == step) ++same;
  if (same == count) {
    AppendStep(step, out);
    return;
  }
  if (scratch_ == nullptr) scratch_.reset(new Scratch);
  Scratch& scratch = *scratch_;
  const size_t residual_count = count - 1;
  for (size_t j = 0; j < residual_count; ++j) scratch.steps[j] = step_at(j + 1);
  // An operand's: a choice of models would take longer than all else that its
  // samples go through on their way into the memtable, for a bit a timestamp.
  if (profile == Profile::kFast && residual_count <= kGroupValues) {
    out->push_back(static_cast<char>(kDeltaPacked));
    AppendPacked(scratch.steps, residual_count,
                 FitShort(scratch.steps, residual_count), kernels_,
                 &scratch.exceptions, out);
    return;
  }
  scratch.analysis.Start(timestamps, scratch.steps, count);
  const bool with_tokens = profile != Profile::kFast;
  if (profile != Profile::kSmallest) {
    scratch.Append(scratch.analysis.Choose(), residual_count, with_tokens,
                   kernels_, out);
    return;
  }
  const size_t start = out->size();
  for (const TimestampModel model :
       {TimestampModel::kLine, TimestampModel::kDelta,
        TimestampModel::kDelta2}) {
    const TimestampPlan& plan = scratch.analysis.plan(model);
    if (plan.cost_x16 == ~uint64_t{0}) continue;
    scratch.candidate.clear();
    scratch.Append(plan, residual_count, with_tokens, kernels_,
                   &scratch.candidate);
    if (out->size() == start ||
        scratch.candidate.size() < out->size() - start) {
      out->replace(start, std::string::npos, scratch.candidate);
    }
  }
}

}  // namespace varve
