#include "tools/input_format.h"

#include <algorithm>

#include "tools/exposition_line.h"
#include "tools/influx_line.h"
#include "tools/quoted_input.h"
#include "tools/value_text.h"
#include "varve/varve.h"

namespace varve::tools {
namespace {

struct Name {
  const char* text;
  InputFormat format;
};

constexpr Name kNames[] = {
    {"auto", InputFormat::kAuto},
    {"csv", InputFormat::kCsv},
    {"jsonl", InputFormat::kJson},
    {"prometheus", InputFormat::kPrometheus},
    {"openmetrics", InputFormat::kOpenMetrics},
    {"influx", InputFormat::kInflux},
    {"tsdb", InputFormat::kTsdb},
    {"whisper", InputFormat::kWhisper},
    {"rrd", InputFormat::kRrd},
};

constexpr char kNoFormat[] = "in no format that import reads";

std::string_view SkipBlanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text;
}

// {"name": or {name: or {'name': or nothing behind the brace: an object of
// JSON, or of what is taken for it.
bool LooksLikeJson(std::string_view line) {
  if (line[0] != '{') return false;
  line = SkipBlanks(line.substr(1));
  if (line.empty() || line[0] == '}' || line[0] == '\'') return true;
  size_t end = line.find_first_of(": ,={}\"");
  if (line[0] == '"') {
    for (end = 1; end < line.size() && line[end] != '"'; ++end) {
      if (line[end] == '\\') ++end;
    }
    if (end >= line.size()) return true;  // cut short
    ++end;
  }
  if (end >= line.size()) return true;
  line = SkipBlanks(line.substr(end));
  return line.empty() || line[0] == ':';
}

// What other programs write and import does not read, by its first bytes; ""
// for all else.
std::string KnownElsewhere(std::string_view line) {
  struct Kind {
    std::string_view magic;
    const char* what;
    const char* program;  // the program that turns it into what import reads
  };
  static constexpr Kind kKinds[] = {
      {{"\xFD"
        "7zXZ",
        5},
       "compressed by xz",
       "xz -dc"},
      {{"BZh", 3}, "compressed by bzip2", "bzip2 -dc"},
      {{"\x04\x22\x4D\x18", 4}, "compressed by lz4", "lz4 -dc"},
      {{"PK\x03\x04", 4}, "a zip archive", "unzip -p"},
      {{"RRD", 4}, "a round robin database", "rrdtool dump"},
      {{"\xFF\xFE", 2}, "UTF-16", "iconv -f UTF-16 -t UTF-8"},
      {{"\xFE\xFF", 2}, "UTF-16", "iconv -f UTF-16 -t UTF-8"},
  };
  for (const Kind& kind : kKinds) {
    if (line.substr(0, kind.magic.size()) != kind.magic) continue;
    return std::string(kNoFormat) + "; it is " + kind.what + ": pipe what '" +
           kind.program + "' makes of it into 'varve import ... -'";
  }
  return "";
}

// A name and then labels or a blank, and nothing that splits a table.
bool IsNearExposition(std::string_view line) {
  if (line.find("},") != std::string_view::npos) return false;
  if (line[0] == '{') return true;
  const size_t end = line.find_first_of("{ ,;\t\"");
  if (end == std::string_view::npos || end == 0) return false;
  return line[end] == '{' || (line[end] == ' ' && line.find_first_of(",;\t") ==
                                                      std::string_view::npos);
}

std::string ExpositionFault(std::string_view line) {
  TimeUnit unit = TimeUnit::kUnknown;
  std::string series, error;
  Sample sample;
  ParseExpositionLine(line, &unit, &series, &sample, &error);
  return std::string(kNoFormat) + "; nearest is Prometheus' text: " + error +
         ": mend the line, or name the format by --input_format=prometheus or "
         "openmetrics";
}

}  // namespace

std::string InputFormatNames() {
  std::string names;
  for (const Name& name : kNames) {
    names += (names.empty() ? "" : ", ") + std::string(name.text);
  }
  return names;
}

bool ParseInputFormat(const std::string& text, InputFormat* format) {
  for (const Name& name : kNames) {
    if (text != name.text) continue;
    *format = name.format;
    return true;
  }
  return false;
}

InputFormat FormatOfFirstLine(std::string_view line, std::string* why) {
  for (const std::string_view head : {"# INFLUXDB EXPORT", "# DDL", "# DML"}) {
    if (line.substr(0, head.size()) == head) return InputFormat::kInflux;
  }
  for (const std::string_view head : {"<?xml", "<!DOCTYPE rrd", "<rrd>"}) {
    if (line.substr(0, head.size()) == head) return InputFormat::kRrd;
  }
  if (line[0] == '#' || LooksLikeExposition(line)) {
    return InputFormat::kOpenMetrics;
  }
  if (LooksLikeJson(line)) return InputFormat::kJson;
  if (LooksLikeInflux(line)) return InputFormat::kInflux;
  *why = KnownElsewhere(line);
  if (!why->empty()) return InputFormat::kAuto;
  if (line[0] == '[') {
    *why = std::string(kNoFormat) +
           "; nearest are lines of JSON: it begins a list, and every line is "
           "an object: jq -c '.[]' makes such lines of a list";
    return InputFormat::kAuto;
  }
  if (IsNearExposition(line)) {
    *why = ExpositionFault(line);
    return InputFormat::kAuto;
  }
  return InputFormat::kCsv;
}

std::string CsvHeaderFault(InputFormat format,
                           const std::vector<std::string>& fields,
                           const std::string& error) {
  const std::string head = format == InputFormat::kAuto
                               ? std::string(kNoFormat) + "; nearest is CSV: "
                               : "";
  if (!error.empty()) {
    return head + error + "; the header is " + kCsvHeader;
  }
  int64_t timestamp_ms;
  double value;
  if (fields.size() == 3 && ParseInteger(fields[1], &timestamp_ms) &&
      ParseValue(fields[2], &value)) {
    return head + "it has no header: put the line " + kCsvHeader +
           " before its first record";
  }
  std::string line;
  for (const std::string& field : fields) {
    line += (line.empty() ? "" : ",") + field;
  }
  if (fields.size() == 1 && line.find_first_of(";\t") != line.npos) {
    return head + "the fields of " + Quoted(line) +
           " are not split by commas: the header is " + kCsvHeader;
  }
  return head + "its first line " + Quoted(line) + " is not the header " +
         kCsvHeader + ": put that header there, and no other columns";
}

}  // namespace varve::tools
