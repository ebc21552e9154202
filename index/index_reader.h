// Reads rows of the index. Corruption names the row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "format/index/group_row.h"
#include "format/index/id_set.h"
#include "format/index/index_key.h"
#include "rocksdb/db.h"

namespace varve {

class IndexReader {
 public:
  IndexReader(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf)
      : db_(db), cf_(cf) {}

  // `otherwise` when there is no such row.
  Status ReadNumber(const std::string& key, uint64_t otherwise,
                    uint64_t* number) const;

  // Of each key the number, kNoId where there is none.
  // REQUIRES: ascending keys.
  Status ReadNumbers(const std::vector<std::string>& keys,
                     std::vector<uint64_t>* numbers) const;

  // Of each key the group, empty where there is none.
  // REQUIRES: ascending keys.
  Status ReadGroups(const std::vector<std::string>& keys,
                    std::vector<std::vector<NamedSeries>>* groups) const;

  // Of each key of a row of ids what it holds.
  // REQUIRES: ascending keys.
  Status ReadChunks(const std::vector<std::string>& keys,
                    std::vector<IdChunk>* chunks) const;

  std::unique_ptr<rocksdb::Iterator> NewIterator() const;

  // Adds to *ids all that a posting or a day holds, or with a prefix of a
  // kind's byte alone, all rows of that kind without an owner.
  static Status ReadIds(const std::string& prefix, rocksdb::Iterator* rows,
                        IdSet* ids);

  static Status BadRow(const Slice& key, const Status& why);

 private:
  // Calls on_row(i, value) for each key that is there.
  template <typename OnRow>
  Status ReadRows(const std::vector<std::string>& keys,
                  const OnRow& on_row) const;

  rocksdb::DB* const db_;
  rocksdb::ColumnFamilyHandle* const cf_;
};

}  // namespace varve
