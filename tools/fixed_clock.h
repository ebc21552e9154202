// A clock whose time of day stands still: what --now means for merges and
// compactions. Time passes all the same: NowNanos goes on.
#pragma once

#include <cstdint>

#include "rocksdb/system_clock.h"

namespace varve::tools {

class FixedClock : public rocksdb::SystemClockWrapper {
 public:
  explicit FixedClock(int64_t now_ms)
      : SystemClockWrapper(rocksdb::SystemClock::Default()), now_ms_(now_ms) {}

  static const char* kClassName() { return "VarveFixedClock"; }
  const char* Name() const override { return kClassName(); }

  uint64_t NowMicros() override {
    return static_cast<uint64_t>(now_ms_) * 1000;
  }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  const int64_t now_ms_;
};

}  // namespace varve::tools
