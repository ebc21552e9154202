// What a column family's index filter goes by: the retention of its options,
// a clock, and the ids that are dead by now, which the open series index hands
// it. All of it is defined here, since the index lies in a library of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "compaction/object_ids.h"
#include "format/index/index_row.h"
#include "rocksdb/system_clock.h"
#include "varve/row_shape.h"

namespace varve {

// Thread-safe but for the options, which are set before a database is opened.
class IndexAge {
 public:
  static const char* kName() { return kIndexAgeName; }

  // Options.
  int64_t retention_ms = 0;  // 0: days are kept for ever
  int64_t safety_lag_ms = kMillisPerHour;

  std::shared_ptr<const DeadIds> dead() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return dead_;
  }
  void SetDead(std::shared_ptr<const DeadIds> dead) {
    std::lock_guard<std::mutex> lock(mutex_);
    dead_ = std::move(dead);
  }

  int64_t NowMs() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return static_cast<int64_t>(clock_->NowMicros() / 1000);
  }
  void SetClock(std::shared_ptr<rocksdb::SystemClock> clock) {
    std::lock_guard<std::mutex> lock(mutex_);
    clock_ = std::move(clock);
  }

  // The first day that a reader at `now_ms` still sees: the one that holds
  // the oldest timestamp within the retention.
  uint64_t FirstDaySeen(int64_t now_ms) const {
    if (retention_ms == 0) return 0;
    return static_cast<uint64_t>(
        std::max<int64_t>(0, (now_ms - retention_ms) / kMillisPerDay));
  }
  // The same of what is kept on disk.
  uint64_t FirstDayKept(int64_t now_ms) const {
    return FirstDaySeen(now_ms - safety_lag_ms);
  }

  // One series index may be open on a column family at a time: two would give
  // the same ids. False when there is one.
  bool TakeTurn() { return !taken_.exchange(true); }
  void EndTurn() { taken_ = false; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const DeadIds> dead_ = std::make_shared<DeadIds>();
  std::shared_ptr<rocksdb::SystemClock> clock_ =
      rocksdb::SystemClock::Default();
  std::atomic<bool> taken_{false};
};

}  // namespace varve
