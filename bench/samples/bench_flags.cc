#include "bench/samples/bench_flags.h"

#include <gflags/gflags.h>

#include <sstream>

#include "rocksdb/system_clock.h"
#include "rocksdb/version.h"
#include "tools/command.h"
#include "tools/command_line.h"
#include "tools/manual_page.h"

DEFINE_string(
    benchmarks,
    "fillseries,readrange,readlast,scanall,mergecompact,readrange,"
    "scanall",
    "What to run, in this order, of: fillseries (writes the data "
    "set), fillbulk (sorted files, ingested), overwritelate (writes "
    "--late_pct of it again), readrange (windows of random series), "
    "readlast (their newest five minutes), scanall, mergecompact "
    "(compacts everything), agetiers (layout varve: lets it grow "
    "old), export (all as CSV, to nowhere). Empty: says what it would run on");
DEFINE_string(layout, "varve",
              "varve; rows: a RocksDB row a sample; chunks: rows of packed "
              "pairs that a merge operator appends. The last two are what "
              "people do on RocksDB's own table");
DEFINE_string(db, "/tmp/varve_bench",
              "The database's directory; a database of an earlier bench there "
              "is destroyed, any other is refused");
DEFINE_bool(use_existing_db, false,
            "Keep it instead, and skip fillseries and fillbulk, which start "
            "afresh: give --num, --series and --seed as when it was filled");
DEFINE_string(options_file, "",
              "A RocksDB OPTIONS file to start from; only what is given by "
              "--compression_type, and --cache_size, is set over it");
DEFINE_string(compression_type, "zstd", "none, snappy, lz4, zlib or zstd");
DEFINE_uint64(cache_size, 32 << 20, "Bytes of the block cache; 0: none");
DEFINE_string(table, "part",
              "The layout varve's table format: part (Varve's own, what "
              "ConfigureColumnFamily sets) or block (RocksDB's)");
DEFINE_string(memtable, "",
              "The layout varve's memtable, by its name in option strings, as "
              "VarveSampleMemtable or skip_list; empty: what is set anyway");
DEFINE_string(policy, "downsampling_period=30d:5m,180d:1h",
              "The layout varve's policy");
DEFINE_uint64(num, 1000000,
              "Samples of the data set; every series has the same number, so "
              "what is left over is not written");
DEFINE_uint64(reads, 10000, "Operations of readrange and readlast, a thread");
DEFINE_uint32(threads, 1,
              "Threads of fillseries, overwritelate, readrange and readlast; "
              "--num is what all write together");
DEFINE_uint32(series, 1000, "Series at a time, up to a million (1048576)");
DEFINE_uint64(interval_ms, 15000, "Milliseconds between samples of a series");
DEFINE_uint64(jitter_ms, 0,
              "Timestamps are off by up to so many milliseconds, either way");
DEFINE_string(mix, "counter:40,gauge:25,memory:10,constant:15,double:10",
              "Weights of the kinds of series");
DEFINE_uint32(late_pct, 1,
              "Percent of fillseries' operations that come an hour late, and "
              "of the data set that overwritelate writes again");
DEFINE_uint32(churn_pct, 0, "Percent of series that are replaced each day");
DEFINE_uint32(samples_per_op, 16, "Samples of one series written together");
DEFINE_uint32(batch_size, 100, "Operations of a WriteBatch");
DEFINE_uint64(window_ms, 3600000, "Milliseconds that a readrange asks for");
DEFINE_bool(disable_wal, false, "Write without the write-ahead log");
DEFINE_bool(histogram, false,
            "Print the latencies of writes (a batch each) and reads");
DEFINE_bool(statistics, false, "Print RocksDB's statistics at the end");
DEFINE_uint64(stats_interval_seconds, 0,
              "Report what each thread has done this often, on standard "
              "error");
DEFINE_uint64(seed, 1,
              "What the data set and the reads are made from; 0: the time");
DEFINE_string(csv, "", "Append the results to this CSV file too");
DEFINE_string(label, "", "What the first column of --csv holds");

