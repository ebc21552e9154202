// See sample_merge.h.
#include "compaction/sample_merge.h"

#include <algorithm>
#include <cstring>

namespace varve {
namespace {

// Samples of a run in strictly ascending time.
struct AscendingRun {
  const int64_t* timestamps;
  const uint64_t* value_bits;
  size_t size;
};

AscendingRun AscendingRunOf(const SampleRun& run, size_t begin, size_t end) {
  return {run.timestamps() + begin, run.value_bits() + begin, end - begin};
}

// Ends of the maximal strictly ascending runs, the last one run.size().
void FindRunEnds(const SampleRun& run, std::vector<size_t>* ends) {
  ends->clear();
  const int64_t* const t = run.timestamps();
  for (size_t i = 1; i < run.size(); ++i) {
    if (t[i] <= t[i - 1]) ends->push_back(i);
  }
  ends->push_back(run.size());
}

// Two ascending runs that overlap in time, and room for what they merge to.
struct Merging {
  AscendingRun older;
  AscendingRun newer;
  int64_t* timestamps;
  uint64_t* value_bits;
};

// A part of a merge: older[i, i_end) and newer[j, j_end), written from `begin`
// on, so far up to n.
struct Part {
  size_t i, i_end;
  size_t j, j_end;
  size_t begin;
  size_t n;

  bool overlaps() const { return i < i_end && j < j_end; }
  // As many are left on both sides.
  size_t sure_steps() const { return std::min(i_end - i, j_end - j); }
};

// Each step waits for the one before it in its part; the other parts' steps
// fill the wait. Cutting does not pay for less than kPartedMin samples.
constexpr size_t kParts = 4;
constexpr size_t kPartedMin = 32 * kParts;

// Where to cut both sides so that `taken` samples lie before the cuts, all of
// them earlier than those behind; one more where a cut would part two samples
// of one timestamp.
void CutAt(const Merging& m, size_t taken, size_t* i, size_t* j) {
  const int64_t* const older = m.older.timestamps;
  const int64_t* const newer = m.newer.timestamps;
  size_t low = taken > m.newer.size ? taken - m.newer.size : 0;
  size_t high = std::min(taken, m.older.size);
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (older[middle] < newer[taken - 1 - middle]) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool parted =
      low < m.older.size && low < taken && older[low] == newer[taken - low - 1];
  *i = low + (parted ? 1 : 0);
  *j = taken - low;
}

// Writes the next sample of both sides; at equal timestamps the newer one's.
// Without branches on the data: which side is next is as good as random where
// series are merged.
inline __attribute__((always_inline)) void Step(const Merging& m, Part* part) {
  const int64_t a = m.older.timestamps[part->i];
  const int64_t b = m.newer.timestamps[part->j];
  const bool take_newer = b <= a;
  m.timestamps[part->n] = take_newer ? b : a;
  m.value_bits[part->n] =
      take_newer ? m.newer.value_bits[part->j] : m.older.value_bits[part->i];
  part->i += static_cast<size_t>(a <= b);
  part->j += static_cast<size_t>(take_newer);
  ++part->n;
}

// What is left of a part.
void Finish(const Merging& m, Part* part) {
  while (part->overlaps()) Step(m, part);
  const auto copy = [&](const AscendingRun& from, size_t begin, size_t end) {
    if (begin == end) return;
    std::memcpy(m.timestamps + part->n, from.timestamps + begin,
                (end - begin) * sizeof(int64_t));
    std::memcpy(m.value_bits + part->n, from.value_bits + begin,
                (end - begin) * sizeof(uint64_t));
    part->n += end - begin;
  };
  copy(m.older, part->i, part->i_end);
  copy(m.newer, part->j, part->j_end);
}

void StepTogether(const Merging& m, Part* parts) {
  Part p0 = parts[0];
  Part p1 = parts[1];
  Part p2 = parts[2];
  Part p3 = parts[3];
  for (;;) {
    const size_t steps = std::min(std::min(p0.sure_steps(), p1.sure_steps()),
                                  std::min(p2.sure_steps(), p3.sure_steps()));
    if (steps == 0) break;
    for (size_t k = 0; k < steps; ++k) {
      Step(m, &p0);
      Step(m, &p1);
      Step(m, &p2);
      Step(m, &p3);
    }
  }
  parts[0] = p0;
  parts[1] = p1;
  parts[2] = p2;
  parts[3] = p3;
}

// Merges two ascending runs; returns how many samples were written.
size_t Interleave(const Merging& m) {
  const size_t size = m.older.size + m.newer.size;
  if (size < kPartedMin) {
    Part all = {0, m.older.size, 0, m.newer.size, 0, 0};
    Finish(m, &all);
    return all.n;
  }
  Part parts[kParts];
  size_t i = 0;
  size_t j = 0;
  for (size_t k = 0; k < kParts; ++k) {
    parts[k] = {i, m.older.size, j, m.newer.size, i + j, i + j};
    if (k + 1 == kParts) break;
    CutAt(m, size / kParts * (k + 1), &i, &j);
    parts[k].i_end = i;
    parts[k].j_end = j;
  }
  StepTogether(m, parts);
  size_t written = 0;
  for (Part& part : parts) {
    Finish(m, &part);
    const size_t count = part.n - part.begin;
    if (written < part.begin) {  // there were overwritten samples before
      std::memmove(m.timestamps + written, m.timestamps + part.begin,
                   count * sizeof(int64_t));
      std::memmove(m.value_bits + written, m.value_bits + part.begin,
                   count * sizeof(uint64_t));
    }
    written += count;
  }
  return written;
}

// Appends the merge of two ascending runs to *out. What lies wholly before or
// behind the other is copied.
void MergeTwo(AscendingRun older, AscendingRun newer, SampleRun* out) {
  const auto copy = [out](AscendingRun* from, size_t count) {
    out->Append(from->timestamps, from->value_bits, count);
    *from = {from->timestamps + count, from->value_bits + count,
             from->size - count};
  };
  const auto below = [](const AscendingRun& s, int64_t t) {
    return static_cast<size_t>(
        std::lower_bound(s.timestamps, s.timestamps + s.size, t) -
        s.timestamps);
  };
  copy(&older, below(older, newer.timestamps[0]));
  if (older.size > 0) copy(&newer, below(newer, older.timestamps[0]));
  const size_t start = out->size();
  out->Resize(start + older.size + newer.size);
  out->Resize(start + Interleave({older, newer, out->timestamps() + start,
                                  out->value_bits() + start}));
}

// One pass: merges neighbouring ascending runs of *run two by two.
void MergePass(SampleRun* run, MergeScratch* scratch) {
  std::vector<size_t>& ends = scratch->run_ends;
  SampleRun& out = scratch->spare;
  out.clear();
  out.Reserve(run->size());
  size_t begin = 0;
  size_t merged = 0;
  for (size_t i = 0; i < ends.size(); i += 2) {
    const AscendingRun older = AscendingRunOf(*run, begin, ends[i]);
    begin = ends[i];
    if (i + 1 < ends.size()) {
      MergeTwo(older, AscendingRunOf(*run, begin, ends[i + 1]), &out);
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
  FindRunEnds(*run, &scratch->run_ends);
  while (scratch->run_ends.size() > 1) MergePass(run, scratch);
  return written - run->size();
}

}  // namespace varve
