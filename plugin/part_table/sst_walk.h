// Every entry of one SST file as it lies there, a part or a block-based one:
// what inspection and verification read. Merges nothing, hides nothing. For
// files in RocksDB's bytewise order. Any bytes are safe: what cannot be read
// is a Corruption.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "rocksdb/table_properties.h"
#include "rocksdb/types.h"

namespace varve {

using rocksdb::Status;

struct SstEntry {
  rocksdb::Slice user_key;
  uint64_t sequence = 0;  // of an ingested file: 0, unless written into it
  rocksdb::EntryType type = rocksdb::kEntryOther;
  rocksdb::Slice value;
};

// Deletes [begin, end) of what is older than `sequence`.
struct SstRangeTombstone {
  std::string begin;
  std::string end;
  uint64_t sequence = 0;
};

class SstWalk {
 public:
  // From the machine's files, or from others, which it keeps.
  static Status Open(const std::string& path, std::unique_ptr<SstWalk>* walk);
  static Status Open(const std::string& path,
                     const std::shared_ptr<rocksdb::FileSystem>& files,
                     std::unique_ptr<SstWalk>* walk);
  ~SstWalk();

  // Whether it is a part; else it is block-based.
  bool is_part() const;
  uint64_t file_bytes() const;
  const rocksdb::TableProperties& properties() const;

  // Reads the whole file.
  Status VerifyChecksum();

  // Moves to the next entry, which is valid until the next call; false after
  // the last or on an error: see status().
  bool Next(SstEntry* entry);
  Status status() const;

  // In fragments: those that overlap are cut at each other's ends.
  Status ListRangeTombstones(std::vector<SstRangeTombstone>* tombstones);

 private:
  struct Rep;
  explicit SstWalk(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace varve
