// Moves a database from RocksDB's block-based files to Varve's part table and
// back. Nothing but the options changes: new files are written in the new
// format, old ones stay readable, and a compaction of everything ends the
// move. The samples are the same at every step.
//
//   migration DIR
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/options_util.h>
#include <varve/varve.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int kSeries = 50;
constexpr int kSamples = 2 * 5760;           // two days of one in 15 s
constexpr int64_t kStartMs = 1698796800000;  // 2023-11-01
constexpr int64_t kEndMs = kStartMs + kSamples * 15000;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options,
                                  const std::string& dir) {
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(options, dir, &db));
  return std::unique_ptr<rocksdb::DB>(db);
}

void Create(const std::string& dir) {
  varve::Options varve;
  Check(varve::Policy::Parse("bucket=1d", &varve.policy));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kZSTD;
  Check(varve::ConfigureColumnFamily(varve, &options));
  // As a database has it that knows nothing of parts.
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory());
  const auto db = Open(options, dir);
  std::unique_ptr<varve::SampleWriter> writer;
  Check(
      varve::SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer));
  std::mt19937 random(1);
  for (int series = 0; series < kSeries; ++series) {
    std::vector<varve::Sample> samples;
    int load = 500;  // walks at random
    for (int i = 0; i < kSamples; ++i) {
      load += static_cast<int>(random() % 11) - 5;
      samples.push_back({kStartMs + i * int64_t{15000}, load / 10.0});
    }
    rocksdb::WriteBatch batch;
    Check(writer->Add("s" + std::to_string(series), samples.data(),
                      samples.size(), &batch));
    Check(db->Write(rocksdb::WriteOptions(), &batch));
  }
  Check(db->Flush(rocksdb::FlushOptions()));
}

// An SST file's format is its last eight bytes, the magic number.
bool IsBlockBased(const std::string& path) {
  constexpr uint64_t kBlockBasedMagic = 0x88e241b785f4cff7;
  std::ifstream file(path, std::ios::binary);
  uint64_t magic = 0;
  file.seekg(-8, std::ios::end);
  file.read(reinterpret_cast<char*>(&magic), sizeof magic);
  return magic == kBlockBasedMagic;
}

// Prints which files there are, and a sum over the bits of all samples.
void Show(const char* title, rocksdb::DB* db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  int block_based = 0, parts = 0;
  size_t bytes = 0;
  for (const auto& file : files) {
    ++(IsBlockBased(file.db_path + file.name) ? block_based : parts);
    bytes += file.size;
  }
  std::unique_ptr<varve::SampleReader> reader;
  Check(varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader));
  uint64_t count = 0, sum = 0;
  for (int series = 0; series < kSeries; ++series) {
    const auto cursor =
        reader->Read({}, "s" + std::to_string(series), kStartMs, kEndMs);
    while (cursor->Next()) {
      for (size_t i = 0; i < cursor->size(); ++i) {
        uint64_t bits;
        std::memcpy(&bits, &cursor->values()[i], sizeof bits);
        sum = sum * 31 + bits + cursor->timestamps_ms()[i];
      }
      count += cursor->size();
    }
    Check(cursor->status());
  }
  std::printf(
      "%-22s%d block-based, %d parts, %zu KiB; %llu samples, sum %llx\n", title,
      block_based, parts, bytes / 1024, static_cast<unsigned long long>(count),
      static_cast<unsigned long long>(sum));
}

// Opens with the options that the database was last opened with, but for the
// table factory, and rewrites every file. RocksDB writes its own defaults of
// ttl and periodic compaction into OPTIONS for block-based tables, and refuses
// them for any other: so they are switched off.
void Move(const std::string& dir, const std::string& table_factory) {
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  Check(rocksdb::LoadLatestOptions(config, dir, &db_options, &families));
  rocksdb::ColumnFamilyOptions moved;
  Check(rocksdb::GetColumnFamilyOptionsFromString(
      config, families[0].options,
      "ttl=0;periodic_compaction_seconds=0;table_factory=" + table_factory,
      &moved));
  const auto db = Open(rocksdb::Options(db_options, moved), dir);
  Show("  opened, not moved", db.get());
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  Check(db->CompactRange(all, nullptr, nullptr));
  Show("  compacted", db.get());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: migration DIR\n");
    return 2;
  }
  const std::string dir = argv[1];
  Check(rocksdb::Env::Default()->CreateDir(dir));
  Create(dir);
  std::puts("block-based to parts");
  Move(dir, "{id=VarvePartTable}");
  std::puts("parts to block-based");
  Move(dir, "{id=VarvePartTable;write_format=block_based}");
  // From here RocksDB's own factory opens it again.
  std::puts("RocksDB's own table factory");
  Move(dir, "BlockBasedTable");
}
