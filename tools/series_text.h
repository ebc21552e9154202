// The series of labelled samples as text, as Prometheus writes it:
//
//   name{a="b",c="d"}   labels sorted by name; \ " and newline escaped
//   name                no labels
//   {a="b"}             no name
//
// A label's name that is no [a-zA-Z_][a-zA-Z0-9_]* is quoted like a value. A
// label with an empty value is the same as none. The metric's name stands as
// it is, so that any text is the series of {__name__: text}.
// Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace varve::tools {

struct Label {
  std::string name;
  std::string value;

  bool operator==(const Label& other) const {
    return name == other.name && value == other.value;
  }
};

inline constexpr char kMetricNameLabel[] = "__name__";

// Labels in any order, the metric's name as kMetricNameLabel. Empty when no
// label has a value.
// REQUIRES: no two labels of one name.
std::string SeriesText(std::vector<Label> labels);

// Appends `text` in quotation marks, escaped as above.
void AppendQuotedText(std::string_view text, std::string* series);

// Labels of which SeriesText makes exactly `series`: the metric's name first,
// then the others sorted. For a text that is not in the form above, its whole
// as the metric's name.
std::vector<Label> SeriesLabels(std::string_view series);

}  // namespace varve::tools
