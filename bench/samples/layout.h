// One way to keep samples in RocksDB, behind one interface, so that all are
// measured by the same workloads:
//
//   varve    rows of Varve, as its reader and writer have them
//   rows     a RocksDB row a sample: series and big-endian time to a float64;
//            what people do today
//   chunks   a row a series and day, a merge operator that appends packed
//            pairs of time and value; readers sort. Stock table.
//
// Thread-safe but for opening.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/sst_file_writer.h"
#include "rocksdb/statistics.h"
#include "tests/mock_clock.h"
#include "tools/sample_sink.h"
#include "varve/varve.h"

namespace varve::bench {

struct LayoutOptions {
  std::string dir;
  bool use_existing_db = false;
  std::string options_file;  // read first; the layout adds what it needs
  rocksdb::CompressionType compression = rocksdb::kZSTD;
  bool compression_is_given = false;  // then it is set over the file's
  uint64_t cache_bytes = 32 << 20;    // over the file's too; 0: no cache
  bool disable_wal = false;
  // Of varve:
  std::string policy;
  bool part_table = false;
  std::string memtable;  // its name in option strings; empty: as configured
  bool policy_or_table_is_given = false;  // refused where the file has them
};

class Layout {
 public:
  using SeriesFunction =
      std::function<void(const Sample* samples, size_t count)>;

  // `name` is varve, rows or chunks. Destroys what lies in dir unless told to
  // use it.
  static Status Open(const std::string& name, const LayoutOptions& options,
                     std::unique_ptr<Layout>* layout);
  virtual ~Layout();
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;

  // Destroys the database and opens an empty one.
  Status StartFresh();

  // Adds one operation; the samples ascend in time.
  virtual Status Add(const std::string& series, const Sample* samples,
                     size_t count, rocksdb::WriteBatch* batch) = 0;
  Status Write(rocksdb::WriteBatch* batch);

  // Sorted files that are ingested.
  virtual Status OpenBulk(std::unique_ptr<tools::SampleSink>* sink) = 0;

  // The samples with start_ms <= timestamp <= end_ms, ascending.
  virtual Status Read(const std::string& series, int64_t start_ms,
                      int64_t end_ms, std::vector<Sample>* samples) = 0;

  // All samples, series by series where that costs no sorting of its own.
  virtual Status ScanAll(const SeriesFunction& on_samples) = 0;

  // Whether the layout thins by itself when the clock moves.
  virtual bool ages() const { return false; }

  Status Flush();
  Status CompactAll();
  // Until RocksDB has nothing more to do by itself, or has failed to.
  Status WaitForBackground();

  uint64_t SstBytes() const;
  rocksdb::DB* db() const { return db_.get(); }
  const std::shared_ptr<rocksdb::Statistics>& statistics() const {
    return statistics_;
  }
  const std::shared_ptr<MockClock>& clock() const { return clock_; }

 protected:
  explicit Layout(const LayoutOptions& options) : options_(options) {}

  // Sets what makes a column family this layout's.
  virtual Status Configure(rocksdb::Options* options) = 0;
  virtual Status AfterOpen() { return Status::OK(); }
  virtual void BeforeClose() {}

  const LayoutOptions options_;
  std::shared_ptr<MockClock> clock_;  // the clock that Varve goes by
  std::shared_ptr<rocksdb::Statistics> statistics_;
  std::unique_ptr<rocksdb::DB> db_;

 private:
  enum class Present { kDestroy, kKeep };
  Status OpenDatabase(Present present);
  Status ReadOptions(rocksdb::Options* options) const;

  std::string name_;
};

std::unique_ptr<Layout> NewVarveLayout(const LayoutOptions& options);
std::unique_ptr<Layout> NewRowsLayout(const LayoutOptions& options);
std::unique_ptr<Layout> NewChunksLayout(const LayoutOptions& options);

// Sorted files of the layouts on the stock table: gathers everything, then
// `write_series` adds one series after the other, by ascending name.
using WriteSeries = std::function<Status(const std::string& series,
                                         std::vector<Sample>* samples,
                                         rocksdb::SstFileWriter* file)>;
std::unique_ptr<tools::SampleSink> NewSortedFiles(rocksdb::DB* db,
                                                  WriteSeries write_series);

}  // namespace varve::bench
