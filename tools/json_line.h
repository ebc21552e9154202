// One line of VictoriaMetrics' export format:
//
//   {"metric":{"__name__":"up","job":"a"},"values":[1,"inf",null],
//    "timestamps":[1000,2000,3000]}
//
// A value is what ParseValue reads, in quotation marks or bare, or null (NaN).
// Other members are skipped.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "varve/varve.h"

namespace varve::tools {

// What null and a bare NaN are read as. VictoriaMetrics stores no NaN but
// stale markers, and prints them so.
enum class JsonNull { kPlainNan, kStaleMarker };

class JsonLineParser {
 public:
  explicit JsonLineParser(JsonNull null_value = JsonNull::kPlainNan);
  ~JsonLineParser();

  // Replaces *series and *samples. False, and *error says why, when the line
  // is not as above, one of its values is bad, or the lists differ in length.
  bool Parse(std::string_view line, std::string* series,
             std::vector<Sample>* samples, std::string* error);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

// kBare is not JSON where a value is not finite: AppendBareValue.
enum class JsonValues { kJson, kBare };

// Appends such a line. InvalidArgument when the series is not UTF-8, which
// JSON cannot hold.
rocksdb::Status AppendJsonLine(const std::string& series,
                               const int64_t* timestamps_ms,
                               const double* values, size_t count,
                               JsonValues form, std::string* text);

}  // namespace varve::tools
