// The tables and the chart of ageing_bench: see ageing_account.h.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/ageing_account.h"

namespace varve::bench {
namespace {

constexpr int64_t kCsvDays = 5;
const char* const kColours[] = {"#1f77b4", "#2ca02c", "#17becf", "#9467bd",
                                "#d62728", "#ff7f0e", "#8c564b", "#7f7f7f"};

double Ratio(uint64_t a, uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

double Mb(uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

std::string RatioText(uint64_t a, uint64_t b) {
  if (b == 0) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", Ratio(a, b));
  return text;
}

void WriteRuns(std::FILE* md, const std::vector<AgeingResult>& results) {
  std::fprintf(md,
               "| | flushed MB | RocksDB's own compactions, written MB | for "
               "ageing, read MB | of it due MB | read / due | written MB | "
               "write amplification of a sample's life | disk, most MB | disk, "
               "end MB |\n"
               "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const AgeingResult& r : results) {
    std::fprintf(md,
                 "| %s | %.1f | %.1f | %.1f | %.1f | %s | %.1f | %.2f | %.1f | "
                 "%.1f |\n",
                 r.name.c_str(), Mb(r.flushed), Mb(r.own_written), Mb(r.read),
                 Mb(r.due()), RatioText(r.read, r.due()).c_str(), Mb(r.written),
                 Ratio(r.flushed + r.own_written + r.written, r.flushed),
                 Mb(r.disk_most), Mb(r.disk_end));
  }
}

void WriteTiers(std::FILE* md, const std::vector<AgeingResult>& results) {
  std::fprintf(md,
               "| | tier | due MB | read for it MB | read / due | done in "
               "passing MB | read / due or done in passing | lag, mean days | "
               "lag, longest |\n"
               "|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const AgeingResult& r : results) {
    for (const TierAccount& tier : r.tiers) {
      const double days = tier.lag_bytes == 0
                              ? 0
                              : tier.lag_sum /
                                    static_cast<double>(tier.lag_bytes) /
                                    static_cast<double>(kMillisPerDay);
      std::fprintf(
          md, "| %s | %s | %.2f | %.2f | %s | %.2f | %s | %.1f | %.1f |\n",
          r.name.c_str(), tier.rule.c_str(), Mb(tier.due), Mb(tier.read),
          RatioText(tier.read, tier.due).c_str(), Mb(tier.in_passing),
          RatioText(tier.read, tier.due + tier.in_passing).c_str(), days,
          static_cast<double>(tier.lag_ms_most) /
              static_cast<double>(kMillisPerDay));
    }
  }
}

void WriteDrops(std::FILE* md, const std::vector<AgeingResult>& results) {
  std::fprintf(md,
               "| | dropped in the 400 days | MB | dropped afterwards | MB | "
               "jobs that rewrite | SST bytes read and written | left MB |\n"
               "|---|--:|--:|--:|--:|--:|--:|--:|\n");
  for (const AgeingResult& r : results) {
    if (r.end_drops + r.end_rewrites == 0) continue;
    std::fprintf(md,
                 "| %s | %" PRIu64 " | %.2f | %" PRIu64 " | %.2f | %" PRIu64
                 " | %" PRIu64 " | %.2f |\n",
                 r.name.c_str(), r.drops, Mb(r.dropped), r.end_drops,
                 Mb(r.end_dropped), r.end_rewrites, r.end_io, Mb(r.end_left));
  }
}

void WriteCsv(std::FILE* csv, const std::vector<AgeingResult>& results) {
  std::fprintf(csv, "setup,day,disk_bytes,ageing_bytes_read_and_written\n");
  for (const AgeingResult& r : results) {
    for (const AgeingDay& day : r.days) {
      if ((day.day + 1) % kCsvDays != 0) continue;
      std::fprintf(csv, "\"%s\",%" PRId64 ",%" PRIu64 ",%" PRIu64 "\n",
                   r.name.c_str(), day.day, day.disk_bytes, day.rewritten);
    }
  }
}

constexpr double kWidth = 640, kHeight = 240, kLeft = 50, kTop = 20;

// One panel: a line a setup, of what `value` gives.
template <typename Value>
void WritePanel(std::FILE* svg, const char* title, double top,
                const std::vector<AgeingResult>& results, const Value& value) {
  uint64_t most = 1;
  int64_t days = 1;
  for (const AgeingResult& r : results) {
    for (const AgeingDay& day : r.days) {
      most = std::max<uint64_t>(most, value(day));
      days = std::max(days, day.day + 1);
    }
  }
  std::fprintf(svg,
               "<text x=\"%g\" y=\"%g\">%s (top: %.1f, right: day %" PRId64
               ")</text>\n<path d=\"M%g %g V%g H%g\" fill=\"none\" "
               "stroke=\"#888\"/>\n",
               kLeft, top - 6, title, Mb(most), days, kLeft, top, top + kHeight,
               kLeft + kWidth);
  for (size_t i = 0; i < results.size(); ++i) {
    const char* const colour =
        kColours[i % (sizeof kColours / sizeof *kColours)];
    std::fprintf(svg, "<polyline fill=\"none\" stroke=\"%s\" points=\"",
                 colour);
    for (const AgeingDay& day : results[i].days) {
      if (day.day % 2 != 0) continue;
      std::fprintf(svg, "%.0f,%.1f ",
                   kLeft + kWidth * static_cast<double>(day.day) /
                               static_cast<double>(days),
                   top + kHeight * (1 - Ratio(value(day), most)));
    }
    std::fprintf(svg, "\"/>\n<text x=\"%g\" y=\"%g\" fill=\"%s\">%s</text>\n",
                 kLeft + kWidth + 8, top + 16.0 * static_cast<double>(i + 1),
                 colour, results[i].name.c_str());
  }
}

void WriteChart(std::FILE* svg, const std::vector<AgeingResult>& results) {
  std::fprintf(svg,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" "
               "height=\"%g\" font-family=\"sans-serif\" font-size=\"12\">\n",
               kWidth + kLeft + 240, 2 * (kHeight + 2 * kTop));
  WritePanel(svg, "MB on disk", kTop, results,
             [](const AgeingDay& day) { return day.disk_bytes; });
  WritePanel(svg, "MB read and written for ageing, so far", 3 * kTop + kHeight,
             results, [](const AgeingDay& day) { return day.rewritten; });
  std::fprintf(svg, "</svg>\n");
}

}  // namespace

bool WriteAgeingReport(const std::string& folder, const std::string& intro,
                       const std::vector<AgeingResult>& results) {
  std::FILE* const md = std::fopen((folder + "/ageing.md").c_str(), "w");
  if (md == nullptr) return false;
  std::fprintf(md, "# What ageing costs\n\n%s\n\n", intro.c_str());
  WriteRuns(md, results);
  std::fprintf(
      md,
      "\nBy tier. 'Due' is what the files that were rewritten held of data "
      "that "
      "was old enough for the tier and not yet thinned to it, 'read for it' is "
      "those files, whole; a file with data due for two tiers is shared out. "
      "'In passing': what RocksDB's own compactions thinned along their way; "
      "such data is read once more with the rest of its file and is no longer "
      "due, which is most of what partition=month reads beyond what is due. "
      "The lag is that of a file's oldest data, from due to done; a look once "
      "a day is in it.\n\n");
  WriteTiers(md, results);
  std::fprintf(md,
               "\n![Disk and rewriting over time](ageing.svg)\n\n## The year's "
               "end\n\nAfter the last day nothing is written any more, the "
               "tiers are taken away, and the clock moves a month at a time "
               "until everything has expired: all that is left to do is to "
               "drop. Bytes of SST files are counted where the file system "
               "reads and writes them.\n\n");
  WriteDrops(md, results);
  std::fclose(md);
  std::FILE* const csv = std::fopen((folder + "/ageing.csv").c_str(), "w");
  if (csv == nullptr) return false;
  WriteCsv(csv, results);
  std::fclose(csv);
  std::FILE* const svg = std::fopen((folder + "/ageing.svg").c_str(), "w");
  if (svg == nullptr) return false;
  WriteChart(svg, results);
  std::fclose(svg);
  return true;
}

}  // namespace varve::bench
