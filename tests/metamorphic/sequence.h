// One random sequence of writes, policies, clocks and RocksDB operations on
// one database; after each step it is held against the model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/metamorphic/model.h"
#include "tests/metamorphic/subject.h"
#include "tests/metamorphic/view_check.h"
#include "tests/random_source.h"

namespace varve {

enum class StepLog { kOff, kOn };

class Sequence {
 public:
  explicit Sequence(uint64_t seed, StepLog log);

  // Until the end, or the first fatal failure.
  void Run();

  // Under which it ran: the first is of the class that the seed's number says
  // (policy_generator.h).
  const std::vector<Policy>& policies() const { return policies_; }

 private:
  struct Held {
    const rocksdb::Snapshot* snapshot;
    Model model;
  };

  void Log(const std::string& step);
  int64_t Now() { return subject_.clock()->NowMs(); }
  const std::string& Series() { return random_.Pick(SeriesNames()); }
  int64_t BackMs() const;
  void Step();
  void Verify();

  std::vector<SampleWrite> SomeWrites();
  int64_t WritesUpTo();
  void AddEdges(std::vector<SampleWrite>* writes);
  std::vector<SampleWrite> RowWrites();
  std::string Encode(const std::vector<SampleWrite>& writes);
  std::string Garbage();
  std::string ForeignKey();
  std::string ExistingRowKey();
  // Some samples of it, to the batch and to the model.
  void AddWrites(const std::string& series, rocksdb::WriteBatch* batch);
  void Commit(rocksdb::WriteBatch* batch);
  IngestedFile MakeFile(const std::string& but = "");
  IngestedFile MakeFileWithRange();
  void IngestAll(const std::vector<IngestedFile>& files);
  void IngestIntoEmpty();
  void ReleaseSnapshots();

  void Write();
  void RawMerge();
  void PutRow();
  void DeleteRow();
  void DeleteRange();
  void DeleteWholeSeries();
  void WriteGarbage();
  void WriteForeign();

  void Flush();
  void CompactRange();
  void CompactAll();
  void CompactFiles();
  void Age();
  void Ingest();
  void IngestBesideWrites();
  void CompactLevel0();
  void TakeSnapshot();
  void Reopen();
  void MoveClock();
  void ChangePolicy();

  void RefuseOptions();
  void RefuseOptionsOfOneObject();
  void ShareObjects();
  void SetOptions(const Policy& after);

  RandomSource random_;
  const StepLog log_;
  Policy policy_;
  std::vector<Policy> policies_;
  Model model_;
  Subject subject_;
  ViewCheck check_;
  std::vector<Held> held_;
  int64_t latest_now_ms_;
};

}  // namespace varve
