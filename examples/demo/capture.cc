#include "examples/demo/capture.h"

#include <simdjson.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

namespace demo {
namespace {

using rocksdb::Status;
namespace json = simdjson::dom;

Status ReadCompressed(const std::string& path, std::string* text) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::IOError("cannot read " + path);
  const std::string bytes((std::istreambuf_iterator<char>(file)),
                          std::istreambuf_iterator<char>());
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  ZSTD_inBuffer in = {bytes.data(), bytes.size(), 0};
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  size_t left = 1;
  while (in.pos < in.size && !ZSTD_isError(left)) {
    ZSTD_outBuffer out = {&chunk[0], chunk.size(), 0};
    left = ZSTD_decompressStream(context, &out, &in);
    text->append(chunk, 0, out.pos);
  }
  ZSTD_freeDCtx(context);
  if (left == 0) return Status::OK();
  return Status::Corruption(path + " is not a whole zstd file");
}

std::string SeriesName(const json::object& metric) {
  std::map<std::string, std::string> labels;
  for (const auto field : metric) {
    std::string value;
    for (const char c : std::string_view(field.value.get_string())) {
      if (c == '"' || c == '\\') value.push_back('\\');
      value.append(c == '\n' ? "\\n" : std::string(1, c));
    }
    labels[std::string(field.key)] = value;
  }
  std::string name = labels["__name__"];
  labels.erase("__name__");
  char separator = '{';
  for (const auto& [label, value] : labels) {
    name += separator + label + "=\"" + value + "\"";
    separator = ',';
  }
  return labels.empty() ? name : name + "}";
}

double ParseNumber(std::string_view text) {
  double value = std::numeric_limits<double>::quiet_NaN();
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

CapturedSeries ReadLine(const json::element& line) {
  CapturedSeries series;
  series.name = SeriesName(line["metric"]);
  const json::array timestamps = line["timestamps"];
  auto timestamp = timestamps.begin();
  for (const json::element value : json::array(line["values"])) {
    series.samples.push_back(
        {int64_t{*timestamp}, ParseNumber(value.get_string())});
    ++timestamp;
  }
  return series;
}

}  // namespace

Status ReadCapture(const std::string& path, Capture* capture) {
  std::string text;
  const Status status = ReadCompressed(path, &text);
  if (!status.ok()) return status;
  try {
    json::parser parser;
    for (const json::element line : parser.parse_many(text)) {
      capture->series.push_back(ReadLine(line));
    }
  } catch (const simdjson::simdjson_error& error) {
    return Status::Corruption(path, error.what());
  }
  capture->first_ms = std::numeric_limits<int64_t>::max();
  for (const CapturedSeries& series : capture->series) {
    capture->sample_count += series.samples.size();
    if (series.samples.empty()) continue;
    capture->first_ms =
        std::min(capture->first_ms, series.samples.front().timestamp_ms);
    capture->last_ms =
        std::max(capture->last_ms, series.samples.back().timestamp_ms);
  }
  return Status::OK();
}

}  // namespace demo
