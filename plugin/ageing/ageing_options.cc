// See ageing_options.h.
#include "plugin/ageing/ageing_options.h"

#include <charconv>
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

// An option, and all that is done with one.
struct Field {
  const char* name;
  Status (*set)(const std::string& name, const std::string& value,
                AgeingOptions* options);
  std::string (*get)(const AgeingOptions& options);
};

Status SetDuration(const std::string& name, const std::string& value,
                   int64_t* duration_ms) {
  if (ParseDuration(value, duration_ms).ok()) return Status::OK();
  return Bad(name, value, "a duration as 5m or 7d");
}

Status SetRatio(const std::string& name, const std::string& value,
                double* ratio) {
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0' || !(number > 0 && number <= 1)) {
    return Bad(name, value, "a number above 0 and at most 1");
  }
  *ratio = number;
  return Status::OK();
}

std::string FormatRatio(double ratio) {
  char text[40];  // the shortest that reads back as the same
  const auto end = std::to_chars(text, text + sizeof text, ratio);
  return std::string(text, end.ptr);
}

Status SetBytes(const std::string& name, const std::string& value,
                uint64_t* bytes) {
  const bool digits = !value.empty() && value.size() < 19 &&
                      value.find_first_not_of("0123456789") == value.npos;
  if (!digits) return Bad(name, value, "a number of bytes");
  *bytes = std::strtoull(value.c_str(), nullptr, 10);
  return Status::OK();
}

constexpr Field kFields[] = {
    {"ageing_min_due_ratio",
     [](const std::string& name, const std::string& value,
        AgeingOptions* options) {
       return SetRatio(name, value, &options->limits.min_due_ratio);
     },
     [](const AgeingOptions& options) {
       return FormatRatio(options.limits.min_due_ratio);
     }},
    {"ageing_max_delay",
     [](const std::string& name, const std::string& value,
        AgeingOptions* options) {
       return SetDuration(name, value, &options->limits.max_delay_ms);
     },
     [](const AgeingOptions& options) {
       return FormatDuration(options.limits.max_delay_ms);
     }},
    {"ageing_max_compaction_bytes",
     [](const std::string& name, const std::string& value,
        AgeingOptions* options) {
       return SetBytes(name, value, &options->limits.max_compaction_bytes);
     },
     [](const AgeingOptions& options) {
       return std::to_string(options.limits.max_compaction_bytes);
     }},
    {"ageing_interval",
     [](const std::string& name, const std::string& value,
        AgeingOptions* options) {
       return SetDuration(name, value, &options->interval_ms);
     },
     [](const AgeingOptions& options) {
       return FormatDuration(options.interval_ms);
     }},
    {"ageing_rate",
     [](const std::string& name, const std::string& value,
        AgeingOptions* options) {
       return SetBytes(name, value, &options->rate);
     },
     [](const AgeingOptions& options) { return std::to_string(options.rate); }},
};

const Field* FindField(const std::string& name) {
  for (const Field& field : kFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

Status Unknown(const std::string& name) {
  return Status::NotFound("VarveTierScheduler: no option is named '" + name +
                          "'");
}

Status Parse(const ConfigOptions& /*config*/, const std::string& name,
             const std::string& value, void* address) {
  const Field* const field = FindField(name);
  if (field == nullptr) return Unknown(name);
  return field->set(name, value, static_cast<AgeingOptions*>(address));
}

Status Serialize(const ConfigOptions& /*config*/, const std::string& name,
                 const void* address, std::string* value) {
  const Field* const field = FindField(name);
  if (field == nullptr) return Unknown(name);
  *value = field->get(*static_cast<const AgeingOptions*>(address));
  return Status::OK();
}

bool AreEqual(const ConfigOptions& /*config*/, const std::string& name,
              const void* address, const void* other, std::string* mismatch) {
  const Field* const field = FindField(name);
  const bool same = field != nullptr &&
                    field->get(*static_cast<const AgeingOptions*>(address)) ==
                        field->get(*static_cast<const AgeingOptions*>(other));
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
  static const auto* const info = [] {
    auto* const map = new std::unordered_map<std::string, OptionTypeInfo>;
    for (const Field& field : kFields) map->emplace(field.name, Info());
    return map;
  }();
  return *info;
}

}  // namespace varve
