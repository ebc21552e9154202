// Random policies: whatever Policy::Validate accepts may come, the odd as well
// as the usual.
//
// What is left to chance alone may not come for years: so a test can ask for a
// class of policies (policy_classes.h). One whose n-th round asks for class
// n % PolicyClasses().size() meets all of them in as many rounds.
#pragma once

#include <cstddef>

#include "tests/policy_classes.h"
#include "tests/random_source.h"
#include "varve/policy.h"

namespace varve {

// Any valid policy.
Policy DrawPolicy(RandomSource* random);

// Any of the class with this index.
Policy DrawPolicyOfClass(size_t index, RandomSource* random);

// Any that has this shape.
Policy DrawPolicyOfShape(const RowShape& shape, RandomSource* random);

}  // namespace varve
