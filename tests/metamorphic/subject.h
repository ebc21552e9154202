// The database under test: a random configuration, opened in a random one of
// the ways in which users open it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/varve.h"
#include "rocksdb/db.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"

namespace varve {

class Subject {
 public:
  Subject(const Policy& policy, RandomSource* random);
  ~Subject() { Close(); }

  // Opens by C++, by an options string or (from the second time on) by the
  // OPTIONS file alone.
  Status Open();
  void Close();
  // Opens by C++ or by an options string that have another policy.
  Status OpenWith(const Policy& policy);
  // Changes the policy of the open database.
  Status SetPolicy(const Policy& policy);

  // Steps. Those that RocksDB may refuse for good reasons answer OK then.
  Status Flush();
  // A pass of the scheduler. `compactions_run`: RocksDB's own may come between.
  Status Age(bool compactions_run);
  Status CompactSomeRange();
  Status CompactAll();
  Status CompactSomeFiles();
  Status Ingest(
      const std::vector<std::pair<std::string, std::string>>& operands);

  rocksdb::DB* db() { return db_.get(); }
  rocksdb::ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }
  SampleReader* reader() { return reader_.get(); }
  SampleWriter* writer() { return writer_.get(); }
  MockClock* clock() { return clock_.get(); }

 private:
  void AddScheduler();
  enum class By { kAnyWay, kGivenPolicy };
  Status MakeOptions(By by, rocksdb::Options* options);
  Status OpenBy(By by);
  Status FromString(rocksdb::Options* options);
  Status FromOptionsFile(rocksdb::Options* options);

  Policy policy_;
  RandomSource* const random_;
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  rocksdb::Options base_;
  Status status_;  // of making base_
  bool created_ = false;
  int ingested_ = 0;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleReader> reader_;
  std::unique_ptr<SampleWriter> writer_;
};

}  // namespace varve
