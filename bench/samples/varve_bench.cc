// varve_bench: db_bench for samples. Flags and report lines are db_bench's
// where they mean the same. See --help.
#include <gflags/gflags.h>

#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/samples/bench_report.h"
#include "bench/samples/layout.h"
#include "bench/samples/sample_stream.h"
#include "bench/samples/workloads.h"
#include "rocksdb/system_clock.h"
#include "tools/command_line.h"
#include "tools/standard_streams.h"

DEFINE_string(benchmarks,
              "fillseries,readrange,readlast,scanall,mergecompact,readrange,"
              "scanall",
              "What to run, in this order: fillseries, fillbulk, "
              "overwritelate, readrange, readlast, scanall, mergecompact, "
              "agetiers, export");
DEFINE_string(layout, "varve",
              "varve; rows: a RocksDB row a sample; chunks: rows of packed "
              "pairs that a merge operator appends; all three but the first "
              "as people do it on RocksDB's own table");
DEFINE_string(db, "/tmp/varve_bench",
              "The database's directory; what lies there is destroyed");
DEFINE_bool(use_existing_db, false,
            "Keep it instead, and skip fillseries and fillbulk, which start "
            "afresh: give --num, --series and --seed as when it was filled");
DEFINE_string(options_file, "",
              "A RocksDB OPTIONS file to start from; only what is given by "
              "--compression_type, and --cache_size, is set over it");
DEFINE_string(compression_type, "zstd", "none, snappy, lz4, zlib or zstd");
DEFINE_uint64(cache_size, 32 << 20, "Bytes of the block cache; 0: none");
DEFINE_string(table, "block",
              "Of the layout varve: block (RocksDB's own) or part (Varve's)");
DEFINE_string(policy, "downsampling_period=30d:5m,180d:1h",
              "Of the layout varve");
DEFINE_uint64(num, 1000000, "Samples of the data set");
DEFINE_uint64(reads, 10000, "Operations of readrange and readlast, a thread");
DEFINE_uint32(threads, 1,
              "Threads of fillseries, overwritelate, readrange and readlast; "
              "--num is what all write together");
DEFINE_uint32(series, 1000, "Series at a time, up to a million (1048576)");
DEFINE_uint64(interval_ms, 15000, "Between samples of a series");
DEFINE_uint64(jitter_ms, 0, "Timestamps are off by up to this, either way");
DEFINE_string(mix, "counter:40,gauge:25,memory:10,constant:15,double:10",
              "Weights of the kinds of series");
DEFINE_uint32(late_pct, 1,
              "Percent of fillseries' operations that come an hour late, and "
              "of the data set that overwritelate writes again");
DEFINE_uint32(churn_pct, 0, "Percent of series that are replaced each day");
DEFINE_uint32(samples_per_op, 16, "Samples of one series written together");
DEFINE_uint32(batch_size, 100, "Operations of a WriteBatch");
DEFINE_uint64(window_ms, 3600000, "What a readrange asks for");
DEFINE_bool(disable_wal, false, "Write without the write-ahead log");
DEFINE_bool(histogram, false,
            "Print the latencies of writes (a batch each) and reads");
DEFINE_bool(statistics, false, "Print RocksDB's statistics at the end");
DEFINE_uint64(stats_interval_seconds, 0,
              "Report what each thread has done this often, on standard "
              "error");
DEFINE_uint64(seed, 1,
              "What the data set and the reads are made from; 0: the time");
DEFINE_string(csv, "", "Append the results to this file too");
DEFINE_string(label, "", "First column there");

