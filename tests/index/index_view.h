// The index's laws as a slow reference: what must be seen of registrations and
// deletions at a time, whatever has been flushed, compacted or removed.
#pragma once

#include <re2/re2.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "varve/series_index.h"

namespace varve {

using Labels = std::map<std::string, std::string>;

class IndexView {
 public:
  explicit IndexView(int64_t retention_ms) : retention_ms_(retention_ms) {}

  void Register(const Labels& labels, int64_t timestamp_ms) {
    days_[labels].insert(timestamp_ms / kMillisPerDay);
  }

  // Of what is seen at the time.
  size_t Delete(const std::vector<Matcher>& matchers, int64_t now_ms) {
    const std::set<Labels> gone = Select(matchers, TimeRange(), now_ms);
    for (const Labels& labels : gone) days_.erase(labels);
    return gone.size();
  }

  std::set<Labels> Select(const std::vector<Matcher>& matchers,
                          const TimeRange& range, int64_t now_ms) const {
    std::set<Labels> result;
    for (const auto& series : days_) {
      bool matches = false;
      for (const int64_t day : series.second) {
        matches = matches || Sees(day, range, now_ms);
      }
      for (const Matcher& matcher : matchers) {
        matches = matches && Matches(matcher, series.first);
      }
      if (matches) result.insert(series.first);
    }
    return result;
  }

  static bool Matches(const Matcher& matcher, const Labels& labels) {
    const auto at = labels.find(matcher.name);
    const std::string value = at == labels.end() ? "" : at->second;
    switch (matcher.kind) {
      case MatchKind::kEqual:
        return value == matcher.value;
      case MatchKind::kNotEqual:
        return value != matcher.value;
      case MatchKind::kRegex:
        return RE2::FullMatch(value, "(?s:" + matcher.value + ")");
      case MatchKind::kNotRegex:
        return !RE2::FullMatch(value, "(?s:" + matcher.value + ")");
    }
    return false;
  }

 private:
  bool Sees(int64_t day, const TimeRange& range, int64_t now_ms) const {
    if (day < range.start_ms / kMillisPerDay) return false;
    if (day > range.end_ms / kMillisPerDay) return false;
    // Some of the day is within the retention.
    return retention_ms_ == 0 ||
           (day + 1) * kMillisPerDay > now_ms - retention_ms_;
  }

  const int64_t retention_ms_;
  std::map<Labels, std::set<int64_t>> days_;
};

}  // namespace varve
