// See policy.h. Durations are in duration.cc, what is allowed but unlikely to
// be meant in policy_warnings.cc.
#include "varve/policy.h"

#include <algorithm>
#include <iterator>

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

Status CheckTiers(const char* name, const std::vector<Tier>& tiers) {
  bool sound = tiers.size() <= kTiersMax;
  for (size_t i = 0; sound && i < tiers.size(); ++i) {
    sound = tiers[i].offset_ms > 0 && tiers[i].offset_ms <= kDurationMaxMs &&
            tiers[i].interval_ms > 0 &&
            tiers[i].interval_ms <= kDurationMaxMs &&
            (i == 0 || tiers[i].interval_ms > tiers[i - 1].interval_ms);
  }
  if (sound) return Status::OK();
  return BadValue(name, FormatTiers(tiers),
                  "at most 8 tiers, ascending by interval, offsets and "
                  "intervals above 0");
}

// Names that rules between fields tell, too.
constexpr char kDedupInterval[] = "dedup_interval";
constexpr char kBucket[] = "bucket";
constexpr char kPartition[] = "partition";

// A field of the text form, and all that is done with one.
struct Field {
  const char* name;
  Status (*set)(const char* name, const std::string& value, Policy* policy);
  std::string (*get)(const Policy& policy);
  bool (*same)(const Policy& a, const Policy& b);
  // For policies that were filled in by hand: Set lets through what passes.
  // nullptr for the shape, which is checked as a whole.
  Status (*check)(const char* name, const Policy& policy);
};

template <int64_t Policy::*kMember>
constexpr Field DurationField(const char* name) {
  return {
      name,
      [](const char* field, const std::string& value, Policy* policy) {
        return SetDuration(field, value, &(policy->*kMember));
      },
      [](const Policy& policy) { return FormatDuration(policy.*kMember); },
      [](const Policy& a, const Policy& b) { return a.*kMember == b.*kMember; },
      [](const char* field, const Policy& policy) {
        return CheckRange(field, policy.*kMember);
      }};
}

constexpr Field kTiersField = {
    "downsampling_period",
    [](const char* field, const std::string& value, Policy* policy) {
      return SetTiers(field, value, &policy->tiers);
    },
    [](const Policy& policy) { return FormatTiers(policy.tiers); },
    [](const Policy& a, const Policy& b) { return a.tiers == b.tiers; },
    [](const char* field, const Policy& policy) {
      return CheckTiers(field, policy.tiers);
    }};

constexpr Field kBucketField = {
    kBucket,
    [](const char* field, const std::string& value, Policy* policy) {
      return SetDuration(field, value, &policy->shape.bucket_width_ms);
    },
    [](const Policy& policy) {
      return FormatDuration(policy.shape.bucket_width_ms);
    },
    [](const Policy& a, const Policy& b) {
      return a.shape.bucket_width_ms == b.shape.bucket_width_ms;
    },
    nullptr};

constexpr Field kPartitionField = {
    kPartition,
    [](const char* field, const std::string& value, Policy* policy) {
      for (Partition p : {Partition::kNone, Partition::kDay, Partition::kWeek,
                          Partition::kMonth}) {
        if (value != PartitionName(p)) continue;
        policy->shape.partition = p;
        return Status::OK();
      }
      return BadValue(field, value, "it is none, day, week or month");
    },
    [](const Policy& policy) {
      return std::string(PartitionName(policy.shape.partition));
    },
    [](const Policy& a, const Policy& b) {
      return a.shape.partition == b.shape.partition;
    },
    nullptr};

constexpr Field kWindowField = {
    "window",
    [](const char* field, const std::string& value, Policy* policy) {
      for (WindowRule w : {WindowRule::kFloor, WindowRule::kCeil}) {
        if (value != WindowRuleName(w)) continue;
        policy->shape.window = w;
        return Status::OK();
      }
      return BadValue(field, value, "it is floor or ceil");
    },
    [](const Policy& policy) {
      return std::string(WindowRuleName(policy.shape.window));
    },
    [](const Policy& a, const Policy& b) {
      return a.shape.window == b.shape.window;
    },
    nullptr};