namespace varve::bench {
namespace {

bool ReadCompression(rocksdb::CompressionType* type) {
  static const struct {
    const char* name;
    rocksdb::CompressionType type;
  } kTypes[] = {{"none", rocksdb::kNoCompression},
                {"snappy", rocksdb::kSnappyCompression},
                {"lz4", rocksdb::kLZ4Compression},
                {"zlib", rocksdb::kZlibCompression},
                {"zstd", rocksdb::kZSTD}};
  for (const auto& known : kTypes) {
    if (FLAGS_compression_type != known.name) continue;
    *type = known.type;
    return true;
  }
  return false;
}

Status ReadFlags(LayoutOptions* layout, WorkloadOptions* workload) {
  layout->dir = FLAGS_db;
  layout->use_existing_db = FLAGS_use_existing_db;
  layout->options_file = FLAGS_options_file;
  layout->cache_bytes = FLAGS_cache_size;
  layout->disable_wal = FLAGS_disable_wal;
  layout->policy = FLAGS_policy;
  layout->part_table = FLAGS_table == "part";
  layout->compression_is_given = tools::IsGiven("compression_type");
  layout->policy_or_table_is_given =
      tools::IsGiven("policy") || tools::IsGiven("table");
  StreamOptions& stream = workload->stream;
  stream.series = FLAGS_series;
  stream.interval_ms = static_cast<int64_t>(FLAGS_interval_ms);
  stream.jitter_ms = static_cast<int64_t>(FLAGS_jitter_ms);
  stream.churn_pct = FLAGS_churn_pct;
  stream.seed = FLAGS_seed != 0 ? FLAGS_seed
                                : rocksdb::SystemClock::Default()->NowMicros();
  workload->num = FLAGS_num;
  workload->reads = FLAGS_reads;
  workload->threads = FLAGS_threads;
  workload->samples_per_op = FLAGS_samples_per_op;
  workload->ops_per_batch = FLAGS_batch_size;
  workload->late_pct = FLAGS_late_pct;
  workload->window_ms = static_cast<int64_t>(FLAGS_window_ms);
  workload->meter = {FLAGS_histogram, FLAGS_stats_interval_seconds};
  if (!ReadCompression(&layout->compression)) {
    return Status::InvalidArgument(
        "--compression_type is none, snappy, lz4, "
        "zlib or zstd, not " +
        FLAGS_compression_type);
  }
  if (!ParseMix(FLAGS_mix, stream.mix)) {
    return Status::InvalidArgument(
        "--mix is a list as counter:40,gauge:25 of counter, gauge, memory, "
        "constant, double, not " +
        FLAGS_mix);
  }
  if (FLAGS_table != "block" && FLAGS_table != "part") {
    return Status::InvalidArgument("--table is block or part");
  }
  if (FLAGS_series < 1 || FLAGS_series > kStreamSeriesMax ||
      FLAGS_interval_ms < 1 || FLAGS_threads < 1 || FLAGS_samples_per_op < 1 ||
      FLAGS_num < 1 || FLAGS_window_ms < 1 ||
      FLAGS_interval_ms > uint64_t{kMillisPerDay} ||
      FLAGS_jitter_ms > uint64_t{kMillisPerDay} || FLAGS_late_pct > 100 ||
      FLAGS_churn_pct > 100) {
    return Status::InvalidArgument(
        "--series is 1 to 1048576; --num, --threads, --samples_per_op and "
        "--window_ms are at least 1; --interval_ms is 1 to 86400000, "
        "--jitter_ms 0 to 86400000; --late_pct and --churn_pct 0 to 100");
  }
  return Status::OK();
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  std::string word;
  while (std::getline(stream, word, ',')) words.push_back(word);
  return words;
}

// As db_bench begins: what the figures belong to.
void PrintHead(const WorkloadOptions& options) {
  std::printf("%s", EnvironmentText().c_str());
  std::printf(
      "Layout:     %s, compression %s, block cache %.1f MB%s\n"
      "Samples:    %llu of %u series, every %llu ms +- %llu, %s\n"
      "Writes:     %u samples an operation, %u operations a batch, WAL %s\n"
      "Seed:       %llu\n------------------------------------------------\n",
      FLAGS_layout.c_str(), FLAGS_compression_type.c_str(),
      static_cast<double>(FLAGS_cache_size) / 1e6,
      FLAGS_layout == "varve"
          ? (", table " + FLAGS_table + ", " + FLAGS_policy).c_str()
          : "",
      static_cast<unsigned long long>(options.num), options.stream.series,
      static_cast<unsigned long long>(FLAGS_interval_ms),
      static_cast<unsigned long long>(FLAGS_jitter_ms), FLAGS_mix.c_str(),
      options.samples_per_op, options.ops_per_batch,
      FLAGS_disable_wal ? "off" : "on",
      static_cast<unsigned long long>(options.stream.seed));
}

// A new file begins with its header.
Status AppendCsv(const std::string& line) {
  if (FLAGS_csv.empty()) return Status::OK();
  std::FILE* const file = std::fopen(FLAGS_csv.c_str(), "a");
  if (file == nullptr) return Status::IOError("cannot write " + FLAGS_csv);
  if (std::ftell(file) == 0) std::fputs(("label," + CsvHeader()).c_str(), file);
  std::fputs(line.c_str(), file);
  std::fclose(file);
  return Status::OK();
}

Status RunAll(const WorkloadOptions& options, Layout* layout) {
  for (const std::string& name : Split(FLAGS_benchmarks)) {
    Result result;
    Status status;
    if (WantsFreshDatabase(name)) {
      if (FLAGS_use_existing_db) {
        std::printf("%-13s: skipped (--use_existing_db is true)\n",
                    name.c_str());
        continue;
      }
      status = layout->StartFresh();
      if (!status.ok()) return status;
    }
    status = RunWorkload(name, options, layout, &result);
    if (status.IsNotSupported()) {
      std::printf("%-13s: not by the layout %s\n", name.c_str(),
                  FLAGS_layout.c_str());
      continue;
    }
    if (!status.ok()) return status;
    std::printf("%s%s", ReportLine(result).c_str(),
                HistogramText(result.operation, result.done.op_micros).c_str());
    std::fflush(stdout);
    const std::string layout_name =
        FLAGS_layout == "varve" && FLAGS_table == "part" ? "varve-part"
                                                         : FLAGS_layout;
    status = AppendCsv(FLAGS_label + "," + CsvLine(layout_name, result));
    if (!status.ok()) return status;
  }
  return Status::OK();
}

int Main() {
  LayoutOptions layout_options;
  WorkloadOptions options;
  std::unique_ptr<Layout> layout;
  Status status = ReadFlags(&layout_options, &options);
  if (status.ok()) {
    PrintHead(options);
    status = Layout::Open(FLAGS_layout, layout_options, &layout);
  }
  if (status.ok()) status = RunAll(options, layout.get());
  if (!status.ok()) {
    std::fprintf(stderr, "varve_bench: %s\n", status.ToString().c_str());
    return status.IsInvalidArgument() ? 2 : 1;
  }
  if (FLAGS_statistics) {
    std::printf("STATISTICS:\n%s\n", layout->statistics()->ToString().c_str());
  }
  return 0;
}

}  // namespace
}  // namespace varve::bench

int main(int argc, char** argv) {
  varve::tools::OccupyClosedStreams();
  gflags::SetUsageMessage(
      "db_bench for samples\n\n"
      "Example:\n  varve_bench --series=10000 --num=10000000 "
      "--benchmarks=fillseries,mergecompact,readrange,scanall\n"
      "  varve_bench --layout=rows --compression_type=zstd\n\n"
      "Exit codes: 0 done; 1 a benchmark failed, or a flag is unknown; 2 a "
      "flag's\n"
      "value is wrong");
  gflags::SetVersionString(VARVE_VERSION);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (argc > 1) {
    std::fprintf(stderr,
                 "varve_bench: does not know what to do with '%s'; "
                 "see varve_bench --helpshort\n",
                 argv[1]);
    return 2;
  }
  return varve::tools::FinishOutput("varve_bench", varve::bench::Main());
}
