// Which series match: sets of ids, united, met and subtracted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "index/index_core.h"
#include "index/index_reader.h"
#include "index/value_matcher.h"

namespace varve {

// Serves one call.
class Selection {
 public:
  explicit Selection(IndexCore* core)
      : core_(core),
        reader_(core->db, core->cf),
        dead_(core->age->dead()),
        rows_(reader_.NewIterator()) {}

  // The series that match all of them and had samples on a day of the range
  // that is within the retention at now_ms (negative: the clock's).
  Status Select(const std::vector<Matcher>& matchers, const TimeRange& range,
                int64_t now_ms, IdSet* ids);

  // Of the series, those that had samples on a day from `first` to `last`.
  Status KeepDays(uint64_t first, uint64_t last, IdSet* ids);

  // Calls on_value(value, pair) for each value of the name in byte order that
  // the matcher picks (nullptr: all), until it answers false.
  using OnValue = std::function<bool(const Slice& value, uint64_t pair)>;
  Status WalkValues(const std::string& name, const ValueMatcher* matcher,
                    const OnValue& on_value);

  // What a pair's posting holds and is not dead.
  Status ReadPosting(uint64_t pair, IdSet* ids);

  // Whether no series of the pair is left, but for those in `but`.
  Status IsEmptyPosting(uint64_t pair, const IdSet& but, bool* empty);

  // Whether the selection holds every series that is not dead.
  bool IsEverything(const std::vector<Matcher>& matchers,
                    const TimeRange& range) const;

  const DeadIds& dead() const { return *dead_; }
  rocksdb::Iterator* rows() { return rows_.get(); }

 private:
  // The union of the postings of what the matcher picks.
  Status ReadPicked(const ValueMatcher& matcher, IdSet* ids);
  Status Match(const std::vector<Matcher>& matchers, IdSet* ids);
  Status KeepDay(uint64_t day, IdSet* rest, IdSet* found);

  IndexCore* const core_;
  const IndexReader reader_;
  const std::shared_ptr<const DeadIds> dead_;
  std::unique_ptr<rocksdb::Iterator> rows_;
};

}  // namespace varve