constexpr Field kAgeingField = {
    "ageing",
    [](const char* field, const std::string& value, Policy* policy) {
      if (value != "on" && value != "off") {
        return BadValue(field, value, "it is on or off");
      }
      policy->ageing = value == "on";
      return Status::OK();
    },
    [](const Policy& policy) {
      return std::string(policy.ageing ? "on" : "off");
    },
    [](const Policy& a, const Policy& b) { return a.ageing == b.ageing; },
    nullptr};

// In the order of policy.h.
constexpr Field kFields[] = {
    kTiersField,
    DurationField<&Policy::dedup_interval_ms>(kDedupInterval),
    DurationField<&Policy::retention_ms>("retention_period"),
    kBucketField,
    kPartitionField,
    kWindowField,
    DurationField<&Policy::safety_lag_ms>("safety_lag"),
    DurationField<&Policy::future_limit_ms>("future_limit"),
    kAgeingField,
};

const Field* FindField(const std::string& name) {
  for (const Field& field : kFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

Status NotDividing(const std::string& finer, int64_t finer_ms,
                   const std::string& coarser, int64_t coarser_ms) {
  return Status::InvalidArgument(
      finer + " " + FormatDuration(finer_ms) + " does not divide " + coarser +
      " " + FormatDuration(coarser_ms) + ": " + kDedupInterval +
      " divides the finest interval, each interval the next coarser, the "
      "coarsest the " +
      kBucket);
}

}  // namespace

Status CheckRowShape(const RowShape& shape) {
  const int64_t bucket = shape.bucket_width_ms;
  if (bucket < kMillisPerSecond || bucket > kBucketWidthMaxMs) {
    return BadValue(kBucket, FormatDuration(bucket),
                    "a bucket is 1s to 366d wide");
  }
  if (bucket % kMillisPerSecond != 0) {
    return BadValue(kBucket, FormatDuration(bucket),
                    "a bucket is a whole number of seconds");
  }
  if (shape.partition == Partition::kNone) return Status::OK();
  const int64_t unit = PartitionUnitMs(shape.partition);
  if (unit % bucket == 0) return Status::OK();
  return BadValue(
      kBucket, FormatDuration(bucket),
      std::string("with ") + kPartition + "=" + PartitionName(shape.partition) +
          " the bucket divides " + FormatDuration(unit) +
          (shape.partition == Partition::kMonth
               ? " (a month is any number of days), which it does not"
               : ", which it does not"));
}

bool Policy::operator==(const Policy& other) const {
  return std::all_of(
      std::begin(kFields), std::end(kFields),
      [&](const Field& field) { return field.same(*this, other); });
}

const std::vector<std::string>& PolicyFieldNames() {
  static const auto* const names = [] {
    auto* const list = new std::vector<std::string>;
    for (const Field& field : kFields) list->push_back(field.name);
    return list;
  }();
  return *names;
}

Status Policy::Set(const std::string& name, const std::string& value) {
  const Field* const field = FindField(name);
  if (field != nullptr) return field->set(field->name, value, this);
  return Status::NotFound("no policy field is named '" + name + "'");
}

std::string Policy::Get(const std::string& name) const {
  const Field* const field = FindField(name);
  return field == nullptr ? "" : field->get(*this);
}

Status Policy::Validate() const {
  Status status = CheckRowShape(shape);
  for (const Field& field : kFields) {
    if (status.ok() && field.check != nullptr) {
      status = field.check(field.name, *this);
    }
  }
  if (!status.ok()) return status;
  int64_t finer_ms = dedup_interval_ms;
  std::string finer = kDedupInterval;
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
  for (const Field& field : kFields) {
    if (!text.empty()) text += ';';
    text += field.name;
    text += '=';
    text += field.get(*this);
  }
  return text;
}

std::string Policy::Difference(const Policy& other, const char* here,
                               const char* there) const {
  for (const Field& field : kFields) {
    const std::string mine = field.get(*this);
    const std::string theirs = field.get(other);
    if (mine == theirs) continue;
    return std::string(field.name) + " is " + mine + " " + here + " and " +
           theirs + " " + there;
  }
  return "";
}

}  // namespace varve
