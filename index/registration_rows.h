// The rows that a batch needs so that its series are known: collected for all
// of them, so that what lies in one row is one merge operand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/index/index_key.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "varve/series_index.h"

namespace varve {

class RegistrationRows {
 public:
  struct Series {
    uint64_t id;
    const std::string* group_key;
    uint8_t name;           // the low bits of the name's pair id
    const uint64_t* pairs;  // in the order of the labels
    size_t pair_count;
  };

  // What is borrowed must live until WriteTo.
  void AddPair(uint64_t id, const std::string& key) {
    pairs_.push_back({id, &key});
  }
  void AddSeries(const Series& series) { series_.push_back(series); }
  void AddDay(uint64_t day, uint64_t id) { days_.push_back({day, id}); }
  void SetNextPair(uint64_t next) { next_pair_ = next; }
  void SetNextSeries(uint64_t next) { next_series_ = next; }

  // Adds all rows or, on error, none.
  Status WriteTo(rocksdb::ColumnFamilyHandle* cf, rocksdb::WriteBatch* batch);

 private:
  struct Pair {
    uint64_t id;
    const std::string* key;  // its row's
  };
  struct DayId {
    uint64_t day;
    uint64_t id;
  };

  Status WriteRows();
  Status WritePairs();
  Status WriteGroups();
  Status WriteLabels();
  Status WritePostings();
  Status WriteDays();
  // REQUIRES: ascending ids; drops repeated ones.
  Status WriteIds(IndexRowKind kind, uint64_t owner,
                  const std::vector<uint64_t>& ids);
  Status Merge(const std::string& key, const std::string& value);

  rocksdb::ColumnFamilyHandle* cf_ = nullptr;
  rocksdb::WriteBatch* batch_ = nullptr;
  std::vector<Pair> pairs_;
  std::vector<Series> series_;
  std::vector<DayId> days_;
  uint64_t next_pair_ = 0;
  uint64_t next_series_ = 0;
};

}  // namespace varve
