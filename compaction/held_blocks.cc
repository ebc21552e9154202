// See held_blocks.h.
#include "compaction/held_blocks.h"

namespace varve {
namespace {

// Shorter blocks cost less to decode and encode than their seams in bytes.
constexpr size_t kHeldSamplesMin = 512;

// A piece that is not full stays when it is this many times as long as what
// follows it. So pieces shrink by as much from each to the next, a row never
// has many, and a sample that is appended to is encoded again only some
// log(8192) / log(4) times.
constexpr size_t kKeptTimesNext = 4;

}  // namespace

void HeldBlocks::Start(const RowShape& shape, const Thinning& thinning,
                       Profile profile) {
  shape_ = shape;
  thinning_ = thinning;
  profile_ = profile;
  Clear();
}

void HeldBlocks::Clear() {
  blocks_.clear();
  pieces_.clear();
  samples_ = 0;
}

bool HeldBlocks::ShareWindow(int64_t a_ms, int64_t b_ms) const {
  if (thinning_.stretch_count == 0) return false;
  // The first stretch's interval is the coarsest, and a multiple of the rest.
  const int64_t interval_ms = thinning_.stretches[0].interval_ms;
  return shape_.WindowStart(a_ms, interval_ms) ==
         shape_.WindowStart(b_ms, interval_ms);
}

bool HeldBlocks::Hold(const Slice& block, const BlockHeader& header) {
  if (header.form != BlockForm::kBlock ||
      header.sample_count < kHeldSamplesMin ||
      samples_ + header.sample_count > kBlockSamplesMax ||
      !IsThinned(header, thinning_)) {
    return false;
  }
  if (!pieces_.empty()) {
    const int64_t before_ms = pieces_.back().limit_ms;
    if (header.first_timestamp_ms <= before_ms ||
        ShareWindow(before_ms, header.first_timestamp_ms)) {
      return false;
    }
  }
  if (!ListPieces(block, header, &more_).ok()) return false;
  blocks_.push_back(block);
  samples_ += header.sample_count;
  for (const BlockPiece& piece : more_) {
    if (pieces_.empty() || !UnitePieces(&pieces_.back(), piece)) {
      pieces_.push_back(piece);
    }
  }
  return true;
}

size_t HeldBlocks::CountKept(size_t count, int64_t first_ms) const {
  if (samples_ + count > kBlockSamplesMax) return 0;
  size_t kept = pieces_.size();
  size_t behind = count;  // samples behind the kept pieces
  size_t after = count;   // those of `i` and all later pieces added
  for (size_t i = pieces_.size(); i-- > 0;) {
    const BlockPiece& piece = pieces_[i];
    after += piece.count;
    const size_t next = i + 1 == kept ? behind : pieces_[i + 1].count;
    const bool stays = IsEncodedWell(piece, profile_) &&
                       (count == 0 || piece.limit_ms < first_ms) &&
                       (piece.count == kPieceSamplesMax ||
                        piece.count >= kKeptTimesNext * next);
    if (!stays) {
      kept = i;
      behind = after;
    }
  }
  // Seams between blocks that are held, and within a block, are looked at
  // already. Nobody knows exactly where a piece within a block ends.
  if (kept > 0 && kept == pieces_.size() && count > 0 &&
      ShareWindow(pieces_[kept - 1].limit_ms, first_ms)) {
    --kept;
  }
  return kept;
}

}  // namespace varve
