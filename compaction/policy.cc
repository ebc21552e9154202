// See policy.h. Durations are in duration.cc, what is allowed but unlikely to
// be meant in policy_warnings.cc.
#include "varve/policy.h"

#include <algorithm>
#include <cstring>

namespace varve {
namespace {

// Of one text: a policy's, and those that others may add to it.
constexpr size_t kFieldsMax = 16;

Status BadValue(const char* name, const std::string& value,
                const std::string& why) {
  return Status::InvalidArgument(std::string(name) + "=" + value + ": " + why);
}

std::string Trim(const std::string& text) {
  static const char* const kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Status SetDuration(const char* name, const std::string& value,
                   int64_t* duration_ms) {
  const Status status = ParseDuration(value, duration_ms);
  if (status.ok()) return status;
  return BadValue(name, value, status.getState());
}

// "offset:interval,..." or none, into tiers sorted by interval.
Status SetTiers(const char* name, const std::string& value,
                std::vector<Tier>* result) {
  std::vector<Tier> tiers;
  if (value == "none") {
    result->clear();
    return Status::OK();
  }
  for (size_t begin = 0; begin <= value.size();) {
    const size_t end = std::min(value.find(',', begin), value.size());
    const std::string text = Trim(value.substr(begin, end - begin));
    begin = end + 1;
    const size_t colon = text.find(':');
    if (colon == std::string::npos || text.find(':', colon + 1) < text.size()) {
      return BadValue(name, value,
                      "'" + text +
                          "' is not a tier: write offset:interval, as "
                          "30d:5m, or none");
    }
    Tier tier;
    Status status = ParseDuration(text.substr(0, colon), &tier.offset_ms);
    if (status.ok()) {
      status = ParseDuration(text.substr(colon + 1), &tier.interval_ms);
    }
    if (!status.ok()) return BadValue(name, value, status.getState());
    if (tier.offset_ms == 0 || tier.interval_ms == 0) {
      return BadValue(
          name, value,
          "the tier " + text + " has a zero: offset and interval are above 0");
    }
    if (tiers.size() == kTiersMax) {
      return BadValue(name, value,
                      "more than " + std::to_string(kTiersMax) + " tiers");
    }
    tiers.push_back(tier);
  }
  std::sort(tiers.begin(), tiers.end(), [](const Tier& a, const Tier& b) {
    return a.interval_ms < b.interval_ms;
  });
  for (size_t i = 1; i < tiers.size(); ++i) {
    if (tiers[i].interval_ms == tiers[i - 1].interval_ms) {
      return BadValue(name, value,
                      "two tiers have the interval " +
                          FormatDuration(tiers[i].interval_ms));
    }
  }
  result->swap(tiers);
  return Status::OK();
}

std::string FormatTiers(const std::vector<Tier>& tiers) {
  if (tiers.empty()) return "none";
  std::string text;
  for (const Tier& tier : tiers) {
    if (!text.empty()) text += ',';
    text += FormatDuration(tier.offset_ms);
    text += ':';
    text += FormatDuration(tier.interval_ms);
  }
  return text;
}

// What a partition's days are divided into; months begin on any day.
int64_t PartitionUnitMs(Partition partition) {
  return partition == Partition::kWeek ? 7 * kMillisPerDay : kMillisPerDay;
}

Status CheckRange(const char* name, int64_t duration_ms) {
  if (duration_ms >= 0 && duration_ms <= kDurationMaxMs) return Status::OK();
  return BadValue(name, std::to_string(duration_ms) + "ms",
                  "a duration is 0 to 1000y");
}

// For policies that were filled in by hand: Set lets none of this through.
Status CheckFields(const Policy& policy) {
  Status status = CheckRange("dedup_interval", policy.dedup_interval_ms);
  if (status.ok()) status = CheckRange("retention_period", policy.retention_ms);
  if (status.ok()) status = CheckRange("safety_lag", policy.safety_lag_ms);
  if (status.ok()) status = CheckRange("future_limit", policy.future_limit_ms);
  if (!status.ok()) return status;
  const std::vector<Tier>& tiers = policy.tiers;
  bool sound = tiers.size() <= kTiersMax;
  for (size_t i = 0; sound && i < tiers.size(); ++i) {
    sound = tiers[i].offset_ms > 0 && tiers[i].offset_ms <= kDurationMaxMs &&
            tiers[i].interval_ms > 0 &&
            tiers[i].interval_ms <= kDurationMaxMs &&
            (i == 0 || tiers[i].interval_ms > tiers[i - 1].interval_ms);
  }
  if (sound) return Status::OK();
  return BadValue("downsampling_period", FormatTiers(tiers),
                  "at most 8 tiers, ascending by interval, offsets and "
                  "intervals above 0");
}

Status NotDividing(const std::string& finer, int64_t finer_ms,
                   const std::string& coarser, int64_t coarser_ms) {
  return Status::InvalidArgument(
      finer + " " + FormatDuration(finer_ms) + " does not divide " + coarser +
      " " + FormatDuration(coarser_ms) +
      ": dedup_interval divides the finest interval, each interval the next "
      "coarser, the coarsest the bucket");
}

}  // namespace

Status CheckRowShape(const RowShape& shape) {
  const int64_t bucket = shape.bucket_width_ms;
  if (bucket < kMillisPerSecond || bucket > kBucketWidthMaxMs) {
    return BadValue("bucket", FormatDuration(bucket),
                    "a bucket is 1s to 366d wide");
  }
  if (bucket % kMillisPerSecond != 0) {
    return BadValue("bucket", FormatDuration(bucket),
                    "a bucket is a whole number of seconds");
  }
  if (shape.partition == Partition::kNone) return Status::OK();
  const int64_t unit = PartitionUnitMs(shape.partition);
  if (unit % bucket == 0) return Status::OK();
  return BadValue(
      "bucket", FormatDuration(bucket),
      std::string("with partition=") + PartitionName(shape.partition) +
          " the bucket divides " + FormatDuration(unit) +
          (shape.partition == Partition::kMonth
               ? " (a month is any number of days), which it does not"
               : ", which it does not"));
}

bool Policy::operator==(const Policy& other) const {
  return shape == other.shape && tiers == other.tiers &&
         dedup_interval_ms == other.dedup_interval_ms &&
         retention_ms == other.retention_ms &&
         safety_lag_ms == other.safety_lag_ms &&
         future_limit_ms == other.future_limit_ms && ageing == other.ageing;
}

const std::vector<std::string>& PolicyFieldNames() {
  static const auto* const names =
      new std::vector<std::string>{"downsampling_period",
                                   "dedup_interval",
                                   "retention_period",
                                   "bucket",
                                   "partition",
                                   "window",
                                   "safety_lag",
                                   "future_limit",
                                   "ageing"};
  return *names;
}

Status Policy::Set(const std::string& name, const std::string& value) {
  if (name == "downsampling_period") {
    return SetTiers("downsampling_period", value, &tiers);
  }
  if (name == "dedup_interval") {
    return SetDuration("dedup_interval", value, &dedup_interval_ms);
  }
  if (name == "retention_period") {
    return SetDuration("retention_period", value, &retention_ms);
  }
  if (name == "bucket") {
    return SetDuration("bucket", value, &shape.bucket_width_ms);
  }
  if (name == "safety_lag") {
    return SetDuration("safety_lag", value, &safety_lag_ms);
  }
  if (name == "future_limit") {
    return SetDuration("future_limit", value, &future_limit_ms);
  }
  if (name == "partition") {
    for (Partition p : {Partition::kNone, Partition::kDay, Partition::kWeek,
                        Partition::kMonth}) {
      if (value != PartitionName(p)) continue;
      shape.partition = p;
      return Status::OK();
    }
    return BadValue("partition", value, "it is none, day, week or month");
  }
  if (name == "window") {
    for (WindowRule w : {WindowRule::kFloor, WindowRule::kCeil}) {
      if (value != WindowRuleName(w)) continue;
      shape.window = w;
      return Status::OK();
    }
    return BadValue("window", value, "it is floor or ceil");
  }
  if (name == "ageing") {
    if (value != "on" && value != "off") {
      return BadValue("ageing", value, "it is on or off");
    }
    ageing = value == "on";
    return Status::OK();
  }
  return Status::NotFound("no policy field is named '" + name + "'");
}

std::string Policy::Get(const std::string& name) const {
  if (name == "downsampling_period") return FormatTiers(tiers);
  if (name == "dedup_interval") return FormatDuration(dedup_interval_ms);
  if (name == "retention_period") return FormatDuration(retention_ms);
  if (name == "bucket") return FormatDuration(shape.bucket_width_ms);
  if (name == "partition") return PartitionName(shape.partition);
  if (name == "window") return WindowRuleName(shape.window);
  if (name == "safety_lag") return FormatDuration(safety_lag_ms);
  if (name == "future_limit") return FormatDuration(future_limit_ms);
  if (name == "ageing") return ageing ? "on" : "off";
  return "";
}

Status Policy::Validate() const {
  Status status = CheckRowShape(shape);
  if (status.ok()) status = CheckFields(*this);
  if (!status.ok()) return status;
  int64_t finer_ms = dedup_interval_ms;
  std::string finer = "dedup_interval";
  for (const Tier& tier : tiers) {
    if (finer_ms > 0 && tier.interval_ms % finer_ms != 0) {
      return NotDividing(finer, finer_ms, "the interval", tier.interval_ms);
    }
    finer_ms = tier.interval_ms;
    finer = "the interval";
  }
  if (finer_ms > 0 && shape.bucket_width_ms % finer_ms != 0) {
    return NotDividing(finer, finer_ms, "the bucket", shape.bucket_width_ms);
  }
  return Status::OK();
}

Status SplitPolicyText(
    const std::string& text,
    std::vector<std::pair<std::string, std::string>>* fields) {
  fields->clear();
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(';', begin), text.size());
    const std::string pair = Trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      return Status::InvalidArgument("policy: '" + pair +
                                     "' is not a name=value");
    }
    const std::string name = Trim(pair.substr(0, equals));
    for (const auto& field : *fields) {
      if (field.first == name) {
        return Status::InvalidArgument("policy: " + name + " is given twice");
      }
    }
    fields->emplace_back(name, Trim(pair.substr(equals + 1)));
    if (fields->size() > kFieldsMax) {
      return Status::InvalidArgument("policy: more fields than there are");
    }
  }
  return Status::OK();
}

Status Policy::Parse(const std::string& text, Policy* policy) {
  std::vector<std::pair<std::string, std::string>> fields;
  Status status = SplitPolicyText(text, &fields);
  if (!status.ok()) return status;
  Policy result;
  for (const auto& field : fields) {
    status = result.Set(field.first, field.second);
    if (status.IsNotFound()) {
      std::string known;
      for (const std::string& name : PolicyFieldNames()) known += " " + name;
      return Status::InvalidArgument("policy: no field is named '" +
                                     field.first + "'; known are" + known);
    }
    if (!status.ok()) return status;
  }
  status = result.Validate();
  if (status.ok()) *policy = result;
  return status;
}

std::string Policy::ToString() const {
  std::string text;
  for (const std::string& name : PolicyFieldNames()) {
    if (!text.empty()) text += ';';
    text += name;
    text += '=';
    text += Get(name);
  }
  return text;
}

std::string Policy::Difference(const Policy& other, const char* here,
                               const char* there) const {
  for (const std::string& name : PolicyFieldNames()) {
    const std::string mine = Get(name);
    const std::string theirs = other.Get(name);
    if (mine == theirs) continue;
    return name + " is " + mine + " " + here + " and " + theirs + " " + there;
  }
  return "";
}

}  // namespace varve
