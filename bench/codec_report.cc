// See codec_report.h.
#include "bench/codec_report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace varve::bench {
namespace {

__attribute__((format(printf, 2, 3))) void Print(std::string* out,
                                                 const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  *out += text;
}

// Three figures of any size.
std::string Figures(double value) {
  char text[32];
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// The arithmetic mean of bits, the geometric mean of speeds, over the sets.
SetResult MeanOf(const ReportSection& section) {
  SetResult mean;
  mean.set = "mean";
  const auto n = static_cast<double>(section.sets.size());
  for (size_t m = 0; m < section.sets[0].methods.size(); ++m) {
    Measured all;
    all.method = section.sets[0].methods[m].method;
    for (const SetResult& set : section.sets) {
      all.bits_each += set.methods[m].bits_each / n;
      all.encode_gb_per_s += std::log(set.methods[m].encode_gb_per_s) / n;
      all.decode_gb_per_s += std::log(set.methods[m].decode_gb_per_s) / n;
    }
    all.encode_gb_per_s = std::exp(all.encode_gb_per_s);
    all.decode_gb_per_s = std::exp(all.decode_gb_per_s);
    mean.methods.push_back(all);
  }
  for (const SetResult& set : section.sets) {
    mean.columns += set.columns;
    mean.samples += set.samples;
  }
  return mean;
}

void AppendRow(const SetResult& set, std::string* out) {
  Print(out, "| %s | %zu | %zu |", set.set.c_str(), set.columns, set.samples);
  for (const Measured& m : set.methods) {
    Print(out, " %s | %s / %s |", Figures(m.bits_each).c_str(),
          Figures(m.encode_gb_per_s).c_str(),
          Figures(m.decode_gb_per_s).c_str());
  }
  *out += "\n";
}

// The first methods of a section are the baselines.
constexpr size_t kBaselines = 2;

// Whether a profile loses against a baseline, and by what.
void AppendLosses(const SetResult& set, bool* none, std::string* out) {
  for (size_t p = kBaselines; p < set.methods.size(); ++p) {
    const Measured& profile = set.methods[p];
    for (size_t b = 0; b < kBaselines; ++b) {
      const Measured& baseline = set.methods[b];
      const bool larger = profile.bits_each > baseline.bits_each;
      const bool slower = profile.decode_gb_per_s < baseline.decode_gb_per_s;
      if (!larger && !slower) continue;
      *none = false;
      Print(out, "| %s | %s | %s | %s | %s |\n", set.set.c_str(),
            profile.method.c_str(), baseline.method.c_str(),
            larger ? (Figures(profile.bits_each) + " > " +
                      Figures(baseline.bits_each))
                         .c_str()
                   : "",
            slower ? (Figures(profile.decode_gb_per_s) + " < " +
                      Figures(baseline.decode_gb_per_s))
                         .c_str()
                   : "");
    }
  }
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

constexpr const char* kColours[] = {"#b8b8b8", "#8c8c8c", "#7fb3d5", "#2874a6",
                                    "#154360"};
constexpr int kNameWidth = 250;
constexpr int kBarsWidth = 520;
constexpr int kBarHeight = 8;
constexpr int kWidth = kNameWidth + kBarsWidth + 70;
constexpr double kBitsMax = 64;

// Bits of timestamps span three powers of ten: a root brings them together.
double BarWidth(double bits) {
  return std::sqrt(std::min(bits, kBitsMax) / kBitsMax) * kBarsWidth;
}

int AppendSection(const ReportSection& section, int y, std::string* out) {
  Print(out,
        "<text x=\"8\" y=\"%d\" font-size=\"15\" font-weight=\"bold\">%s: bits "
        "each (root scale)</text>\n",
        y + 16, section.title.c_str());
  y += 26;
  int x = 8;
  const auto& methods = section.sets[0].methods;
  for (size_t m = 0; m < methods.size(); ++m) {
    Print(out,
          "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" "
          "fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
          x, y, kColours[m % 5], x + 14, y + 9,
          Escaped(methods[m].method).c_str());
    x += 130;
  }
  y += 20;
  for (const SetResult& set : section.sets) {
    const int height = static_cast<int>(set.methods.size()) * kBarHeight;
    Print(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
          kNameWidth - 8, y + height / 2 + 4, Escaped(set.set).c_str());
    for (size_t m = 0; m < set.methods.size(); ++m) {
      const double width = BarWidth(set.methods[m].bits_each);
      Print(out,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
            "fill=\"%s\"/><text x=\"%.1f\" y=\"%d\" "
            "font-size=\"8\">%s</text>\n",
            kNameWidth, y, width, kBarHeight - 1, kColours[m % 5],
            kNameWidth + width + 3, y + kBarHeight - 1,
            Figures(set.methods[m].bits_each).c_str());
      y += kBarHeight;
    }
    y += 8;
  }
  return y + 14;
}

}  // namespace

std::string MarkdownReport(const std::vector<ReportSection>& sections,
                           const std::string& about) {
  std::string out = "# Codec benchmark\n\n" + about + "\n";
  for (const ReportSection& section : sections) {
    out += "\n## " + section.title +
           "\n\nBits each | encode / decode in GB/s of the raw words.\n\n"
           "| set | columns | samples |";
    std::string rule = "|---|--:|--:|";
    for (const Measured& m : section.sets[0].methods) {
      out += " " + m.method + " | GB/s |";
      rule += "--:|--:|";
    }
    out += "\n" + rule + "\n";
    for (const SetResult& set : section.sets) AppendRow(set, &out);
    if (section.sets.size() > 1) AppendRow(MeanOf(section), &out);
  }
  for (const ReportSection& section : sections) {
    out += "\n## Losing cases: " + section.title +
           "\n\nSets of which a profile is larger, or is decoded more slowly, "
           "than a baseline. XOR and delta of delta also encode faster than "
           "any profile on nearly every set: see above.\n\n"
           "| set | profile | against | bits each | decode, GB/s |\n"
           "|---|---|---|---|---|\n";
    bool none = true;
    for (const SetResult& set : section.sets) AppendLosses(set, &none, &out);
    if (none) out += "| none | | | | |\n";
  }
  return out;
}

std::string CsvReport(const std::vector<ReportSection>& sections) {
  std::string out =
      "kind,set,columns,samples,method,bits_each,encode_gb_per_s,"
      "decode_gb_per_s\n";
  for (const ReportSection& section : sections) {
    for (const SetResult& set : section.sets) {
      for (const Measured& m : set.methods) {
        Print(&out, "%s,\"%s\",%zu,%zu,%s,%.4f,%.3f,%.3f\n",
              section.title.c_str(), set.set.c_str(), set.columns, set.samples,
              m.method.c_str(), m.bits_each, m.encode_gb_per_s,
              m.decode_gb_per_s);
      }
    }
  }
  return out;
}

std::string SvgReport(const std::vector<ReportSection>& sections) {
  std::string bars;
  int y = 8;
  for (const ReportSection& section : sections) {
    y = AppendSection(section, y, &bars);
  }
  std::string out;
  Print(&out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "font-family=\"sans-serif\" font-size=\"11\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        kWidth, y);
  return out + bars + "</svg>\n";
}

}  // namespace varve::bench
