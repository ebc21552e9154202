// Steps of a sequence that ingest files: into empty databases and full ones,
// with deleted ranges in them, several at once, beside a thread that writes;
// and compactions within level 0, where such files lie.
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "tests/metamorphic/ingest_counts.h"
#include "tests/metamorphic/sequence.h"

namespace varve {

// A file with rows of any series but one, and what it does to the model.
IngestedFile Sequence::MakeFile(const std::string& but) {
  IngestedFile file;
  // One row overlaps hardly anything in a memtable.
  for (uint64_t n = random_.OneIn(2) ? 1 : 1 + random_.Below(4); n > 0; --n) {
    const std::string& series = Series();
    const auto writes = RowWrites();
    if (series == but) continue;
    const auto key = model_.RowKey(series, writes[0].timestamp_ms);
    if (!file.operands.emplace(key, Encode(writes)).second) continue;
    for (const auto& write : writes) model_.Write(series, write);
  }
  return file;
}

// The range acts on what was there before the file.
IngestedFile Sequence::MakeFileWithRange() {
  std::string begin = ExistingRowKey();
  std::string end = ExistingRowKey();
  if (begin > end) std::swap(begin, end);
  model_.DeleteRange(begin, end);
  ++IngestCounts::All().ranges;
  IngestedFile file = MakeFile();
  file.begin = begin;
  file.end = end;
  return file;
}

void Sequence::IngestAll(const std::vector<IngestedFile>& files) {
  IngestCounts& counts = IngestCounts::All();
  ++counts.calls;
  counts.files += files.size();
  counts.several += files.size() > 1;
  counts.under_snapshots += !held_.empty();
  AssertOk(subject_.Ingest(files));
}

// Of one call a later file is written later.
void Sequence::Ingest() {
  std::vector<IngestedFile> files;
  for (uint64_t n = random_.OneIn(3) ? 1 + random_.Below(4) : 1; n > 0; --n) {
    files.push_back(random_.OneIn(3) ? MakeFileWithRange() : MakeFile());
  }
  IngestAll(files);
}

// The first that a database is given. By RocksDB's own call its rows have
// sequence number 0: then it is opened anew, as a service finds it.
void Sequence::IngestIntoEmpty() {
  ++IngestCounts::All().into_empty;
  const IngestedFile file = MakeFile();
  if (random_.OneIn(2)) {
    Log("ingest into empty");
    IngestAll({file});
  } else {
    Log("ingest into empty by RocksDB's own call");
    ++IngestCounts::All().raw_into_empty;
    AssertOk(subject_.IngestRaw(file));
    subject_.Close();
    AssertOk(subject_.Open());
  }
  if (random_.OneIn(2)) TakeSnapshot();
}

// The thread writes to one series, the files hold others: which comes first
// makes no difference to what is right.
void Sequence::IngestBesideWrites() {
  ++IngestCounts::All().beside_writes;
  const std::string series = Series();
  std::vector<rocksdb::WriteBatch> batches(1 + random_.Below(8));
  for (rocksdb::WriteBatch& batch : batches) AddWrites(series, &batch);
  std::vector<IngestedFile> files;
  for (uint64_t n = 1 + random_.Below(4); n > 0; --n) {
    IngestedFile file = MakeFile(/*but=*/series);
    if (!file.operands.empty()) files.push_back(std::move(file));
  }
  Status written;
  std::thread writer([&] {
    for (rocksdb::WriteBatch& batch : batches) {
      const Status status =
          subject_.db()->Write(rocksdb::WriteOptions(), &batch);
      if (written.ok()) written = status;
    }
  });
  for (const IngestedFile& file : files) IngestAll({file});
  writer.join();
  AssertOk(written);
  // While the memtable still holds what was written.
  if (random_.OneIn(2)) CompactLevel0();
  if (random_.OneIn(2)) Write();
  if (random_.OneIn(2)) Flush();
}

void Sequence::CompactLevel0() {
  bool compacted = false;
  AssertOk(subject_.CompactSomeOfLevel0(&compacted));
  IngestCounts::All().level0 += compacted;
}

}  // namespace varve
