// What a column family must hold, kept the slow way: every write of every
// row, in order. The database under test is held against it.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "compaction/policy_change.h"
#include "compaction/view.h"
#include "format/row/row_key.h"

namespace varve {

using Samples = std::map<int64_t, uint64_t>;

class Model {
 public:
  struct Row {
    std::vector<SampleWrite> writes;  // since the last Put or Delete
    bool undecodable = false;         // garbage among them
  };

  explicit Model(const Policy& policy) : policy_(policy) {}

  // `policy` is in force from now on. The one before went by no later time
  // than `until_ms`.
  void ChangePolicy(const Policy& policy, int64_t until_ms) {
    earlier_.push_back({policy_, until_ms});
    policy_ = policy;
  }
  const Policy& policy() const { return policy_; }
  bool changed() const { return !earlier_.empty(); }
  // Whether readers still see View of all writes, whatever the policies so
  // far have done on disk.
  bool exact() const {
    return std::all_of(earlier_.begin(), earlier_.end(),
                       [&](const Earlier& earlier) {
                         return LostByChange(earlier.policy, policy_).empty();
                       });
  }

  std::string RowKey(const std::string& series, int64_t timestamp_ms) const {
    std::string key;
    AppendRowKey(policy_.shape, series, policy_.shape.BucketStart(timestamp_ms),
                 &key);
    return key;
  }

  void Write(const std::string& series, const SampleWrite& write) {
    rows_[RowKey(series, write.timestamp_ms)].writes.push_back(write);
  }
  void Put(const std::string& key, const std::vector<SampleWrite>& writes) {
    rows_[key] = Row{writes, false};
  }
  void PutGarbage(const std::string& key) { rows_[key] = Row{{}, true}; }
  void MergeGarbage(const std::string& key) { rows_[key].undecodable = true; }
  void Delete(const std::string& key) {
    rows_.erase(key);
    foreign_.erase(key);
  }
  void DeleteRange(const std::string& begin, const std::string& end) {
    if (begin >= end) return;
    rows_.erase(rows_.lower_bound(begin), rows_.lower_bound(end));
    foreign_.erase(foreign_.lower_bound(begin), foreign_.lower_bound(end));
  }
  void PutForeign(const std::string& key, const std::string& value) {
    foreign_[key] = {value};
  }
  void MergeForeign(const std::string& key, const std::string& operand) {
    foreign_[key].push_back(operand);
  }

  const std::map<std::string, Row>& rows() const { return rows_; }
  // Foreign keys: their value, then their operands, oldest first.
  const std::map<std::string, std::vector<std::string>>& foreign() const {
    return foreign_;
  }

  // Rows of one series by bucket.
  std::map<int64_t, const Row*> RowsOf(const std::string& series) const {
    std::map<int64_t, const Row*> rows;
    for (const auto& [key, row] : rows_) {
      ParsedRowKey parsed;
      if (ParseRowKey(policy_.shape, key, &parsed) &&
          parsed.series() == series) {
        rows[parsed.bucket_start_ms] = &row;
      }
    }
    return rows;
  }

  Samples ViewOf(const Row& row, int64_t now_ms) const {
    return View(row.writes, policy_, now_ms);
  }

  // What of that no policy so far can have taken: the last of every window
  // that it was ever in.
  Samples SafeOf(const Row& row, int64_t now_ms) const {
    Samples safe = ViewOf(row, now_ms);
    for (const Earlier& earlier : earlier_) {
      const Samples kept = View(row.writes, earlier.policy, earlier.until_ms);
      for (auto at = safe.begin(); at != safe.end();) {
        at = kept.count(at->first) == 0 ? safe.erase(at) : std::next(at);
      }
    }
    return safe;
  }

  // Whether a reader at `now_ms` may skip the bucket without a look at it.
  bool Expired(int64_t bucket_start_ms, int64_t now_ms) const {
    return ExpiredUnder(policy_, bucket_start_ms, now_ms);
  }
  // Whether a policy before may have taken the bucket's rows: a header that
  // agrees with its key is all that is looked at.
  bool OnceExpired(int64_t bucket_start_ms) const {
    return std::any_of(earlier_.begin(), earlier_.end(),
                       [&](const Earlier& earlier) {
                         return ExpiredUnder(earlier.policy, bucket_start_ms,
                                             earlier.until_ms);
                       });
  }

 private:
  struct Earlier {
    Policy policy;
    int64_t until_ms;
  };

  static bool ExpiredUnder(const Policy& policy, int64_t bucket_start_ms,
                           int64_t now_ms) {
    return policy.retention_ms > 0 && policy.shape.BucketLast(bucket_start_ms) <
                                          now_ms - policy.retention_ms;
  }

  Policy policy_;
  std::vector<Earlier> earlier_;
  std::map<std::string, Row> rows_;
  std::map<std::string, std::vector<std::string>> foreign_;
};

}  // namespace varve
