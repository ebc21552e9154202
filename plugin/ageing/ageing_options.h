// Options of VarveTierScheduler, as
//
//   listeners={id=VarveTierScheduler;ageing_rate=33554432;ageing_interval=5m}
//
//   ageing_min_due_ratio        0 to 1, 0.95: see AgeingLimits
//   ageing_max_delay            duration, 0 = off, the default
//   ageing_max_compaction_bytes bytes, 1073741824
//   ageing_interval             duration, 1m: how often it looks for work;
//                               0: only when AgeNow is called
//   ageing_rate                 bytes a second that it rewrites on average,
//                               67108864; 0: as fast as it can
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "rocksdb/utilities/options_type.h"
#include "varve/ageing_report.h"

namespace varve {

struct AgeingOptions {
  static const char* kName() { return "VarveAgeingOptions"; }

  AgeingLimits limits;
  int64_t interval_ms = 60 * 1000;
  uint64_t rate = uint64_t{64} << 20;
};

const std::unordered_map<std::string, rocksdb::OptionTypeInfo>&
AgeingOptionsInfo();

}  // namespace varve
