// Size and speed of the value and timestamp codecs by profile, beside zstd and
// the Gorilla encodings, over real data and generators:
//
//   codec_bench [--data=DIR] [--generated=no] [--out=DIR] [--rounds=5]
//               [--benchmark_filter=Values/nab ...]
//
// DIR holds CSV files and .jsonl.zst exports (codec_columns.h); without it,
// $VARVE_DATA or ../shared/data beside the source tree. Each set and method is
// one benchmark; what ran for every method of a set goes to
// codec-bench.{md,csv,svg} in --out.
// Columns are cut into pieces; each is measured hot, the best of the rounds,
// and the benchmark's time is the sum of these.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include "bench/codec_baselines.h"
#include "bench/codec_columns.h"
#include "bench/codec_report.h"
#include "format/timestamps/timestamp_codec.h"
#include "format/values/value_codec.h"

#ifndef VARVE_SOURCE_DIR
#define VARVE_SOURCE_DIR "."
#endif

namespace varve::bench {
namespace {

constexpr int kZstdLevel = 5;
constexpr double kBatchSeconds = 5e-6;  // the clock's own cost vanishes

const char* NameOf(Profile profile) {
  switch (profile) {
    case Profile::kFast:
      return "fast";
    case Profile::kCompact:
      return "compact";
    case Profile::kSmallest:
      break;
  }
  return "smallest";
}

class ValueMethod : public ColumnMethod {
 public:
  explicit ValueMethod(Profile profile) : profile_(profile) {}
  std::string name() const override { return NameOf(profile_); }
  void Encode(const uint64_t* words, size_t count, std::string* out) override {
    out->clear();
    encoder_.Encode(words, count, profile_, out);
  }
  bool Decode(const std::string& column, uint64_t /*first*/, size_t count,
              uint64_t* words) override {
    return decoder_.Decode(column, count, words).ok();
  }

 private:
  Profile profile_;
  ValueEncoder encoder_;
  ValueDecoder decoder_;
};

class TimestampMethod : public ColumnMethod {
 public:
  explicit TimestampMethod(Profile profile) : profile_(profile) {}
  std::string name() const override { return NameOf(profile_); }
  void Encode(const uint64_t* words, size_t count, std::string* out) override {
    out->clear();
    encoder_.Encode(reinterpret_cast<const int64_t*>(words), count, profile_,
                    out);
  }
  bool Decode(const std::string& column, uint64_t first, size_t count,
              uint64_t* words) override {
    return decoder_
        .Decode(column, static_cast<int64_t>(first), count,
                reinterpret_cast<int64_t*>(words))
        .ok();
  }

