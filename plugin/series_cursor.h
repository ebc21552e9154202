// The series of a column family in ascending order, each once: SeriesCursor
// of varve.h. Every partition that holds keys has a position, the series that
// it stands at; all share one RocksDB iterator, and a seek a series and
// partition is what listing costs. Samples are never merged or decoded.
#pragma once

#include <memory>

#include "plugin/live_column_family.h"
#include "plugin/varve.h"

namespace varve {

// `live` must outlive the cursor.
std::unique_ptr<SeriesCursor> NewSeriesCursor(const LiveColumnFamily& live,
                                              const SampleReadOptions& options,
                                              const Slice& prefix);

}  // namespace varve
