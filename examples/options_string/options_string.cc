// A RocksDB program that knows nothing of Varve but a library's file name, an
// options string, and the two byte layouts of format/row/FORMAT.md that any
// language can write: a row's key and the plain operand. It could as well
// link the library, or be started with LD_PRELOAD.
//
//   options_string LIBRARY DIR
#include <dlfcn.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

const char kOptions[] =
    "create_if_missing=true;error_if_exists=true;"
    "merge_operator={id=VarveSampleMerge;"
    "downsampling_period=30d:5m;bucket=1h;partition=none};"
    "compaction_filter_factory={id=VarveTierFilter;"
    "downsampling_period=30d:5m;bucket=1h;partition=none};"
    "sst_partitioner_factory={id=VarveTimePartitioner;"
    "bucket=1h;partition=none};"
    "table_properties_collectors={{id=VarveSampleProperties;"
    "bucket=1h;partition=none}}";

constexpr int64_t kHourMs = 3600 * 1000;
constexpr int64_t kStartMs = 1698796800000;  // 2023-11-01

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

// The series (which holds no zero byte here), 00 01, and the bucket's start:
// int64, big-endian, sign flipped. With a partition four bytes come first.
std::string RowKey(const std::string& series, int64_t timestamp_ms) {
  std::string key = series + std::string("\0\1", 2);
  const uint64_t bucket =
      static_cast<uint64_t>(timestamp_ms / kHourMs * kHourMs) ^ (1ull << 63);
  for (int shift = 56; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(bucket >> shift));
  }
  return key;
}

// One pair of int64 and float64, little-endian as this machine's.
void AppendPair(int64_t timestamp_ms, double value, std::string* operand) {
  char bytes[16];
  std::memcpy(bytes, &timestamp_ms, 8);
  std::memcpy(bytes + 8, &value, 8);
  operand->append(bytes, sizeof bytes);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: options_string LIBRARY DIR\n");
    return 2;
  }
  if (dlopen(argv[1], RTLD_NOW) == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  // Strict: an object that is not there is an error, not left out.
  rocksdb::ConfigOptions config;
  config.ignore_unsupported_options = false;
  rocksdb::Options options;
  Check(rocksdb::GetOptionsFromString(config, {}, kOptions, &options));
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, argv[2], &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);

  // Two hours of a sample every ten seconds, 60 an operand; any order will do.
  rocksdb::WriteBatch batch;
  for (int minute = 0; minute < 120; minute += 10) {
    std::string operand("\xA7\x01", 2);
    for (int i = 0; i < 60; ++i) {
      const int second = minute * 60 + i * 10;
      AppendPair(kStartMs + second * 1000, second, &operand);
    }
    Check(batch.Merge(RowKey("cpu", kStartMs + minute * 60000), operand));
  }
  Check(db->Write(rocksdb::WriteOptions(), &batch));
  Check(db->Flush(rocksdb::FlushOptions()));

  // What Varve's collector wrote into the file, as any RocksDB program sees.
  rocksdb::TablePropertiesCollection files;
  Check(db->GetPropertiesOfAllTables(&files));
  for (const auto& file : files) {
    for (const char* name : {"varve.rows", "varve.samples", "varve.shape"}) {
      std::printf("%s %s\n", name,
                  file.second->user_collected_properties.at(name).c_str());
    }
  }
}