 private:
  Profile profile_;
  TimestampEncoder encoder_;
  TimestampDecoder decoder_;
};

double Now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Seconds of one call, the best of the rounds, each of as many calls as the
// clock needs.
template <typename Call>
double SecondsOf(int rounds, Call call) {
  double begin = Now();
  call();
  const double once = std::max(Now() - begin, 1e-9);
  const auto calls =
      static_cast<size_t>(std::clamp(kBatchSeconds / once, 1.0, 1000.0));
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    begin = Now();
    for (size_t i = 0; i < calls; ++i) call();
    best = std::min(best, (Now() - begin) / static_cast<double>(calls));
  }
  return best;
}

using Words = std::vector<uint64_t>;

Measured Measure(const std::vector<Words>& columns, int rounds,
                 ColumnMethod* method, double* seconds) {
  Measured measured;
  measured.method = method->name();
  size_t bytes = 0;
  size_t words = 0;
  double encode_seconds = 0;
  double decode_seconds = 0;
  std::string out;
  Words decoded(kPieceSamplesMax);
  for (const Words& column : columns) {
    for (size_t i = 0; i < column.size(); i += kPieceSamplesMax) {
      const uint64_t* const piece = column.data() + i;
      const size_t count = std::min(kPieceSamplesMax, column.size() - i);
      encode_seconds +=
          SecondsOf(rounds, [&] { method->Encode(piece, count, &out); });
      bool ok = true;
      decode_seconds += SecondsOf(rounds, [&] {
        ok &= method->Decode(out, piece[0], count, decoded.data());
      });
      if (!ok || std::memcmp(decoded.data(), piece, count * 8) != 0) {
        fprintf(stderr, "%s does not give back what it got\n",
                measured.method.c_str());
        std::exit(1);
      }
      bytes += out.size();
      words += count;
    }
  }
  const auto raw_gb = static_cast<double>(words) * 8e-9;
  measured.bits_each =
      static_cast<double>(bytes) * 8 / static_cast<double>(words);
  measured.encode_gb_per_s = raw_gb / encode_seconds;
  measured.decode_gb_per_s = raw_gb / decode_seconds;
  *seconds = encode_seconds + decode_seconds;
  return measured;
}

using Methods = std::vector<std::unique_ptr<ColumnMethod>>;

// The benchmarks of one kind of columns, and what they measured.
struct Kind {
  ReportSection section;
  Methods methods;
  std::vector<std::vector<Words>> columns;  // by set
};

std::vector<Words> WordsOf(const std::vector<std::vector<int64_t>>& columns) {
  std::vector<Words> words;
  for (const auto& column : columns) {
    words.emplace_back(column.begin(), column.end());
  }
  return words;
}

void AddSet(const std::string& name, std::vector<Words> columns, Kind* kind) {
  if (columns.empty()) return;
  SetResult result;
  result.set = name;
  result.columns = columns.size();
  for (const Words& column : columns) result.samples += column.size();
  kind->section.sets.push_back(result);
  kind->columns.push_back(std::move(columns));
}

std::vector<Kind> MakeKinds(std::vector<ColumnSet> sets) {
  std::vector<Kind> kinds(2);
  kinds[0].section.title = "Values";
  kinds[0].methods.push_back(ZstdMethod(kZstdLevel));
  kinds[0].methods.push_back(XorMethod());
  kinds[1].section.title = "Timestamps";
  kinds[1].methods.push_back(ZstdMethod(kZstdLevel));
  kinds[1].methods.push_back(DeltaOfDeltaMethod());
  for (const Profile profile :
       {Profile::kFast, Profile::kCompact, Profile::kSmallest}) {
    kinds[0].methods.push_back(std::make_unique<ValueMethod>(profile));
    kinds[1].methods.push_back(std::make_unique<TimestampMethod>(profile));
  }
  for (ColumnSet& set : sets) {
    AddSet(set.name, std::move(set.values), &kinds[0]);
    AddSet(set.name, WordsOf(set.timestamps), &kinds[1]);
  }
  return kinds;
}

void Register(Kind* kind, int rounds) {
  for (size_t i = 0; i < kind->columns.size(); ++i) {
    for (const auto& made : kind->methods) {
      ColumnMethod* const method = made.get();
      const auto run = [kind, i, method, rounds](benchmark::State& state) {
        Measured measured;
        for (auto _ : state) {
          double seconds = 0;
          measured = Measure(kind->columns[i], rounds, method, &seconds);
          state.SetIterationTime(seconds);
        }
        state.counters["bits"] = measured.bits_each;
        state.counters["encode GB/s"] = measured.encode_gb_per_s;
        state.counters["decode GB/s"] = measured.decode_gb_per_s;
        kind->section.sets[i].methods.push_back(measured);
      };
      const std::string name = kind->section.title + "/" +
                               kind->section.sets[i].set + "/" + method->name();
      benchmark::RegisterBenchmark(name.c_str(), run)
          ->UseManualTime()
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
    }
  }
}

// Of each kind the sets of which every method ran.
std::vector<ReportSection> SectionsOf(const std::vector<Kind>& kinds) {
  std::vector<ReportSection> sections;
  for (const Kind& kind : kinds) {
    ReportSection section;
    section.title = kind.section.title;
    for (const SetResult& set : kind.section.sets) {
      if (set.methods.size() == kind.methods.size())
        section.sets.push_back(set);
    }
    if (!section.sets.empty()) sections.push_back(section);
  }
  return sections;
}

struct Arguments {
  std::string data;
  bool data_named = false;
  bool generated = true;
  std::string out;
  int rounds = 5;
};

bool ParseArguments(int argc, char** argv, Arguments* arguments) {
  const char* const environment = std::getenv("VARVE_DATA");
  arguments->data = environment != nullptr
                        ? environment
                        : std::string(VARVE_SOURCE_DIR) + "/../shared/data";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (name == "--data" && !value.empty()) {
      arguments->data = value;
      arguments->data_named = true;
    } else if (name == "--generated") {
      arguments->generated = value != "no";
    } else if (name == "--out") {
      arguments->out = value;
    } else if (name == "--rounds") {
      arguments->rounds = std::max(1, std::atoi(value.c_str()));
    } else {
      fprintf(stderr,
              "codec_bench [--data=DIR] [--generated=no] [--out=DIR] "
              "[--rounds=5] [--benchmark_filter=...]\n");
      return false;
    }
  }
  return true;
}

bool WriteFile(const std::string& folder, const std::string& name,
               const std::string& text) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  std::ofstream out(folder + "/" + name, std::ios::binary);
  out << text;
  if (out.flush()) return true;
  fprintf(stderr, "cannot write %s/%s\n", folder.c_str(), name.c_str());
  return false;
}

std::string Processor() {
  std::ifstream in("/proc/cpuinfo");
  std::string line;
  while (std::getline(in, line)) {
    const size_t colon = line.find(": ");
    if (line.compare(0, 10, "model name") == 0 && colon != line.npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown processor";
}

std::string About() {
  const std::time_t now = std::time(nullptr);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", std::gmtime(&now));
  return "`make bench-codec`, " + std::string(date) + ", " + Processor() +
         ", one core. Pieces of at most " + std::to_string(kPieceSamplesMax) +
         " samples, each measured hot. Every column is decoded and compared "
         "bit for bit.\n";
}

int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Arguments arguments;
  if (!ParseArguments(argc, argv, &arguments)) return 2;
  std::vector<ColumnSet> sets;
  std::string error;
  if (!ReadColumns(arguments.data, &sets, &error)) {
    fprintf(stderr, "%s%s\n", error.c_str(),
            arguments.data_named ? "" : ": generators only");
    if (arguments.data_named) return 1;
    sets.clear();
  }
  if (arguments.generated) {
    for (ColumnSet& set : GeneratedColumns()) {
      set.name = "made: " + set.name;
      sets.push_back(std::move(set));
    }
  }
  std::vector<Kind> kinds = MakeKinds(std::move(sets));
  for (Kind& kind : kinds) Register(&kind, arguments.rounds);
  benchmark::RunSpecifiedBenchmarks();
  const std::vector<ReportSection> sections = SectionsOf(kinds);
  const std::string markdown = MarkdownReport(sections, About());
  if (arguments.out.empty()) return 0;
  return WriteFile(arguments.out, "codec-bench.md", markdown) &&
                 WriteFile(arguments.out, "codec-bench.csv",
                           CsvReport(sections)) &&
                 WriteFile(arguments.out, "codec-bench.svg",
                           SvgReport(sections))
             ? 0
             : 1;
}

}  // namespace
}  // namespace varve::bench

int main(int argc, char** argv) { return varve::bench::Main(argc, argv); }
