#include "tools/influx_source.h"

#include <algorithm>
#include <utility>

#include "tools/input_line.h"
#include "tools/quoted_input.h"

namespace varve::tools {
namespace {

// Names that are watched for doubles. A schema has thousands.
constexpr size_t kNamesMax = 200000;

constexpr char kStrings[] =
    "strings of the line protocol left out: a sample is a number";
constexpr char kIntegers[] =
    "integers that no float64 is equal to: the nearest one was taken";
constexpr char kTimes[] = "times rounded down to milliseconds";
constexpr char kUnwatched[] =
    "metrics beyond 200,000, whose names were not compared";

bool TakePrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

}  // namespace

InfluxSource::InfluxSource(std::unique_ptr<InputText> text,
                           const InfluxOptions& options, ImportRemarks* remarks)
    : text_(std::move(text)), options_(options), remarks_(remarks) {}

std::string InfluxSource::Where() const {
  return text_->name() + ":" + std::to_string(line_);
}

const Status& InfluxSource::status() const {
  return status_.ok() ? text_->status() : status_;
}

bool InfluxSource::TakePoint(std::string_view* line, size_t* bytes) {
  InfluxLineEnd line_end;
  for (;;) {
    const std::string_view window = text_->window();
    const size_t end = line_end.Find(window);
    if (end != std::string_view::npos) {
      *line = window.substr(0, end);
      *bytes = end + 1;
      return true;
    }
    if (window.size() > kLineBytesMax) {
      status_ = LongLine(*text_);
      return false;
    }
    if (text_->More()) continue;
    *line = text_->window();
    *bytes = line->size();
    return text_->status().ok() && !line->empty();
  }
}

void InfluxSource::ReadComment(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line == "# DDL") in_ddl_ = true;
  if (line == "# DML") in_ddl_ = false;
  if (TakePrefix(&line, "# CONTEXT-DATABASE:")) {
    context_ = {{"db", std::string(line)}};
  } else if (TakePrefix(&line, "# CONTEXT-RETENTION-POLICY:")) {
    context_.resize(std::min<size_t>(context_.size(), 1));
    context_.push_back({"rp", std::string(line)});
  }
}

SampleSource::Result InfluxSource::Next() {
  samples_.clear();
  records_begun_ = 0;
  if (next_field_ < point_.fields.size()) {
    EmitField();
    return Result::kSamples;
  }
  std::string_view line;
  size_t bytes = 0;
  while (TakePoint(&line, &bytes)) {
    line_ = text_->line();
    const size_t begin = line.find_first_not_of(" \t\r");
    const bool comment = begin != line.npos && line[begin] == '#';
    if (comment) ReadComment(line.substr(begin));
    Result result = Result::kEnd;
    if (!comment && begin != line.npos && !in_ddl_) result = ReadPoint(line);
    text_->Consume(bytes);
    if (result != Result::kEnd) return result;
  }
  return Result::kEnd;
}

SampleSource::Result InfluxSource::ReadPoint(std::string_view line) {
  records_begun_ = 1;
  next_field_ = 0;
  const bool good =
      ParseInfluxLine(line, options_.precision, &point_, &error_) &&
      CheckLabels() && CheckNames();
  if (!good) {
    point_.fields.clear();
    return Result::kBadLine;
  }
  if (point_.strings > 0) remarks_->Add(kStrings, Where(), point_.strings);
  if (point_.rounded_integers > 0) {
    remarks_->Add(kIntegers, Where(), point_.rounded_integers);
  }
  if (point_.time_rounded && !point_.fields.empty()) {
    remarks_->Add(kTimes, Where());
  }
  // A line of strings alone is a line of no samples.
  if (!point_.fields.empty()) EmitField();
  return Result::kSamples;
}

// Tags that would be labels which the line has already.
bool InfluxSource::CheckLabels() {
  for (const Label& tag : point_.tags) {
    if (tag.name == kMetricNameLabel) {
      error_ = "tag '__name__' is the label of the metric's name";
      return false;
    }
    for (const Label& label : context_) {
      if (!options_.context_labels || label.name != tag.name) continue;
      error_ = "tag " + Quoted(tag.name) +
               " is the label of the export's CONTEXT too: "
               "--noinflux_context leaves that away";
      return false;
    }
  }
  return true;
}

bool InfluxSource::CheckNames() {
  for (const InfluxField& field : point_.fields) {
    const std::string name =
        point_.measurement + options_.separator + field.key;
    if (names_.size() >= kNamesMax && names_.count(name) == 0) {
      remarks_->Add(kUnwatched, Where());
      continue;
    }
    const std::string pair = point_.measurement + '\0' + field.key;
    const std::string& first = names_.try_emplace(name, pair).first->second;
    if (first == pair) continue;
    const size_t middle = first.find('\0');
    error_ = "the name " + Quoted(name) + " is that of measurement " +
             Quoted(first.substr(0, middle)) + " and field " +
             Quoted(first.substr(std::min(middle + 1, first.size()))) +
             " already: choose another --influx_separator";
    return false;
  }
  return true;
}

void InfluxSource::EmitField() {
  const InfluxField& field = point_.fields[next_field_++];
  std::vector<Label> labels = point_.tags;
  if (options_.context_labels) {
    labels.insert(labels.end(), context_.begin(), context_.end());
  }
  labels.push_back(
      {kMetricNameLabel, point_.measurement + options_.separator + field.key});
  series_ = SeriesText(std::move(labels));
  samples_.push_back({point_.timestamp_ms, field.value});
}

}  // namespace varve::tools
