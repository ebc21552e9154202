// One sample of Prometheus' text format or OpenMetrics, which must carry its
// timestamp:
//
//   name{a="b"} 1.5 1700000000000              milliseconds: Prometheus
//   name{a="b"} 1.5 1700000000.123 # {} 1      seconds: OpenMetrics, exemplar
//   {"name with blanks",a="b"} 1.5 1700000000.123
//
// The series is the canonical text of series_text.h. Values are what
// ParseValue reads. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "varve/varve.h"

namespace varve::tools {

// The one error of a line that is whole but for its timestamp.
inline constexpr char kNoTimestampError[] = "no timestamp behind the value";

enum class TimeUnit { kUnknown, kMillis, kSeconds };

// Whether the line holds no sample: empty, or a comment.
bool IsExpositionComment(std::string_view line);

// Whether the line begins as such lines do, whatever is wrong with it: a series
// with labels, or a name and a number behind it.
bool LooksLikeExposition(std::string_view line);

// False, and *error says why, for a text that is not such a line. *unit
// kUnknown is settled by this line, unless its time lies before 1970: whole
// numbers of 11 digits and more are milliseconds, all else seconds.
bool ParseExpositionLine(std::string_view line, TimeUnit* unit,
                         std::string* series, Sample* sample,
                         std::string* error);

// A series as such lines begin with it, up to the blank before the value.
// InvalidArgument when it is not UTF-8.
rocksdb::Status ExpositionName(const std::string& series, std::string* name);

// Seconds with exactly the milliseconds of the timestamp.
void AppendSeconds(int64_t timestamp_ms, std::string* text);

}  // namespace varve::tools
