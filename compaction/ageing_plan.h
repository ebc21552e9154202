// Decides from the files' properties what ageing does: which files are
// dropped, which are rewritten together, what waits and until when. A pure
// function: no clock, no database, no data read.
//
// Due is a bin of a file's histogram (bins are whole buckets) whose end the
// coarsest tier that applies has reached, by the time that work on disk goes
// by (now - safety_lag), while its samples have not been thinned to that
// tier's interval: exactly what a rewrite would then do (downsample.h), so
// that a rewritten file is not due again. Files are rewritten in place, at
// their level:
// - when all that they hold has reached a tier and some of it is due (their
//   whole partition, most often);
// - or when AgeingLimits::min_due_ratio of their bytes are due; but of files
//   that lie in one partition only then when nothing is left behind, since the
//   rest would mean a second rewrite for the same tier;
// - or when something has been due for AgeingLimits::max_delay_ms.
// Retention drops a file when all that its properties count has expired, range
// tombstones with it, and no foreign key is or may be touched. With
// partition=none expired bins count as due; with partitions they wait for the
// drop.
//
// Law: carrying the plan out at `now_ms` leads to a plan without jobs, unless
// files are busy, set aside or held by snapshots.
#pragma once

#include "compaction/ageing_input.h"
#include "varve/ageing_report.h"

namespace varve {

AgeingPlan PlanAgeing(const AgeingInput& input);

}  // namespace varve
