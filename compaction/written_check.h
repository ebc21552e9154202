// The standing check: what a merge, a filter or a properties collector has
// written is read back at once, and the program ends where it reads otherwise.
// A writer whose bytes its own reader refuses is found by whatever test comes
// by, not only by one that looks for it.
//
// Compiled in where VARVE_CHECK_WRITTEN is 1: in Debug builds, under
// sanitizers and in every test program. Elsewhere nothing is read back.
// Pure but for the ending: no clock, no I/O.
#pragma once

#include <cstddef>

#include "compaction/sample_properties.h"
#include "format/row/sample_block.h"
#include "format/row/sample_run.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"

#ifndef VARVE_CHECK_WRITTEN
#define VARVE_CHECK_WRITTEN 0
#endif

namespace varve {

// Of the source file that includes this.
constexpr bool kChecksWritten = VARVE_CHECK_WRITTEN != 0;

// OK when the block belongs to the row of `spec`, decodes to the samples of
// the pieces and then of the run, and its header states all that spec.thinned
// does, of which every word is true. Corruption says what is not so.
Status BlockReadsBack(const Slice& block, const BlockSpec& spec,
                      const BlockPiece* pieces, size_t piece_count,
                      const int64_t* timestamps, const uint64_t* value_bits,
                      size_t count);

// OK when the properties parse, and print as they are when parsed.
Status PropertiesReadBack(const rocksdb::UserCollectedProperties& properties);

// Ends the program with a line that says what was written, unless OK.
void EndUnlessReadBack(const char* what, const Status& status);

}  // namespace varve
