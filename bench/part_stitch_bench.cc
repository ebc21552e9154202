// How fast a compaction passes rows of samples through that it does not
// change: CompactRange of one database of parts that takes blocks apart and
// stitches them, of one of parts that stores them whole, and of one of
// block-based tables without compression, all with the same rows.
//
//   part_stitch_bench <work folder> [rows] [samples a row] [rounds]
//                     [series that share timestamps: 100]
//
// Prints MB of rows per CPU second (the whole process's), medians. CPU time,
// since the machine has other work.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/check.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"

namespace varve {
namespace {

struct Variant {
  const char* name;
  std::shared_ptr<rocksdb::TableFactory> factory;
  rocksdb::CompressionType compression;
  std::vector<double> seconds = {};
  uint64_t file_bytes = 0;
};

struct Row {
  std::string key;
  std::string value;
};

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) +
           1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Gauges with 2 decimals; `sharing` series share their timestamps.
std::vector<Row> MakeRows(size_t row_count, size_t sample_count,
                          size_t sharing) {
  std::mt19937_64 random(1);
  std::vector<Row> rows(row_count);
  BlockEncoder encoder;
  std::vector<int64_t> timestamps(sample_count);
  std::vector<uint64_t> values(sample_count);
  BlockSpec spec;
  spec.bucket_start_ms = 0;
  const int64_t step =
      spec.shape.bucket_width_ms / static_cast<int64_t>(sample_count);
  for (size_t r = 0; r < row_count; ++r) {
    if (r % sharing == 0) {
      for (size_t i = 0; i < sample_count; ++i) {
        timestamps[i] = static_cast<int64_t>(i) * step +
                        static_cast<int64_t>(random() % 20);
      }
    }
    double level = static_cast<double>(random() % 10000);
    for (size_t i = 0; i < sample_count; ++i) {
      level += static_cast<double>(static_cast<int64_t>(random() % 101) - 50);
      const double value = level / 100;
      memcpy(&values[i], &value, sizeof value);
    }
    char series[32];
    snprintf(series, sizeof series, "s%08zu", r);
    AppendRowKey(spec.shape, std::string(series), 0, &rows[r].key);
    encoder.Encode(spec, timestamps.data(), values.data(), sample_count,
                   &rows[r].value);
  }
  return rows;
}

// Two sorted runs of alternating rows, so that the compaction merges.
double Compact(const Variant& variant, const std::vector<Row>& rows,
               const std::string& path, uint64_t* file_bytes) {
  std::filesystem::remove_all(path);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.disable_auto_compactions = true;
  options.compression = variant.compression;
  options.compression_opts.level = 3;  // both tables have it then
  options.table_factory = variant.factory;
  options.write_buffer_size = 1 << 30;
  options.compaction_readahead_size = 2 << 20;
  rocksdb::DB* raw = nullptr;
  Check(rocksdb::DB::Open(options, path, &raw));
  std::unique_ptr<rocksdb::DB> db(raw);
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  for (size_t half = 0; half < 2; ++half) {
    for (size_t r = half; r < rows.size(); r += 2) {
      Check(db->Put(write, rows[r].key, rows[r].value));
    }
    Check(db->Flush({}));
  }
  const double before = CpuSeconds();
  rocksdb::CompactRangeOptions compact;
  compact.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  Check(db->CompactRange(compact, nullptr, nullptr));
  const double seconds = CpuSeconds() - before;
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  *file_bytes = 0;
  for (const auto& file : files) *file_bytes += file.size;
  // What comes out is what went in.
  std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}));
  size_t r = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next(), ++r) {
    if (it->key() != rows[r].key || it->value() != rows[r].value) abort();
  }
  Check(it->status());
  if (r != rows.size()) abort();
  return seconds;
}

std::shared_ptr<rocksdb::TableFactory> Part(uint32_t block_bytes, bool split) {
  PartTableOptions options;
  options.block_bytes = block_bytes;
  options.split_blocks = split;
  return NewPartTableFactory(options);
}

std::shared_ptr<rocksdb::TableFactory> Stock(size_t block_bytes) {
  rocksdb::BlockBasedTableOptions options;
  options.block_size = block_bytes;
  options.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));  // as parts
  return std::shared_ptr<rocksdb::TableFactory>(
      NewBlockBasedTableFactory(options));
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  using namespace varve;
  if (argc < 2) {
    fprintf(stderr,
            "part_stitch_bench <work folder> [rows] [samples] [rounds]\n");
    return 2;
  }
  const size_t row_count = argc > 2 ? strtoul(argv[2], nullptr, 10) : 20000;
  const size_t sample_count = argc > 3 ? strtoul(argv[3], nullptr, 10) : 5760;
  const int rounds = argc > 4 ? atoi(argv[4]) : 5;
  const size_t sharing = argc > 5 ? strtoul(argv[5], nullptr, 10) : 100;
  const std::vector<Row> rows = MakeRows(row_count, sample_count, sharing);
  double megabytes = 0;
  for (const Row& row : rows) {
    megabytes += 1e-6 * static_cast<double>(row.key.size() + row.value.size());
  }
  printf("%zu rows of %zu samples, %.1f MB, %.0f bytes a row\n", rows.size(),
         sample_count, megabytes, 1e6 * megabytes / rows.size());
  constexpr auto kNone = rocksdb::kNoCompression;
  constexpr auto kZstd = rocksdb::kZSTD;
  Variant variants[] = {{"stock 4K", Stock(4 << 10), kNone},
                        {"stock 64K", Stock(64 << 10), kNone},
                        {"part whole 4K", Part(4 << 10, false), kNone},
                        {"part whole 64K", Part(64 << 10, false), kNone},
                        {"part split 4K", Part(4 << 10, true), kNone},
                        {"part split 64K", Part(64 << 10, true), kNone},
                        {"stock 4K zstd", Stock(4 << 10), kZstd},
                        {"part split 4K zstd", Part(4 << 10, true), kZstd},
                        {"stock 64K zstd", Stock(64 << 10), kZstd},
                        {"part split 64K zstd", Part(64 << 10, true), kZstd}};
  for (int round = 0; round < rounds; ++round) {
    for (Variant& variant : variants) {
      variant.seconds.push_back(Compact(
          variant, rows, std::string(argv[1]) + "/db", &variant.file_bytes));
    }
  }
  for (Variant& variant : variants) {
    std::sort(variant.seconds.begin(), variant.seconds.end());
    const double median = variant.seconds[variant.seconds.size() / 2];
    printf("%-20s %8.0f MB/CPU-s  (best %.0f)  %10llu bytes  %.4f B/sample\n",
           variant.name, megabytes / median, megabytes / variant.seconds[0],
           static_cast<unsigned long long>(variant.file_bytes),
           static_cast<double>(variant.file_bytes) /
               static_cast<double>(row_count * sample_count));
  }
  std::filesystem::remove_all(std::string(argv[1]) + "/db");
}
