// The database of the service: one column family of samples. Thread-safe.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/statistics.h>
#include <varve/varve.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sample_lines.h"

class Store {
 public:
  static rocksdb::Status Open(const std::string& dir,
                              std::unique_ptr<Store>* store);
  ~Store();

  // All of them or none.
  rocksdb::Status Write(const SeriesSamples& samples);

  // InvalidArgument when there are more than `samples_max`.
  rocksdb::Status Read(const std::string& series, int64_t start_ms,
                       int64_t end_ms, size_t samples_max,
                       std::vector<varve::Sample>* samples) const;

  // At most `names_max`, in order.
  rocksdb::Status ListSeries(const std::string& prefix, size_t names_max,
                             std::vector<std::string>* names) const;

  varve::Counters Counters() const;
  varve::AgeingCounters Ageing() const;
  uint64_t Ticker(rocksdb::Tickers ticker) const;
  // 0 for a property that this RocksDB does not have.
  uint64_t Property(const std::string& name) const;

 private:
  Store() = default;

  std::shared_ptr<rocksdb::Statistics> statistics_;
  // Readers and writers end before their database.
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<varve::SampleWriter> writer_;
  std::unique_ptr<varve::SampleReader> reader_;
};
