// What codec_bench measured, as a Markdown table, as CSV and as a chart.
#pragma once

#include <string>
#include <vector>

namespace varve::bench {

struct Measured {
  std::string method;
  double bits_each = 0;
  double encode_gb_per_s = 0;  // of the raw 64-bit words
  double decode_gb_per_s = 0;
};

struct SetResult {
  std::string set;
  size_t columns = 0;
  size_t samples = 0;
  std::vector<Measured> methods;  // the same ones in every set
};

struct ReportSection {
  std::string title;  // "Values", "Timestamps"
  std::vector<SetResult> sets;
};

std::string MarkdownReport(const std::vector<ReportSection>& sections,
                           const std::string& about);
std::string CsvReport(const std::vector<ReportSection>& sections);
// Bars of bits each by set and method.
std::string SvgReport(const std::vector<ReportSection>& sections);

}  // namespace varve::bench
