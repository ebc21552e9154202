#include "tools/json_line.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "format/coding/value_bits.h"
#include "tools/json_text.h"
#include "tools/quoted_input.h"
#include "tools/series_text.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

namespace json = simdjson::ondemand;

// The text of a number, true, false or null. A token reaches to the next one:
// blanks are taken off.
std::string_view Token(std::string_view raw) {
  const size_t last = raw.find_last_not_of(" \t\r\n");
  return raw.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// A member of the line as it is read. Each of the functions below leaves
// `error` empty exactly when all went well.
struct Reading {
  explicit Reading(double null) : null_value(null) {}

  std::vector<Label> labels;
  std::vector<int64_t> timestamps_ms;
  std::vector<double> values;
  const double null_value;
  bool has_metric = false, has_timestamps = false, has_values = false;
  std::string error;

  bool Fail(const std::string& why) {
    if (error.empty()) error = why;
    return false;
  }
  bool Fail(simdjson::error_code code) {
    if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT) {
      return Fail(
          "JSON: the line ends within an object or a list; every object is one "
          "line: jq -c . makes it one");
    }
    return Fail(std::string("JSON: ") + simdjson::error_message(code));
  }
};

bool ReadMetric(json::value value, Reading* reading) {
  json::object metric;
  if (value.get_object().get(metric) != simdjson::SUCCESS) {
    return reading->Fail("\"metric\" is not an object");
  }
  for (auto item : metric) {
    json::field field;
    if (const auto code = std::move(item).get(field)) {
      return reading->Fail(code);
    }
    std::string_view name, text;
    if (const auto code = field.unescaped_key().get(name)) {
      return reading->Fail(code);
    }
    reading->labels.push_back({std::string(name), ""});
    if (field.value().get_string().get(text) != simdjson::SUCCESS) {
      return reading->Fail("label " + Quoted(reading->labels.back().name) +
                           " is not a string");
    }
    reading->labels.back().value = std::string(text);
  }
  return true;
}

bool ReadTimestamp(json::value element, Reading* reading) {
  const std::string_view token = Token(element.raw_json_token());
  int64_t timestamp_ms;
  if (!ParseInteger(token, &timestamp_ms)) {
    return reading->Fail(IntegerTimeFault(token));
  }
  reading->timestamps_ms.push_back(timestamp_ms);
  return true;
}

// A bare word is what a text is: VictoriaMetrics 1.79 and Python's json write
// NaN and infinities so.
bool ReadValue(json::value element, Reading* reading) {
  std::string_view text = Token(element.raw_json_token());
  const bool bare = text.empty() || text[0] != '"';
  if (bare && text == "null") {
    reading->values.push_back(reading->null_value);
    return true;
  }
  if (!bare) {
    if (const auto code = element.get_string().get(text)) {
      return reading->Fail(code);
    }
  }
  double value;
  if (!ParseValue(text, &value)) return reading->Fail(ValueFault(text));
  if (bare && std::isnan(value)) value = reading->null_value;
  reading->values.push_back(value);
  return true;
}

template <typename ReadElement>
bool ReadList(const char* name, json::value value, ReadElement read_element,
              Reading* reading) {
  json::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) {
    return reading->Fail(std::string(name) + " is not a list");
  }
  for (auto item : list) {
    json::value element;
    if (const auto code = std::move(item).get(element)) {
      return reading->Fail(code);
    }
    if (!read_element(element, reading)) return false;
  }
  return true;
}

bool ReadMember(json::field field, Reading* reading) {
  std::string_view key;
  if (const auto code = field.unescaped_key().get(key)) {
    return reading->Fail(code);
  }
  auto first = [&](bool* seen) {
    return !std::exchange(*seen, true) ||
           reading->Fail("\"" + std::string(key) + "\" is given twice");
  };
  if (key == "metric") {
    return first(&reading->has_metric) && ReadMetric(field.value(), reading);
  }
  if (key == "timestamps") {
    return first(&reading->has_timestamps) &&
           ReadList("\"timestamps\"", field.value(), ReadTimestamp, reading);
  }
  if (key == "values") {
    return first(&reading->has_values) &&
           ReadList("\"values\"", field.value(), ReadValue, reading);
  }
  return true;
}

