// How series leave: marked dead in batches, each while no registration is
// under way, together with the pairs that lose their last series. Law: a pair
// that is not dead has a series that is not dead.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "index/index_core.h"
#include "index/selection.h"

namespace varve {

class DeadSeries {
 public:
  explicit DeadSeries(IndexCore* core) : core_(core) {}

  // Reads what is dead. Called once, before anything else.
  Status Load();

  // See SeriesIndex. One call of these at a time; others wait.
  Status Delete(const std::vector<Matcher>& matchers,
                const SeriesIndex::DeleteSamples& delete_samples,
                uint64_t* deleted);
  Status RemoveExpired(uint64_t* removed);
  Status Compact();

 private:
  enum class Why { kDeleted, kExpired };

  Status Kill(const IdSet& ids, Why why,
              const SeriesIndex::DeleteSamples& delete_samples,
              uint64_t* killed);
  // The gate must be closed. Takes out of *ids those that stay.
  Status KillBatch(Why why, const SeriesIndex::DeleteSamples& delete_samples,
                   IdSet* ids);
  static Status FindDeadPairs(Selection* selection, const IdSet& ids,
                              const std::vector<uint64_t>& pairs, IdSet* dead);
  Status ReadPairs(const IdSet& ids, std::vector<uint64_t>* pairs) const;

  IndexCore* const core_;
  std::mutex mutex_;
};

}  // namespace varve
