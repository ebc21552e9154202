#include "sample_lines.h"

#include <algorithm>
#include <charconv>

namespace {

template <typename Number>
bool ParseWhole(std::string_view text, Number* number) {
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, *number);
  return result.ec == std::errc() && result.ptr == end;
}

// Cuts off what stands before the next `separator`, or all.
std::string_view Cut(char separator, std::string_view* text) {
  const size_t length = std::min(text->find(separator), text->size());
  const std::string_view word = text->substr(0, length);
  text->remove_prefix(std::min(length + 1, text->size()));
  return word;
}

bool ParseLine(std::string_view line, SeriesSamples* samples) {
  const std::string_view series = Cut(' ', &line);
  const std::string_view timestamp = Cut(' ', &line);
  varve::Sample sample;
  if (!IsSeriesName(series) || !ParseNumber(timestamp, &sample.timestamp_ms) ||
      !ParseNumber(line, &sample.value)) {
    return false;
  }
  (*samples)[std::string(series)].push_back(sample);
  return true;
}

}  // namespace

bool IsSeriesName(std::string_view text) {
  return !text.empty() && text.size() <= kSeriesNameMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

bool ParseNumber(std::string_view text, int64_t* number) {
  return ParseWhole(text, number);
}

bool ParseNumber(std::string_view text, double* number) {
  return ParseWhole(text, number);
}

rocksdb::Status ParseSampleLines(std::string_view text,
                                 SeriesSamples* samples) {
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = Cut('\n', &text);
    if (!ParseLine(line, samples)) {
      return rocksdb::Status::InvalidArgument(
          "line " + std::to_string(number) +
          " is not SERIES TIMESTAMP_MS VALUE");
    }
  }
  return rocksdb::Status::OK();
}
