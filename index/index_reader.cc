// See index_reader.h.
#include "index/index_reader.h"

#include <algorithm>
#include <utility>

#include "format/index/index_row.h"
#include "index/pending_ids.h"

namespace varve {

Status IndexReader::BadRow(const Slice& key, const Status& why) {
  return Status::Corruption("series index, row " + key.ToString(true),
                            why.ToString());
}

template <typename OnRow>
Status IndexReader::ReadRows(const std::vector<std::string>& keys,
                             const OnRow& on_row) const {
  constexpr size_t kAtOnce = 1024;
  for (size_t begin = 0; begin < keys.size(); begin += kAtOnce) {
    const size_t count = std::min(kAtOnce, keys.size() - begin);
    const std::vector<Slice> slices(keys.begin() + begin,
                                    keys.begin() + begin + count);
    std::vector<rocksdb::PinnableSlice> values(count);
    std::vector<Status> statuses(count);
    db_->MultiGet(rocksdb::ReadOptions(), cf_, count, slices.data(),
                  values.data(), statuses.data(), true);
    for (size_t i = 0; i < count; ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) return statuses[i];
      const Status status = on_row(begin + i, values[i]);
      if (!status.ok()) return BadRow(slices[i], status);
    }
  }
  return Status::OK();
}

Status IndexReader::ReadNumber(const std::string& key, uint64_t otherwise,
                               uint64_t* number) const {
  *number = otherwise;
  return ReadRows({key}, [&](size_t, const Slice& value) {
    return DecodeNumber(value, number);
  });
}

Status IndexReader::ReadNumbers(const std::vector<std::string>& keys,
                                std::vector<uint64_t>* numbers) const {
  numbers->assign(keys.size(), kNoId);
  return ReadRows(keys, [&](size_t i, const Slice& value) {
    return DecodeNumber(value, &(*numbers)[i]);
  });
}

Status IndexReader::ReadGroups(
    const std::vector<std::string>& keys,
    std::vector<std::vector<NamedSeries>>* groups) const {
  groups->assign(keys.size(), {});
  return ReadRows(keys, [&](size_t i, const Slice& value) {
    return DecodeGroup(value, &(*groups)[i]);
  });
}

Status IndexReader::ReadChunks(const std::vector<std::string>& keys,
                               std::vector<IdChunk>* chunks) const {
  chunks->assign(keys.size(), {});
  return ReadRows(keys, [&](size_t i, const Slice& value) {
    return (*chunks)[i].Add(value);
  });
}

std::unique_ptr<rocksdb::Iterator> IndexReader::NewIterator() const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, cf_));
}

Status IndexReader::ReadIds(const std::string& prefix, rocksdb::Iterator* rows,
                            IdSet* ids) {
  for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix);
       rows->Next()) {
    IndexKey key;
    IdChunk chunk;
    if (!ParseIndexKey(rows->key(), &key) ||
        key.chunk > kIndexNumberMax >> kIdChunkBits) {
      continue;  // foreign
    }
    const Status status = chunk.Add(rows->value());
    if (!status.ok()) return BadRow(rows->key(), status);
    ids->Add(key.chunk, std::move(chunk));
  }
  return rows->status();
}

}  // namespace varve
