// One line of InfluxDB's line protocol, as "influx_inspect export" writes it
// too:
//
//   measurement,tag=value field=1.5,other=2i,on=true,text="x" 1700000000000000
//
// A comma, a blank or = with a backslash before it is that byte; any other
// backslash is one. Within a text in quotation marks \" and \\ are escapes, and
// a line end is part of it. Integers (1i, 1u) become the nearest float64,
// booleans 1 and 0; strings are counted. Times become milliseconds, rounded
// down. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rocksdb/status.h"
#include "tools/series_text.h"

namespace varve::tools {

// kUnsaid: nanoseconds, but what would lie before 1990 is refused, since it is
// in another unit most likely.
enum class InfluxPrecision {
  kUnsaid,
  kNanos,
  kMicros,
  kMillis,
  kSeconds,
  kMinutes,
  kHours
};

struct InfluxOptions {
  InfluxPrecision precision = InfluxPrecision::kUnsaid;
  // Between measurement and field in the metric's name.
  std::string separator = "_";
  // Whether CONTEXT lines of an export become the labels db and rp.
  bool context_labels = true;
};

struct InfluxField {
  std::string key;
  double value = 0;
};

struct InfluxPoint {
  std::string measurement;
  std::vector<Label> tags;
  std::vector<InfluxField> fields;  // in the line's order; no strings
  uint64_t strings = 0;
  uint64_t rounded_integers = 0;  // that are no float64
  int64_t timestamp_ms = 0;
  bool time_rounded = false;
};

// From "ns", "us", "ms", "s", "m", "h"; "" is kUnsaid.
bool ParseInfluxPrecision(const std::string& name, InfluxPrecision* precision);

// Where the line at the front of `text` ends, a line end within quotation
// marks being none; npos when it does not end there.
class InfluxLineEnd {
 public:
  // `text` begins where it began at the last call, and is no shorter.
  size_t Find(std::string_view text);

 private:
  size_t at_ = 0;
  bool in_fields_ = false;
  bool quoted_ = false;
  uint64_t equals_ = 0, commas_ = 0;
};

// Whether the line begins as such lines do, whatever is wrong with it: a
// series, a blank, and a field's name with = behind it.
bool LooksLikeInflux(std::string_view line);

// False, and *error says why, for a text that is no point.
bool ParseInfluxLine(std::string_view line, InfluxPrecision precision,
                     InfluxPoint* point, std::string* error);

// The front of a series' lines, up to its one field's value:
// "name,label=value value=". InvalidArgument for a series that the protocol
// cannot hold: without a name, with a line end, or with a backslash where it
// would be one of the protocol's own.
rocksdb::Status InfluxLineFront(const std::string& series, std::string* front);

// In nanoseconds, which end in the year 2262.
inline constexpr int64_t kInfluxTimeMaxMillis = 9'223'372'036'854;

}  // namespace varve::tools
