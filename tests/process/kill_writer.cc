// Writes batches with a synced WAL until it is killed; says so of each on
// standard output once it is written.
//
//   kill_writer DIR FIRST_BATCH
//
// Two of three first batches go to a sample memtable: what one memtable has
// logged the next one recovers, of either kind.
#include "tests/process/kill_writer.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "plugin/memtable/sample_memtable_factory.h"
#include "rocksdb/db.h"
#include "tests/mock_clock.h"

namespace varve {
namespace {

Status WriteForEver(const std::string& dir, int64_t first_batch) {
  rocksdb::Options options;
  options.create_if_missing = true;
  // Small enough that flushes and compactions are always under way.
  options.write_buffer_size = 64 << 10;
  options.arena_block_size = 4 << 10;
  options.level0_file_num_compaction_trigger = 2;
  Options varve_options;
  Status status = Policy::Parse(kKillPolicy, &varve_options.policy);
  varve_options.clock = std::make_shared<MockClock>(kKillNowMs);
  if (status.ok()) status = ConfigureColumnFamily(varve_options, &options);
  if (first_batch % 3 != 0) {
    options.memtable_factory = std::make_shared<SampleMemtableFactory>();
  }
  rocksdb::DB* opened = nullptr;
  if (status.ok()) status = rocksdb::DB::Open(options, dir, &opened);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<SampleWriter> writer;
  status = SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  for (int64_t i = first_batch; status.ok(); ++i) {
    rocksdb::WriteBatch batch;
    for (const SeriesSamples& part : KillBatch(i)) {
      status = writer->Add(part.series, part.samples.data(),
                           part.samples.size(), &batch);
      if (!status.ok()) return status;
    }
    status = db->Write(synced, &batch);
    if (!status.ok()) return status;
    if (write(STDOUT_FILENO, &i, sizeof i) != sizeof i) {
      return Status::IOError("nobody listens");
    }
  }
  return status;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const rocksdb::Status status =
      varve::WriteForEver(argv[1], std::atoll(argv[2]));
  std::fprintf(stderr, "kill_writer: %s\n", status.ToString().c_str());
  return 1;
}
