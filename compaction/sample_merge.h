// Last-write-wins merge of samples: from writes in the order in which they
// were written to one sample a timestamp, in order of time. At equal
// timestamps the later write wins, bit for bit (NaN too).
// Law: sorting a, then appending b and sorting again, gives what sorting
// a followed by b gives: merges may be cut anywhere.
// Pure: no clock, no I/O. See downsample.h for lossy work.
#pragma once

#include <cstddef>
#include <vector>

#include "format/row/sample_run.h"

namespace varve {

// Memory that merges reuse. One thread at a time.
struct MergeScratch {
  SampleRun spare;
  std::vector<size_t> run_ends;
};

// Sorts *run, whose samples lie in write order, by time and keeps the last
// write of each timestamp. Linear where the writes came in ascending time;
// else a merge of the ascending runs, about log2 of their number passes.
// Returns how many samples were overwritten.
size_t SortLastWriteWins(SampleRun* run, MergeScratch* scratch);

}  // namespace varve
