#include "tools/exposition_line.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "tools/quoted_input.h"
#include "tools/series_text.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

constexpr std::string_view kBlanks = " \t\r";

// Of the year 2286 as seconds and of April 1970 as milliseconds.
constexpr size_t kMillisDigits = 11;

std::string_view TrimLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

// Takes the next word off the front.
std::string_view TakeWord(std::string_view* text) {
  *text = TrimLeft(*text);
  const size_t end = std::min(text->find_first_of(kBlanks), text->size());
  const std::string_view word = text->substr(0, end);
  text->remove_prefix(end);
  return word;
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (c >= '0' && c <= '9') || c == ':' || c == '.' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view TakeName(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && IsNameByte((*text)[end])) ++end;
  const std::string_view name = text->substr(0, end);
  text->remove_prefix(end);
  return name;
}

bool Take(std::string_view* text, char c) {
  *text = TrimLeft(*text);
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// A text in quotation marks, its escapes resolved.
bool TakeQuoted(std::string_view* text, std::string* value) {
  if (!Take(text, '"')) return false;
  for (size_t i = 0; i < text->size(); ++i) {
    char c = (*text)[i];
    if (c == '"') {
      text->remove_prefix(i + 1);
      return true;
    }
    if (c == '\\' && i + 1 < text->size()) {
      c = (*text)[++i];
      if (c == 'n')
        c = '\n';
      else if (c != '"' && c != '\\')
        value->push_back('\\');
    }
    value->push_back(c);
  }
  return false;
}

// Where `rest` of a line begins, for a message.
std::string At(std::string_view rest) {
  return rest.empty() ? "at the line's end" : "at " + Quoted(rest);
}

// name="value", "name"="value", or "name": the metric's.
bool TakeLabel(std::string_view* text, Label* label, std::string* error) {
  *text = TrimLeft(*text);
  const std::string_view begin = *text;
  const bool quoted = !text->empty() && text->front() == '"';
  if (quoted) {
    if (!TakeQuoted(text, &label->name)) {
      *error = "a quotation mark is not closed " + At(begin);
      return false;
    }
  } else {
    label->name = TakeName(text);
  }
  if (label->name.empty() && !quoted) {
    *error = "no label's name " + At(begin);
    return false;
  }
  if (Take(text, '=')) {
    *text = TrimLeft(*text);
    if (TakeQuoted(text, &label->value)) return true;
    *error = "label " + Quoted(label->name) +
             " has no value in quotation marks " + At(*text);
    return false;
  }
  if (!quoted) {
    *error = "label " + Quoted(label->name) + " has no = " + At(*text);
    return false;
  }
  label->value = std::exchange(label->name, kMetricNameLabel);
  return true;
}

bool TakeLabels(std::string_view* text, std::vector<Label>* labels,
                std::string* error) {
  if (!Take(text, '{')) return true;
  while (!Take(text, '}')) {
    Label label;
    if (!TakeLabel(text, &label, error)) return false;
    labels->push_back(std::move(label));
    if (Take(text, ',')) continue;
    if (Take(text, '}')) return true;
    *error = "no , or } behind a label " + At(*text);
    return false;
  }
  return true;
}

// name{label="value",...}, the name first.
bool TakeSeries(std::string_view* text, std::vector<Label>* labels,
                std::string* error) {
  *text = TrimLeft(*text);
  const std::string_view name = TakeName(text);
  if (!name.empty()) labels->push_back({kMetricNameLabel, std::string(name)});
  if (!TakeLabels(text, labels, error)) return false;
  if (!labels->empty()) return true;
  *error = "no name{label=\"value\",...} at its front";
  return false;
}

bool HasDoubles(const std::vector<Label>& labels, std::string* name) {
  std::vector<std::string> names;
  for (const Label& label : labels) names.push_back(label.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return false;
  *name = *twice;
  return true;
}

// Whole seconds and up to three decimals exactly, without a float64 between;
// other forms ("1.7e9", more decimals) rounded to the next millisecond.
bool ParseSeconds(std::string_view text, int64_t* timestamp_ms) {
  const size_t dot = std::min(text.find('.'), text.size());
  std::string_view decimals = text.substr(std::min(dot + 1, text.size()));
  int64_t whole = 0;
  constexpr int64_t kSecondsMax = kTimestampMax / 1000 + 1;
  if (decimals.size() <= 3 && ParseInteger(text.substr(0, dot), &whole) &&
      whole >= 0 && whole <= kSecondsMax && text[0] != '-' &&
      std::all_of(decimals.begin(), decimals.end(),
                  [](char c) { return c >= '0' && c <= '9'; })) {
    std::string millis(decimals);
    millis.resize(3, '0');
    *timestamp_ms = whole * 1000 + std::stoi(millis);
    return true;
  }
  double seconds = 0;
  if (!ParseValue(text, &seconds) || !std::isfinite(seconds)) return false;
  const double rounded = std::round(seconds * 1000);
  if (std::abs(rounded) > 9e15) return false;
  *timestamp_ms = static_cast<int64_t>(rounded);
  return true;
}

// Settles the unit unless the time lies before 1970, where nothing is stored.
// Both formats have a sign before numbers.
bool ParseTimestamp(std::string_view text, TimeUnit* unit,
                    int64_t* timestamp_ms) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') {
    text.remove_prefix(1);
  }
  TimeUnit settled = *unit;
  if (settled == TimeUnit::kUnknown) {
    const bool whole =
        text.find_first_not_of("0123456789") == std::string_view::npos;
    settled = whole && text.size() >= kMillisDigits ? TimeUnit::kMillis
                                                    : TimeUnit::kSeconds;
  }
  const bool parsed = settled == TimeUnit::kMillis
                          ? ParseInteger(text, timestamp_ms)
                          : ParseSeconds(text, timestamp_ms);
  if (parsed && *timestamp_ms >= 0) *unit = settled;
  return parsed;
}

