// A policy says what of a column family's samples counts as time passes:
// dedup interval, tiers (age-dependent downsampling) and retention; and how
// rows are cut (bucket, partition, window). Its text form is a list of
// name=value pairs, split by ';', in any order:
//
//   downsampling_period=30d:5m,180d:1h;dedup_interval=15s;retention_period=1y
//
//   name                 value                          default
//   downsampling_period  offset:interval,... or none    none
//   dedup_interval       duration, 0 = off              0
//   retention_period     duration, 0 = keep for ever    0
//   bucket               duration, 1s to 366d           1d
//   partition            none, day, week, month         month
//   window               floor, ceil                    floor
//   safety_lag           duration                       1h
//   future_limit         duration, 0 = off              2d
//   ageing               on, off                        on
//
// A duration is written as Prometheus writes it: 1y2w3d4h5m6s7ms, units in
// that order, each at most once, y = 365d, w = 7d; a bare 0 is zero. Names
// follow VictoriaMetrics' flags where there is one.
//
// A value type: copies are independent; no member is written after Parse.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/status.h"
#include "varve/export.h"
#include "varve/row_shape.h"

namespace varve {

using rocksdb::Status;

struct Tier {
  int64_t offset_ms = 0;    // > 0: how old a window must be, by its end
  int64_t interval_ms = 0;  // > 0: the windows' width

  bool operator==(const Tier& other) const {
    return offset_ms == other.offset_ms && interval_ms == other.interval_ms;
  }
};

inline constexpr size_t kTiersMax = 8;
inline constexpr int64_t kDurationMaxMs = int64_t{1000} * 365 * kMillisPerDay;

struct VARVE_EXPORT Policy {
  RowShape shape;
  std::vector<Tier> tiers;        // ascending by interval
  int64_t dedup_interval_ms = 0;  // 0: off
  int64_t retention_ms = 0;       // 0: keep for ever
  int64_t safety_lag_ms = kMillisPerHour;
  int64_t future_limit_ms = 2 * kMillisPerDay;  // SampleWriter's; 0: off
  bool ageing = true;  // false: nothing is thinned or dropped on disk

  bool operator==(const Policy& other) const;
  bool operator!=(const Policy& other) const { return !(*this == other); }

  // Whether anything may ever be thinned or dropped.
  bool ThinsOrDrops() const {
    return !tiers.empty() || dedup_interval_ms > 0 || retention_ms > 0;
  }

  // Parses and validates. InvalidArgument names the word at fault and the
  // rule that it breaks.
  static Status Parse(const std::string& text, Policy* policy);

  // Sets one field from its text, checking that field's own syntax only; the
  // caller validates the whole. NotFound for an unknown name.
  Status Set(const std::string& name, const std::string& value);

  // One field as text, in the form that Set reads; empty for an unknown name.
  std::string Get(const std::string& name) const;

  // The rules between fields: dedup_interval divides the finest interval,
  // each interval the next coarser, the coarsest (or dedup_interval) the
  // bucket; the bucket is a whole number of seconds and divides the
  // partition's days. InvalidArgument names the rule and both values.
  Status Validate() const;

  // What is allowed but unlikely to be meant (offsets that do not ascend with
  // the intervals or are no multiple of them, a retention shorter than a
  // tier's offset, tiers without partitions, …), a sentence each.
  std::vector<std::string> Warnings() const;

  // Every field, in the order of the table above. Parse(ToString()) gives an
  // equal policy and ToString(Parse(text)) == text for a text so printed.
  std::string ToString() const;

  // The first field in which the two differ, as "retention_period is 1y here
  // and 2y there"; empty when they are equal.
  std::string Difference(const Policy& other, const char* here,
                         const char* there) const;
};

// The time that work on disk goes by: the clock's less the safety lag.
inline int64_t PhysicalTime(const Policy& policy, int64_t now_ms) {
  return now_ms - policy.safety_lag_ms;
}

// What Policy::Validate says of the shape alone.
VARVE_EXPORT Status CheckRowShape(const RowShape& shape);

// Cuts the text form into names and values, in their order, unchecked but
// for its syntax: InvalidArgument without '=' and for a name given twice.
VARVE_EXPORT Status
SplitPolicyText(const std::string& text,
                std::vector<std::pair<std::string, std::string>>* fields);

// Names of the text form, in the order of the table above.
VARVE_EXPORT const std::vector<std::string>& PolicyFieldNames();

// "90s", "1h30m", "0" → milliseconds in 0..kDurationMaxMs.
VARVE_EXPORT Status ParseDuration(const std::string& text,
                                  int64_t* duration_ms);

// The shortest exact form in y, d, h, m, s, ms ("1y", "30d", "1h30m"); "0".
VARVE_EXPORT std::string FormatDuration(int64_t duration_ms);

}  // namespace varve
