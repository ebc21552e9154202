// Everything a scan says, and what reading one series after the other says of
// the same database. The series are those of the keys that RocksDB holds:
// listing them is a walk of the same kind as scanning.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "format/row/row_key.h"
#include "tests/plugin/samples/sample_db.h"

namespace varve {

struct Scanned {
  SampleMap samples;
  Status status;
};

using ScannedSeries = std::map<std::string, Scanned>;

// Expects ascending series and timestamps, and no empty run.
inline ScannedSeries ScanOn(ScanCursor* cursor) {
  ScannedSeries all;
  std::string last;
  while (cursor->NextSeries()) {
    EXPECT_LT(last, cursor->series());
    last = cursor->series();
    Scanned& one = all[last];
    int64_t last_ms = INT64_MIN;
    while (cursor->Next()) {
      EXPECT_GT(cursor->size(), 0u);
      EXPECT_EQ(cursor->series(), last);
      for (size_t i = 0; i < cursor->size(); ++i) {
        EXPECT_LT(last_ms, cursor->timestamps_ms()[i]);
        last_ms = cursor->timestamps_ms()[i];
        one.samples[last_ms] = BitsOf(cursor->values()[i]);
      }
    }
    one.status = cursor->status();
    EXPECT_FALSE(cursor->Next());
  }
  EXPECT_FALSE(cursor->NextSeries());
  EXPECT_EQ(cursor->size(), 0u);
  return all;
}

inline ScannedSeries ScanAll(SampleDb* db, const ScanOptions& scan = {},
                             const SampleReadOptions& options = {}) {
  const auto cursor = db->reader()->Scan(options, scan);
  ScannedSeries all = ScanOn(cursor.get());
  EXPECT_EQ(cursor->status().ToString(), "OK");
  return all;
}

// The series with rows, whatever lies between them.
inline std::set<std::string> SeriesOfKeys(SampleDb* db,
                                          const SampleReadOptions& options) {
  std::set<std::string> names;
  std::unique_ptr<rocksdb::Iterator> it(db->db()->NewIterator(options.rocksdb));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ParsedRowKey row;
    if (ParseRowKey(db->policy().shape, it->key(), &row)) {
      names.insert(row.series());
    }
  }
  EXPECT_EQ(it->status().ToString(), "OK");
  return names;
}

// Holds a scan against single reads: the same samples and errors, no series
// more than have rows, and none less than have samples or an error.
inline void CheckScan(SampleDb* db, const ScanOptions& scan,
                      const SampleReadOptions& options) {
  const ScannedSeries scanned = ScanAll(db, scan, options);
  const std::set<std::string> names = SeriesOfKeys(db, options);
  size_t seen = 0;
  for (const std::string& name : names) {
    const bool asked = name.compare(0, scan.prefix.size(), scan.prefix) == 0 &&
                       (scan.matches == nullptr || scan.matches(name));
    SampleMap map;
    Status status;
    if (asked) {
      status = db->Read(name, scan.start_ms, scan.end_ms, &map, options);
    }
    const auto found = scanned.find(name);
    if (found == scanned.end()) {
      ASSERT_TRUE(map.empty() && status.ok()) << Slice(name).ToString(true);
      continue;
    }
    ++seen;
    ASSERT_TRUE(asked) << Slice(name).ToString(true);
    ASSERT_EQ(found->second.status.ToString(), status.ToString());
    ASSERT_EQ(found->second.samples, map) << Slice(name).ToString(true);
  }
  ASSERT_EQ(seen, scanned.size()) << "series without rows";
  const auto listed = db->reader()->ListSeries(options, scan);
  for (const auto& [name, ignored] : scanned) {
    ASSERT_TRUE(listed->Next());
    ASSERT_EQ(listed->series(), name);
  }
  ASSERT_FALSE(listed->Next());
  ASSERT_EQ(listed->status().ToString(), "OK");
}

}  // namespace varve
