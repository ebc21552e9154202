// The text that the service takes samples in, a sample a line:
//
//   SERIES TIMESTAMP_MS VALUE
//
// with single blanks; VALUE as strtod reads it, or nan, inf, -inf. A series'
// name is 1 to kSeriesNameMax printable characters of ASCII without blanks.
// Any bytes are safe to pass.
#pragma once

#include <rocksdb/status.h>
#include <varve/varve.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

constexpr size_t kSeriesNameMax = 256;

// The samples of each series in the order of their lines.
using SeriesSamples = std::map<std::string, std::vector<varve::Sample>>;

bool IsSeriesName(std::string_view text);

// The whole of `text` and nothing else.
bool ParseNumber(std::string_view text, int64_t* number);
bool ParseNumber(std::string_view text, double* number);

// InvalidArgument names the first line that is not as above.
rocksdb::Status ParseSampleLines(std::string_view text, SeriesSamples* samples);
