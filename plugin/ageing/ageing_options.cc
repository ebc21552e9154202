// See ageing_options.h.
#include "plugin/ageing/ageing_options.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "varve/policy.h"

namespace varve {
namespace {

using rocksdb::ConfigOptions;
using rocksdb::OptionTypeInfo;

Status Bad(const std::string& name, const std::string& value,
           const char* wanted) {
  return Status::InvalidArgument("VarveTierScheduler: " + name + "=" + value +
                                 " is not " + wanted);
}

Status Set(const std::string& name, const std::string& value,
           AgeingOptions* options) {
  if (name == "ageing_max_delay" || name == "ageing_interval") {
    int64_t duration_ms = 0;
    if (!ParseDuration(value, &duration_ms).ok()) {
      return Bad(name, value, "a duration as 5m or 7d");
    }
    (name == "ageing_interval" ? options->interval_ms
                               : options->limits.max_delay_ms) = duration_ms;
    return Status::OK();
  }
  char* end = nullptr;
  if (name == "ageing_min_due_ratio") {
    const double ratio = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !(ratio > 0 && ratio <= 1)) {
      return Bad(name, value, "a number above 0 and at most 1");
    }
    options->limits.min_due_ratio = ratio;
    return Status::OK();
  }
  const bool digits = !value.empty() && value.size() < 19 &&
                      value.find_first_not_of("0123456789") == value.npos;
  if (!digits) return Bad(name, value, "a number of bytes");
  const uint64_t bytes = std::strtoull(value.c_str(), nullptr, 10);
  (name == "ageing_rate" ? options->rate
                         : options->limits.max_compaction_bytes) = bytes;
  return Status::OK();
}

std::string Get(const std::string& name, const AgeingOptions& options) {
  if (name == "ageing_max_delay") {
    return FormatDuration(options.limits.max_delay_ms);
  }
  if (name == "ageing_interval") return FormatDuration(options.interval_ms);
  if (name == "ageing_rate") return std::to_string(options.rate);
  if (name == "ageing_min_due_ratio") {
    char text[40];  // the shortest that reads back as the same
    const auto end =
        std::to_chars(text, text + sizeof text, options.limits.min_due_ratio);
    return std::string(text, end.ptr);
  }
  return std::to_string(options.limits.max_compaction_bytes);
}

Status Parse(const ConfigOptions& /*config*/, const std::string& name,
             const std::string& value, void* address) {
  return Set(name, value, static_cast<AgeingOptions*>(address));
}

Status Serialize(const ConfigOptions& /*config*/, const std::string& name,
                 const void* address, std::string* value) {
  *value = Get(name, *static_cast<const AgeingOptions*>(address));
  return Status::OK();
}

bool AreEqual(const ConfigOptions& /*config*/, const std::string& name,
              const void* address, const void* other, std::string* mismatch) {
  const bool same = Get(name, *static_cast<const AgeingOptions*>(address)) ==
                    Get(name, *static_cast<const AgeingOptions*>(other));
  if (!same) *mismatch = name;
  return same;
}

OptionTypeInfo Info() {
  return OptionTypeInfo(0, rocksdb::OptionType::kUnknown,
                        rocksdb::OptionVerificationType::kNormal,
                        rocksdb::OptionTypeFlags::kNone, Parse, Serialize,
                        AreEqual);
}

}  // namespace

const std::unordered_map<std::string, OptionTypeInfo>& AgeingOptionsInfo() {
  static const auto* const info =
      new std::unordered_map<std::string, OptionTypeInfo>{
          {"ageing_min_due_ratio", Info()},
          {"ageing_max_delay", Info()},
          {"ageing_max_compaction_bytes", Info()},
          {"ageing_interval", Info()},
          {"ageing_rate", Info()}};
  return *info;
}

}  // namespace varve
