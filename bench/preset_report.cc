// See preset_report.h.
#include "bench/preset_report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace varve::bench {
namespace {

double Mb(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

double Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace

void PrintHeading() {
  std::printf(
      "| preset, partition | write amplification | CPU s | largest compaction "
      "MB | space, peak | space, end | old partitions read MB | sorted runs, "
      "mean / most | newest sample us, KiB | hour us, KiB | day us, KiB |\n"
      "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
}

void PrintResult(const PresetResult& r) {
  std::printf(
      "| %s | %.2f | %.1f | %.1f | %.2f | %.2f | %.1f | %.1f / %.0f | %.0f, "
      "%.0f | %.0f, %.0f | %.0f, %.0f |\n",
      r.name.c_str(), Ratio(r.flushed + r.written, r.flushed), r.cpu_s,
      Mb(r.largest), r.peak_amplification, Ratio(r.end, r.compacted),
      Mb(r.old_read), r.runs, r.runs_most, r.last.us(), r.last.kib(),
      r.hour.us(), r.hour.kib(), r.day.us(), r.day.kib());
  std::fflush(stdout);
}

bool WriteResults(const std::string& path,
                  const std::vector<PresetResult>& results) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  std::fprintf(
      file,
      "compaction,partition,samples,flushes,compactions,flushed_bytes,"
      "compacted_bytes_written,compaction_cpu_s,largest_compaction_bytes,"
      "peak_bytes,peak_amplification,end_bytes,fully_compacted_bytes,"
      "old_bytes_read,runs,runs_most,last_us,last_kib,hour_us,hour_kib,day_us,"
      "day_kib\n");
  for (const PresetResult& r : results) {
    std::string name = r.name;
    name.erase(std::remove(name.begin(), name.end(), ' '), name.end());
    std::fprintf(file,
                 "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                 ",%.2f,%" PRIu64 ",%" PRIu64 ",%.3f,%" PRIu64 ",%" PRIu64
                 ",%" PRIu64 ",%.1f,%.0f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f\n",
                 name.c_str(), r.samples, r.flushes, r.compactions, r.flushed,
                 r.written, r.cpu_s, r.largest, r.peak, r.peak_amplification,
                 r.end, r.compacted, r.old_read, r.runs, r.runs_most,
                 r.last.us(), r.last.kib(), r.hour.us(), r.hour.kib(),
                 r.day.us(), r.day.kib());
  }
  return std::fclose(file) == 0;
}

}  // namespace varve::bench
