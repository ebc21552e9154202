// What lies on disk of each age, read off the files' properties.
#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <vector>

namespace demo {

struct Stored {
  uint64_t samples = 0;
  uint64_t bytes = 0;
};

// One of the four times at which the capture is written.
struct Age {
  const char* name;
  int64_t age_ms;
  uint64_t written = 0;
  Stored before = {};
  Stored after = {};
};

// Replaces `stored` of every age. A file counts for the age that its first
// sample is nearest to: each was flushed, or cut off by the partitioner, by
// itself.
rocksdb::Status Measure(rocksdb::DB* db, int64_t now_ms, Stored Age::*stored,
                        std::vector<Age>* ages);

// The table of before and after.
void PrintStored(const std::vector<Age>& ages);

}  // namespace demo