bool ReadDocument(json::document* document, Reading* reading) {
  json::object line;
  if (const auto code = document->get_object().get(line)) {
    return code == simdjson::INCORRECT_TYPE ? reading->Fail("JSON: no object")
                                            : reading->Fail(code);
  }
  for (auto item : line) {
    json::field field;
    if (const auto code = std::move(item).get(field)) {
      return reading->Fail(code);
    }
    if (!ReadMember(field, reading)) return false;
  }
  const char* rest = nullptr;
  const bool at_end =
      document->current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
  return at_end || reading->Fail("JSON: text behind the object");
}

bool Check(Reading* reading) {
  if (!reading->has_metric || !reading->has_timestamps ||
      !reading->has_values) {
    return reading->Fail("needs \"metric\", \"values\" and \"timestamps\"");
  }
  if (reading->values.size() != reading->timestamps_ms.size()) {
    return reading->Fail(
        std::to_string(reading->values.size()) + " values and " +
        std::to_string(reading->timestamps_ms.size()) + " timestamps");
  }
  std::vector<std::string> names;
  for (const Label& label : reading->labels) names.push_back(label.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ||
         reading->Fail("label " + Quoted(*twice) + " is given twice");
}

}  // namespace

struct JsonLineParser::Rep {
  json::parser parser;
  std::string padded;
  double null_value = PlainNan();
};

JsonLineParser::JsonLineParser(JsonNull null_value)
    : rep_(std::make_unique<Rep>()) {
  if (null_value == JsonNull::kStaleMarker) {
    rep_->null_value = ValueOf(kStaleMarkerBits);
  }
}
JsonLineParser::~JsonLineParser() = default;

bool JsonLineParser::Parse(std::string_view line, std::string* series,
                           std::vector<Sample>* samples, std::string* error) {
  Reading reading(rep_->null_value);
  std::string& padded = rep_->padded;
  padded.assign(line);
  padded.append(simdjson::SIMDJSON_PADDING, ' ');
  json::document document;
  const auto code =
      rep_->parser.iterate(padded.data(), line.size(), padded.size())
          .get(document);
  if (code != simdjson::SUCCESS) {
    reading.Fail(code);
  } else if (ReadDocument(&document, &reading)) {
    Check(&reading);
  }
  if (!reading.error.empty()) {
    *error = reading.error;
    return false;
  }
  *series = SeriesText(std::move(reading.labels));
  samples->resize(reading.values.size());
  for (size_t i = 0; i < samples->size(); ++i) {
    (*samples)[i] = {reading.timestamps_ms[i], reading.values[i]};
  }
  return true;
}

rocksdb::Status AppendJsonLine(const std::string& series,
                               const int64_t* timestamps_ms,
                               const double* values, size_t count,
                               JsonValues form, std::string* text) {
  if (!simdjson::validate_utf8(series)) {
    return rocksdb::Status::InvalidArgument(
        "series " + rocksdb::Slice(series).ToString(/*hex=*/true) +
        " is not UTF-8, which JSON cannot hold; --format=csv can");
  }
  text->append("{\"metric\":{");
  bool first = true;
  for (const Label& label : SeriesLabels(series)) {
    if (!std::exchange(first, false)) text->push_back(',');
    AppendJsonText(label.name, text);
    text->push_back(':');
    AppendJsonText(label.value, text);
  }
  text->append("},\"values\":[");
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text->push_back(',');
    if (form == JsonValues::kBare) {
      AppendBareValue(values[i], text);
    } else {
      AppendJsonValue(values[i], text);
    }
  }
  text->append("],\"timestamps\":[");
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text->push_back(',');
    text->append(std::to_string(timestamps_ms[i]));
  }
  text->append("]}\n");
  return rocksdb::Status::OK();
}

}  // namespace varve::tools
