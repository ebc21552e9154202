// See sample_merge.h.
#include "compaction/sample_merge.h"

#include <algorithm>

namespace varve {
namespace {

// A stretch of samples in strictly ascending time.
struct Stretch {
  const int64_t* timestamps;
  const uint64_t* value_bits;
  size_t size;
};

Stretch StretchOf(const SampleRun& run, size_t begin, size_t end) {
  return {run.timestamps() + begin, run.value_bits() + begin, end - begin};
}

// Ends of the maximal strictly ascending stretches, the last one run.size().
void FindStretches(const SampleRun& run, std::vector<size_t>* ends) {
  ends->clear();
  const int64_t* const t = run.timestamps();
  for (size_t i = 1; i < run.size(); ++i) {
    if (t[i] <= t[i - 1]) ends->push_back(i);
  }
  ends->push_back(run.size());
}

// Interleaves two stretches that overlap in time; at equal timestamps the
// newer one's sample stays. Without branches on the data: which side is next
// is as good as random where series are merged.
void Interleave(Stretch older, Stretch newer, SampleRun* out) {
  const size_t start = out->size();
  out->Resize(start + older.size + newer.size);
  int64_t* t = out->timestamps() + start;
  uint64_t* v = out->value_bits() + start;
  size_t i = 0;
  size_t j = 0;
  size_t n = 0;
  while (i < older.size && j < newer.size) {
    const int64_t a = older.timestamps[i];
    const int64_t b = newer.timestamps[j];
    const bool take_newer = b <= a;
    t[n] = take_newer ? b : a;
    v[n] = take_newer ? newer.value_bits[j] : older.value_bits[i];
    i += static_cast<size_t>(a <= b);
    j += static_cast<size_t>(take_newer);
    ++n;
  }
  out->Resize(start + n);
  out->Append(older.timestamps + i, older.value_bits + i, older.size - i);
  out->Append(newer.timestamps + j, newer.value_bits + j, newer.size - j);
}

// Appends the merge of two stretches to *out. What lies wholly before or
// behind the other is copied.
void MergeTwo(Stretch older, Stretch newer, SampleRun* out) {
  const auto copy = [out](Stretch* from, size_t count) {
    out->Append(from->timestamps, from->value_bits, count);
    *from = {from->timestamps + count, from->value_bits + count,
             from->size - count};
  };
  const auto below = [](const Stretch& s, int64_t t) {
    return static_cast<size_t>(
        std::lower_bound(s.timestamps, s.timestamps + s.size, t) -
        s.timestamps);
  };
  copy(&older, below(older, newer.timestamps[0]));
  if (older.size > 0) copy(&newer, below(newer, older.timestamps[0]));
  Interleave(older, newer, out);
}

// One pass: merges neighbouring stretches of *run two by two.
void MergePass(SampleRun* run, MergeScratch* scratch) {
  std::vector<size_t>& ends = scratch->run_ends;
  SampleRun& out = scratch->spare;
  out.clear();
  out.Reserve(run->size());
  size_t begin = 0;
  size_t merged = 0;
  for (size_t i = 0; i < ends.size(); i += 2) {
    const Stretch older = StretchOf(*run, begin, ends[i]);
    begin = ends[i];
    if (i + 1 < ends.size()) {
      MergeTwo(older, StretchOf(*run, begin, ends[i + 1]), &out);
      begin = ends[i + 1];
    } else {
      out.Append(older.timestamps, older.value_bits, older.size);
    }
    ends[merged++] = out.size();
  }
  ends.resize(merged);
  run->Swap(&out);
}

}  // namespace

size_t SortLastWriteWins(SampleRun* run, MergeScratch* scratch) {
  const size_t written = run->size();
  if (written < 2) return 0;
  FindStretches(*run, &scratch->run_ends);
  while (scratch->run_ends.size() > 1) MergePass(run, scratch);
  return written - run->size();
}

}  // namespace varve
