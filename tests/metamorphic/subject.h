// The database under test: a random configuration, opened in a random one of
// the ways in which users open it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "tests/mock_clock.h"
#include "tests/random_source.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {

// Operands by row; before them, if begin < end, a deleted range.
struct IngestedFile {
  std::string begin;
  std::string end;
  std::map<std::string, std::string> operands;
};

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
  // DB::SetOptions to the same end has been called, and answered OK.
  void PolicyIsSet(const Policy& policy) { policy_ = policy; }

  // Steps. Those that RocksDB may refuse for good reasons answer OK then.
  Status Flush();
  // All files' properties are read.
  Status CheckProperties();
  // A pass of the scheduler. `compactions_run`: RocksDB's own may come between.
  Status Age(bool compactions_run);
  Status CompactSomeRange();
  Status CompactAll();
  Status CompactSomeFiles();
  // Some neighbours of level 0, into level 0.
  Status CompactSomeOfLevel0(bool* compacted);
  // By IngestFiles, in one call.
  Status Ingest(const std::vector<IngestedFile>& files);
  // By DB::IngestExternalFile.
  Status IngestRaw(const IngestedFile& file);

  rocksdb::DB* db() { return db_.get(); }
  rocksdb::ColumnFamilyHandle* cf() { return db_->DefaultColumnFamily(); }
  SampleReader* reader() { return reader_.get(); }
  SampleWriter* writer() { return writer_.get(); }
  MockClock* clock() { return clock_.get(); }
  // A path in the database's folder that nothing has been at.
  std::string NewPath() {
    return dir_ / ("other-" + std::to_string(others_++));
  }

 private:
  void AddScheduler();
  enum class By { kAnyWay, kGivenPolicy };
  Status MakeOptions(By by, rocksdb::Options* options);
  Status OpenBy(By by);
  Status FromString(rocksdb::Options* options);
  Status FromOptionsFile(rocksdb::Options* options);
  Status WriteFile(const IngestedFile& file, std::string* path);

  Policy policy_;
  RandomSource* const random_;
  TempDir dir_;
  std::shared_ptr<MockClock> clock_;
  rocksdb::Options base_;
  Status status_;  // of making base_
  bool created_ = false;
  int ingested_ = 0;
  int others_ = 0;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SampleReader> reader_;
  std::unique_ptr<SampleWriter> writer_;
};

}  // namespace varve
