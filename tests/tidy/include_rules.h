// The rule "includes" of tidy_rules.h.
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/source_text.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {

void CheckIncludes(const std::string& path, const SourceText& source,
                   std::vector<Finding>* findings);

}  // namespace varve::tidy
