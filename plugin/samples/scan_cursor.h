// ScanCursor and SeriesCursor of varve.h: a walk over the rows of many series
// (series_walk.h), with RowReader's View of each row, or without.
#pragma once

#include <memory>

#include "plugin/samples/live_column_family.h"
#include "varve/varve.h"

namespace varve {

// `live` must outlive the cursors.
std::unique_ptr<ScanCursor> NewScanCursor(const LiveColumnFamily& live,
                                          const SampleReadOptions& options,
                                          const ScanOptions& scan);

std::unique_ptr<SeriesCursor> NewSeriesCursor(const LiveColumnFamily& live,
                                              const SampleReadOptions& options,
                                              const ScanOptions& scan);

}  // namespace varve
