// The rule "parameters" of tidy_rules.h.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/tidy/source_text.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {

void CheckParameters(const std::string& path, const SourceText& source,
                     std::vector<Finding>* findings);

// How many parameters the function has whose head this is; 0 when it is no
// function's.
size_t CountParameters(const std::string& head);

}  // namespace varve::tidy
