// What a fuzzer's entry is certain of; aborts otherwise, for libFuzzer to
// keep the input. Not assert, which a release build leaves out.
#pragma once

#include <cstdio>
#include <cstdlib>

#define VARVE_CHECK(condition)                                                \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (false)
