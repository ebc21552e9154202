#include "tools/series_text.h"

#include <algorithm>
#include <utility>

namespace varve::tools {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsPlainName(std::string_view name) {
  if (name.empty() || !IsLetter(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9');
  });
}

// Takes one token off the front of a series; false where there is none.
class SeriesScanner {
 public:
  explicit SeriesScanner(std::string_view text) : rest_(text) {}

  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeQuoted(std::string* text) {
    if (!Take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        text->push_back(c);
        continue;
      }
      if (rest_.empty()) return false;
      text->push_back(rest_[0] == 'n' ? '\n' : rest_[0]);
      rest_.remove_prefix(1);
    }
    return false;
  }

  bool TakeLabelName(std::string* name) {
    if (!rest_.empty() && rest_[0] == '"') return TakeQuoted(name);
    const size_t equals = rest_.find('=');
    if (equals == std::string_view::npos) return false;
    name->assign(rest_.substr(0, equals));
    rest_.remove_prefix(equals);
    return true;
  }

  bool TakeLabels(std::vector<Label>* labels) {
    do {
      Label label;
      if (!TakeLabelName(&label.name) || !Take('=') ||
          !TakeQuoted(&label.value)) {
        return false;
      }
      labels->push_back(std::move(label));
    } while (Take(','));
    return Take('}') && rest_.empty();
  }

 private:
  std::string_view rest_;
};

bool HasDoubles(const std::vector<Label>& labels) {
  for (size_t i = 1; i < labels.size(); ++i) {
    if (labels[i - 1].name == labels[i].name) return true;
  }
  return false;
}

}  // namespace

void AppendQuotedText(std::string_view text, std::string* series) {
  series->push_back('"');
  for (const char c : text) {
    if (c == '\n') {
      series->append("\\n");
      continue;
    }
    if (c == '"' || c == '\\') series->push_back('\\');
    series->push_back(c);
  }
  series->push_back('"');
}

std::string SeriesText(std::vector<Label> labels) {
  std::sort(labels.begin(), labels.end(),
            [](const Label& a, const Label& b) { return a.name < b.name; });
  std::string series;
  for (const Label& label : labels) {
    if (label.name == kMetricNameLabel) series = label.value;
  }
  const size_t name_bytes = series.size();
  for (const Label& label : labels) {
    if (label.value.empty() || label.name == kMetricNameLabel) continue;
    series.push_back(series.size() == name_bytes ? '{' : ',');
    if (IsPlainName(label.name)) {
      series.append(label.name);
    } else {
      AppendQuotedText(label.name, &series);
    }
    series.push_back('=');
    AppendQuotedText(label.value, &series);
  }
  if (series.size() > name_bytes) series.push_back('}');
  return series;
}

std::vector<Label> SeriesLabels(std::string_view series) {
  const size_t brace = series.find('{');
  if (brace != std::string_view::npos) {
    std::vector<Label> labels;
    if (brace > 0) {
      labels.push_back(
          {kMetricNameLabel, std::string(series.substr(0, brace))});
    }
    SeriesScanner scanner(series.substr(brace + 1));
    if (scanner.TakeLabels(&labels) && !HasDoubles(labels) &&
        SeriesText(labels) == series) {
      return labels;
    }
  }
  return {{kMetricNameLabel, std::string(series)}};
}

}  // namespace varve::tools
