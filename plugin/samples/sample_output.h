// From decoded runs to the samples that readers hand out.
#pragma once

#include <vector>

#include "format/row/sample_run.h"
#include "varve/varve.h"

namespace varve {

// Appends what the run holds. REQUIRES: sorted as the caller wants it.
void AppendSamples(const SampleRun& run, std::vector<Sample>* samples);

}  // namespace varve