namespace varve::bench {
namespace {

struct FlagGroup {
  const char* heading;
  std::vector<const char*> flags;
};

const std::vector<FlagGroup>& FlagGroups() {
  static const std::vector<FlagGroup> groups = {
      {"What runs", {"benchmarks", "reads", "window_ms", "threads", "seed"}},
      {"On what",
       {"layout", "db", "use_existing_db", "options_file", "compression_type",
        "cache_size", "table", "memtable", "policy", "disable_wal"}},
      {"The samples",
       {"num", "series", "interval_ms", "jitter_ms", "mix", "churn_pct",
        "late_pct", "samples_per_op", "batch_size"}},
      {"What is printed",
       {"histogram", "statistics", "stats_interval_seconds", "csv", "label"}}};
  return groups;
}

tools::Command BenchCommand() {
  tools::Command command = {};
  command.name = "varve_bench";
  command.synopsis = "[FLAGS]";
  command.summary = "db_bench for samples";
  command.details =
      "Flags and report lines are db_bench's where they mean the same. A line "
      "a\nbenchmark: db_bench's figures, then samples a second by the clock "
      "and by CPU\ntime, bytes a sample on disk, what was written and how "
      "often (W-amp), peak\nmemory. The same seed gives the same samples.";
  command.example =
      "  varve_bench --series=100 --num=1000000 \\\n"
      "      --benchmarks=fillseries,mergecompact,readrange,scanall\n"
      "  varve_bench --layout=rows --num=100000 --threads=2 --histogram\n";
  command.arguments = tools::Arguments::kNone;
  command.exit_codes =
      "0 done; 1 a benchmark failed; 2 the command line is wrong.\n";
  for (const FlagGroup& group : FlagGroups()) {
    command.flags.insert(command.flags.end(), group.flags.begin(),
                         group.flags.end());
  }
  return command;
}

std::string Help() {
  tools::Command command = BenchCommand();
  std::string text = std::string(command.name) + " " + command.synopsis + ": " +
                     command.summary + "\n\n" + command.details + "\n";
  for (const FlagGroup& group : FlagGroups()) {
    text += std::string("\n") + group.heading + "\n";
    command.flags = group.flags;
    for (const tools::FlagText& flag : tools::FlagTexts(command)) {
      text += tools::FlagHelp(flag);
    }
  }
  return text + "\n  --man\n      Print the manual page (troff) instead\n" +
         "\nExample:\n" + command.example +
         "\nExit codes: " + command.exit_codes;
}

std::string Version() {
  return std::string("varve_bench ") + VARVE_VERSION + ", RocksDB " +
         rocksdb::GetRocksVersionAsString(true) + "\n";
}

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

// Empty: the flag's value lies in its range.
std::string RangeFault(const char* flag, uint64_t value, uint64_t least,
                       uint64_t most) {
  if (value >= least && value <= most) return "";
  return std::string("--") + flag + " is " + std::to_string(least) + " to " +
         std::to_string(most) + ", not " + std::to_string(value);
}

std::string NumberFault() {
  constexpr uint64_t kLong = uint64_t{1} << 40;
  constexpr uint64_t kThreadsMax = 1024;
  constexpr uint64_t kSecondsMax = 100'000'000;
  const struct {
    const char* flag;
    uint64_t value, least, most;
  } ranges[] = {
      {"series", FLAGS_series, 1, kStreamSeriesMax},
      {"num", FLAGS_num, 1, kLong},
      {"reads", FLAGS_reads, 0, kLong},
      {"threads", FLAGS_threads, 1, kThreadsMax},
      {"samples_per_op", FLAGS_samples_per_op, 1, UINT32_MAX},
      {"batch_size", FLAGS_batch_size, 1, UINT32_MAX},
      {"window_ms", FLAGS_window_ms, 1, kTimestampMax},
      {"interval_ms", FLAGS_interval_ms, 1, kMillisPerDay},
      {"jitter_ms", FLAGS_jitter_ms, 0, kMillisPerDay},
      {"late_pct", FLAGS_late_pct, 0, 100},
      {"churn_pct", FLAGS_churn_pct, 0, 100},
      {"stats_interval_seconds", FLAGS_stats_interval_seconds, 0, kSecondsMax},
  };
  for (const auto& range : ranges) {
    const std::string fault =
        RangeFault(range.flag, range.value, range.least, range.most);
    if (!fault.empty()) return fault;
  }
  if (FLAGS_num < FLAGS_series) {
    return "--num=" + std::to_string(FLAGS_num) +
           " is less than a sample for each of --series=" +
           std::to_string(FLAGS_series);
  }
  const uint64_t rounds_max =
      static_cast<uint64_t>(kTimestampMax - kStreamStartMs - kMillisPerDay) /
      FLAGS_interval_ms;
  if (FLAGS_num / FLAGS_series > rounds_max) {
    return "--num=" + std::to_string(FLAGS_num) +
           " of these series and --interval_ms goes beyond the year 9999";
  }
  return "";
}

std::string NameFault() {
  if (FLAGS_layout != "varve" && FLAGS_layout != "rows" &&
      FLAGS_layout != "chunks") {
    return "--layout is varve, rows or chunks, not " + FLAGS_layout;
  }
  if (FLAGS_table != "block" && FLAGS_table != "part") {
    return "--table is block or part, not " + FLAGS_table;
  }
  if (FLAGS_layout != "varve" &&
      (tools::IsGiven("policy") || tools::IsGiven("table") ||
       tools::IsGiven("memtable"))) {
    return "--policy, --table and --memtable belong to --layout=varve, not "
           "to " +
           FLAGS_layout;
  }
  Policy policy;
  const Status status = Policy::Parse(FLAGS_policy, &policy);
  if (!status.ok()) return "--policy: " + std::string(status.getState());
  for (const std::string& name : SplitList(FLAGS_benchmarks)) {
    if (!IsWorkload(name)) return "no benchmark is named '" + name + "'";
  }
  return "";
}

// Empty: all is well.
std::string ReadValues(LayoutOptions* layout, WorkloadOptions* workload) {
  StreamOptions& stream = workload->stream;
  if (!ReadCompression(&layout->compression)) {
    return "--compression_type is none, snappy, lz4, zlib or zstd, not " +
           FLAGS_compression_type;
  }
  if (!ParseMix(FLAGS_mix, stream.mix)) {
    return "--mix is a list as counter:40,gauge:25 of counter, gauge, memory, "
           "constant, double, not " +
           FLAGS_mix;
  }
  std::string fault = NameFault();
  if (fault.empty()) fault = NumberFault();
  if (!fault.empty()) return fault;
  layout->dir = FLAGS_db;
  layout->use_existing_db = FLAGS_use_existing_db;
  layout->options_file = FLAGS_options_file;
  layout->cache_bytes = FLAGS_cache_size;
  layout->disable_wal = FLAGS_disable_wal;
  layout->policy = FLAGS_policy;
  layout->memtable = FLAGS_memtable;
  layout->part_table = FLAGS_table == "part";
  layout->compression_is_given = tools::IsGiven("compression_type");
  layout->policy_or_table_is_given =
      tools::IsGiven("policy") || tools::IsGiven("table");
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
  return "";
}

}  // namespace

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  std::string word;
  while (std::getline(stream, word, ',')) words.push_back(word);
  return words;
}

CommandLine ReadCommandLine(const std::vector<std::string>& words,
                            LayoutOptions* layout, WorkloadOptions* workload,
                            std::string* text) {
  // gflags' own, which db_bench has too.
  for (const std::string& word : words) {
    if (word == "--version" || word == "-version") *text = Version();
    if (word == "--helpshort" || word == "-helpshort") *text = Help();
    if (word == "--man") *text = tools::ProgramPage(BenchCommand());
    if (!text->empty()) return CommandLine::kPrint;
  }
  std::vector<std::string> arguments;
  switch (tools::ParseCommandLine(BenchCommand(), words, &arguments, text)) {
    case tools::Parsed::kHelp:
      *text = Help();
      return CommandLine::kPrint;
    case tools::Parsed::kError:
      return CommandLine::kWrong;
    case tools::Parsed::kRun:
      break;
  }
  *text = ReadValues(layout, workload);
  return text->empty() ? CommandLine::kRun : CommandLine::kWrong;
}

}  // namespace varve::bench