bool IsLegalName(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsNameByte(c) && c != '.' &&
                  static_cast<unsigned char>(c) < 0x80;
         });
}

}  // namespace

bool IsExpositionComment(std::string_view line) {
  const std::string_view text = TrimLeft(line);
  return text.empty() || text[0] == '#';
}

bool LooksLikeExposition(std::string_view line) {
  std::vector<Label> labels;
  std::string error;
  double value;
  if (!TakeSeries(&line, &labels, &error)) return false;
  const bool ends = line.empty() || kBlanks.find(line[0]) != kBlanks.npos;
  const bool labelled = labels.size() > 1 || labels[0].name != kMetricNameLabel;
  return (labelled && ends) || ParseValue(TakeWord(&line), &value);
}

bool ParseExpositionLine(std::string_view line, TimeUnit* unit,
                         std::string* series, Sample* sample,
                         std::string* error) {
  std::string_view rest = line;
  std::vector<Label> labels;
  if (!TakeSeries(&rest, &labels, error)) return false;
  std::string twice;
  if (HasDoubles(labels, &twice)) {
    *error = "label " + Quoted(twice) + " is given twice";
    return false;
  }
  const std::string_view value = TakeWord(&rest);
  if (!ParseValue(value, &sample->value)) {
    *error = ValueFault(value);
    return false;
  }
  const std::string_view time = TakeWord(&rest);
  if (time.empty() || time[0] == '#') {
    *error = kNoTimestampError;
    return false;
  }
  if (!ParseTimestamp(time, unit, &sample->timestamp_ms)) {
    *error = "timestamp " + Quoted(time) + " is not " +
             (*unit == TimeUnit::kMillis ? "an integer (milliseconds)"
                                         : "a number of seconds");
    return false;
  }
  rest = TrimLeft(rest);
  if (!rest.empty() && rest[0] != '#') {
    *error = "text behind the timestamp " + At(rest);
    return false;
  }
  *series = SeriesText(std::move(labels));
  return true;
}

rocksdb::Status ExpositionName(const std::string& series, std::string* name) {
  if (!simdjson::validate_utf8(series)) {
    return rocksdb::Status::InvalidArgument(
        "series " + rocksdb::Slice(series).ToString(/*hex=*/true) +
        " is not UTF-8, which OpenMetrics cannot hold; --format=csv can");
  }
  const std::vector<Label> labels = SeriesLabels(series);
  const bool has_name = labels[0].name == kMetricNameLabel;
  if (!has_name || IsLegalName(labels[0].value)) {
    *name = series;
    return rocksdb::Status::OK();
  }
  *name = "{";
  AppendQuotedText(labels[0].value, name);
  const std::vector<Label> others(labels.begin() + 1, labels.end());
  const std::string text = SeriesText(others);
  *name += text.empty() ? "}" : "," + text.substr(1);
  return rocksdb::Status::OK();
}

void AppendSeconds(int64_t timestamp_ms, std::string* text) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%lld.%03d",
                static_cast<long long>(timestamp_ms / 1000),
                static_cast<int>(timestamp_ms % 1000));
  text->append(digits);
}

}  // namespace varve::tools
