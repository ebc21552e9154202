// varve_bench: db_bench for samples. Flags and report lines are db_bench's
// where they mean the same: see bench_flags.h.
#include <gflags/gflags.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/samples/bench_flags.h"
#include "bench/samples/bench_report.h"
#include "bench/samples/layout.h"
#include "bench/samples/workloads.h"
#include "tools/command.h"
#include "tools/standard_streams.h"

DECLARE_string(benchmarks);
DECLARE_string(layout);
DECLARE_string(compression_type);
DECLARE_string(table);
DECLARE_string(policy);
DECLARE_string(mix);
DECLARE_string(csv);
DECLARE_string(label);
DECLARE_bool(use_existing_db);
DECLARE_bool(disable_wal);
DECLARE_bool(statistics);
DECLARE_uint64(cache_size);

namespace varve::bench {
namespace {

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
      static_cast<unsigned long long>(DataSetSamples(options)),
      options.stream.series,
      static_cast<unsigned long long>(options.stream.interval_ms),
      static_cast<unsigned long long>(options.stream.jitter_ms),
      FLAGS_mix.c_str(), options.samples_per_op, options.ops_per_batch,
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
  for (const std::string& name : SplitList(FLAGS_benchmarks)) {
    Result result;
    Status status;
    if (WantsFreshDatabase(name)) {
      if (FLAGS_use_existing_db) {
        std::printf("%-12s : skipped (--use_existing_db is true)\n",
                    name.c_str());
        continue;
      }
      status = layout->StartFresh();
      if (!status.ok()) return status;
    }
    status = RunWorkload(name, options, layout, &result);
    if (status.IsNotSupported()) {
      std::printf("%-12s : not by the layout %s\n", name.c_str(),
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

int ReportError(int code, const std::string& message) {
  std::fprintf(stderr, "varve_bench: %s\n", message.c_str());
  return code;
}

int Main(const std::vector<std::string>& words) {
  LayoutOptions layout_options;
  WorkloadOptions options;
  std::string text;
  switch (ReadCommandLine(words, &layout_options, &options, &text)) {
    case CommandLine::kWrong:
      return ReportError(tools::kUsage, text + "; see 'varve_bench --help'");
    case CommandLine::kPrint:
      std::fputs(text.c_str(), stdout);
      return tools::kOk;
    case CommandLine::kRun:
      break;
  }
  std::unique_ptr<Layout> layout;
  // Writes nothing: a file that cannot be written shows now.
  Status status = AppendCsv("");
  if (status.ok()) status = Layout::Open(FLAGS_layout, layout_options, &layout);
  if (status.ok()) {
    PrintHead(options);
    status = RunAll(options, layout.get());
  }
  if (!status.ok()) {
    const bool is_usage = status.IsInvalidArgument();
    return ReportError(is_usage ? tools::kUsage : tools::kFailed,
                       is_usage ? status.getState() : status.ToString());
  }
  if (FLAGS_statistics) {
    std::printf("STATISTICS:\n%s\n", layout->statistics()->ToString().c_str());
  }
  return tools::kOk;
}

}  // namespace
}  // namespace varve::bench

int main(int argc, char** argv) {
  varve::tools::OccupyClosedStreams();
  return varve::tools::FinishOutput(
      "varve_bench",
      varve::bench::Main(std::vector<std::string>(argv + 1, argv + argc)));
}
