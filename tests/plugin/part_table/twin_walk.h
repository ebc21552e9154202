// Paths of iterators over twin databases, written as words.
#pragma once

#include <string>
#include <vector>

#include "tests/plugin/part_table/twin_db.h"

namespace varve {

// "key=value" or "end", or the status.
inline std::string At(rocksdb::Iterator* it) {
  if (it->Valid()) return it->key().ToString() + "=" + it->value().ToString();
  return it->status().ok() ? "end" : it->status().ToString();
}

// Runs a word a step on both: > next, < prev, +KEY seek, -KEY seek for prev,
// [ first, ] last. The path must be the same and is returned.
inline std::string Walk(TwinDb* twins, const rocksdb::ReadOptions& read,
                        const std::vector<std::string>& steps) {
  std::string paths[TwinDb::kDbs];
  for (int i = 0; i < TwinDb::kDbs; ++i) {
    auto it = twins->NewIterator(i, read);
    for (const std::string& step : steps) {
      const std::string key = step.substr(1);
      switch (step[0]) {
        case '>':
          it->Next();
          break;
        case '<':
          it->Prev();
          break;
        case '+':
          it->Seek(key);
          break;
        case '-':
          it->SeekForPrev(key);
          break;
        case '[':
          it->SeekToFirst();
          break;
        default:
          it->SeekToLast();
      }
      paths[i] += (paths[i].empty() ? "" : " ") + At(it.get());
      if (!it->Valid() && (&step != &steps.back()) &&
          (step[0] == '>' || step[0] == '<')) {
        // Only a seek may follow.
        EXPECT_TRUE((&step)[1][0] != '>' && (&step)[1][0] != '<');
      }
    }
  }
  EXPECT_EQ(paths[1], paths[0]);
  return paths[0];
}

}  // namespace varve
