// The format of a file of samples, told by its first line. Goes by how the line
// begins, not by whether it is right: a first line that is bad in its format is
// a bad line of that format, like any other. What begins as no format does is
// refused, with the format that it is nearest to and what is wrong with it.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace varve::tools {

inline constexpr char kCsvHeader[] = "series,timestamp_ms,value";

// kPrometheus and kOpenMetrics differ in the unit of timestamps; kAuto takes it
// from the first one (see exposition_line.h).
enum class InputFormat {
  kAuto,
  kCsv,
  kJson,
  kPrometheus,
  kOpenMetrics,
  kInflux,
  kTsdb,     // a directory of Prometheus' blocks
  kWhisper,  // a file or a directory
  kRrd
};

// All of them by name: "auto, csv, ...".
std::string InputFormatNames();

// From one of those names.
bool ParseInputFormat(const std::string& name, InputFormat* format);

// kCsv for what may hold a CSV header, which is the caller's to read;
// kOpenMetrics for both formats of Prometheus. kAuto, and *why says what the
// line is nearest to and what to do, for a file that is in none of them.
// REQUIRES: `line` is not empty and begins with no blank.
InputFormat FormatOfFirstLine(std::string_view line, std::string* why);

// Why the first record of a file that is CSV, or is taken for it (kAuto), is
// not the header, and what to do. `error`: of a record that cannot be read.
std::string CsvHeaderFault(InputFormat format,
                           const std::vector<std::string>& fields,
                           const std::string& error);

}  // namespace varve::tools
