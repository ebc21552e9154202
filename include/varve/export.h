// Marks what programs may call. All else in libvarve.so is hidden, so that a
// preloaded library replaces nothing of its host's.
#pragma once

#define VARVE_EXPORT __attribute__((visibility("default")))
