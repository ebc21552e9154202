// See thinned_decode.h.
#include "compaction/thinned_decode.h"

#include <algorithm>

namespace varve {
namespace {

// The stretch of thinning that a timestamp lies in; stretch_count without.
size_t StretchOf(const Thinning& thinning, const RowShape& shape,
                 int64_t timestamp_ms) {
  size_t i = 0;
  while (i < thinning.stretch_count &&
         timestamp_ms > shape.LastBeforeEnd(thinning.stretches[i].up_to_ms)) {
    ++i;
  }
  return i;
}

}  // namespace

void ThinnedDecoder::FindSurvivors(const BlockPiece& piece, uint64_t step,
                                   const Thinning& thinning, WindowRule window,
                                   ThinCounts* counts) {
  RowShape shape;
  shape.window = window;
  survivors_.clear();
  const auto at = [&](size_t i) {
    return piece.first_ms + static_cast<int64_t>(i * step);
  };
  size_t i = 0;
  if (piece.first_ms < thinning.expire_before_ms) {
    const auto missing =
        static_cast<uint64_t>(thinning.expire_before_ms - piece.first_ms);
    i = static_cast<size_t>(
        std::min<uint64_t>((missing + step - 1) / step, piece.count));
    counts->expired += i;
  }
  while (i < piece.count) {
    const int64_t t = at(i);
    const size_t stretch = StretchOf(thinning, shape, t);
    if (stretch == thinning.stretch_count) {
      survivors_.push_back({static_cast<uint32_t>(i), t});
      ++i;
      continue;
    }
    size_t kept = survivors_.size();
    const auto [interval_ms, up_to_ms] = thinning.stretches[stretch];
    int64_t window_last = shape.WindowLast(t, interval_ms);
    size_t last = std::min(
        i + static_cast<size_t>(static_cast<uint64_t>(window_last - t) / step),
        piece.count - 1);
    survivors_.push_back({static_cast<uint32_t>(last), at(last)});
    // Where the step divides the interval the next windows' are as far apart.
    if (static_cast<uint64_t>(interval_ms) % step == 0) {
      const size_t apart = static_cast<uint64_t>(interval_ms) / step;
      while (last + apart < piece.count &&
             window_last + interval_ms <= shape.LastBeforeEnd(up_to_ms)) {
        window_last += interval_ms;
        last += apart;
        survivors_.push_back({static_cast<uint32_t>(last), at(last)});
      }
    }
    kept = survivors_.size() - kept;
    (stretch < thinning.tier_stretches ? counts->downsampled
                                       : counts->deduplicated) +=
        last + 1 - i - kept;
    i = last + 1;
  }
}

bool ThinnedDecoder::AppendSurvivors(const BlockPiece& piece, SampleRun* run) {
  uint64_t word = 0;
  const bool constant = ValueDecoder::PeekConstant(piece.value_column, &word);
  if (!constant) {
    values_.resize(kPieceSamplesMax);
    if (!value_decoder_.Decode(piece.value_column, piece.count, values_.data())
             .ok()) {
      return false;
    }
  }
  const size_t start = run->size();
  run->Resize(start + survivors_.size());
  int64_t* const timestamps = run->timestamps() + start;
  uint64_t* const value_bits = run->value_bits() + start;
  for (size_t i = 0; i < survivors_.size(); ++i) {
    timestamps[i] = survivors_[i].timestamp_ms;
    value_bits[i] = constant ? word : values_[survivors_[i].index];
  }
  return true;
}

bool ThinnedDecoder::Decode(const Slice& block, const BlockHeader& header,
                            const Thinning& thinning, SampleRun* run,
                            ThinCounts* counts) {
  if (thinning.stretch_count == 0 || header.form != BlockForm::kBlock ||
      header.sample_count < 2 || !ListPieces(block, header, &pieces_).ok()) {
    return false;
  }
  steps_.clear();
  for (const BlockPiece& piece : pieces_) {
    uint64_t step = 0;
    if (!ReadConstantStep(piece.timestamp_column, piece.first_ms, piece.count,
                          &step)) {
      return false;
    }
    const auto last_ms = static_cast<int64_t>(
        static_cast<uint64_t>(piece.first_ms) + (piece.count - 1) * step);
    if (last_ms > piece.limit_ms ||
        (piece.ends_block && last_ms != piece.limit_ms)) {
      return false;
    }
    steps_.push_back(step);
  }
  const size_t size_before = run->size();
  ThinCounts dropped;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    FindSurvivors(pieces_[i], steps_[i], thinning, header.shape.window,
                  &dropped);
    if (!AppendSurvivors(pieces_[i], run)) {
      run->Resize(size_before);
      return false;
    }
  }
  counts->expired += dropped.expired;
  counts->downsampled += dropped.downsampled;
  counts->deduplicated += dropped.deduplicated;
  return true;
}

}  // namespace varve
