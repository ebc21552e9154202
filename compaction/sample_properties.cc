// See sample_properties.h.
#include "compaction/sample_properties.h"

#include <algorithm>
#include <cstring>

#include "varve/policy.h"

namespace varve {
namespace {

using rocksdb::UserCollectedProperties;

constexpr const char* kVersion = "varve.version";
constexpr const char* kShape = "varve.shape";
constexpr const char* kNow = "varve.now_ms";
constexpr const char* kRows = "varve.rows";
constexpr const char* kSamples = "varve.samples";
constexpr const char* kTombstones = "varve.tombstones";
constexpr const char* kRangeTombstones = "varve.range_tombstones";
constexpr const char* kForeignRows = "varve.foreign_rows";
constexpr const char* kForeignTombstones = "varve.foreign_tombstones";
constexpr const char* kRangeLast = "varve.range_last_ms";
constexpr const char* kAged = "varve.aged";
constexpr const char* kTimestamps = "varve.timestamps_ms";
constexpr const char* kBucketLast = "varve.bucket_last_ms";
constexpr const char* kResolution = "varve.resolution.";
constexpr const char* kRaw = "raw";

std::string ShapeText(const RowShape& shape) {
  return "bucket=" + FormatDuration(shape.bucket_width_ms) +
         ";partition=" + PartitionName(shape.partition) +
         ";window=" + WindowRuleName(shape.window);
}

std::string ResolutionText(const ResolutionProperties& resolution) {
  std::string text = "samples=" + std::to_string(resolution.samples) +
                     ",bytes=" + std::to_string(resolution.bytes) +
                     ",bins=" + std::to_string(resolution.bins_start_ms) + "+" +
                     std::to_string(resolution.bin_width_ms) + ":";
  for (size_t i = 0; i < resolution.bins.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(resolution.bins[i]);
  }
  return text;
}

std::string AgedText(const std::vector<AgedReach>& aged) {
  std::string text;
  for (const AgedReach& reach : aged) {
    text += (text.empty() ? "" : ",") + std::to_string(reach.interval_ms) +
            "@" + std::to_string(reach.up_to_ms);
  }
  return text;
}

// Bounds times, so that no caller's sums and differences overflow.
constexpr uint64_t kTimeMax = INT64_MAX / 4;

// Reads a text from its front. Every step answers false for what is not
// there, and then all later ones do.
class TextReader {
 public:
  explicit TextReader(const std::string& text) : text_(text) {}

  bool Literal(const char* literal) {
    const size_t length = std::strlen(literal);
    ok_ = ok_ && text_.compare(at_, length, literal) == 0;
    if (ok_) at_ += length;
    return ok_;
  }

  bool Unsigned(uint64_t* number) {
    const size_t start = at_;
    uint64_t value = 0;
    while (ok_ && at_ < text_.size() && text_[at_] >= '0' &&
           text_[at_] <= '9') {
      const auto digit = static_cast<uint64_t>(text_[at_++] - '0');
      ok_ = value <= (UINT64_MAX - digit) / 10;
      value = value * 10 + digit;
    }
    ok_ = ok_ && at_ > start;
    *number = value;
    return ok_;
  }

  bool Signed(int64_t* number) {
    const bool negative = AtEnd() ? false : text_[at_] == '-';
    if (ok_ && negative) ++at_;
    uint64_t magnitude = 0;
    ok_ = Unsigned(&magnitude) && magnitude <= kTimeMax;
    *number = static_cast<int64_t>(ok_ ? magnitude : 0);
    if (negative) *number = -*number;
    return ok_;
  }

  bool AtEnd() const { return !ok_ || at_ == text_.size(); }
  bool ok() const { return ok_; }

 private:
  const std::string& text_;
  size_t at_ = 0;
  bool ok_ = true;
};

Status Bad(const std::string& key, const std::string& value) {
  return Status::Corruption("property " + key + " is '" + value.substr(0, 100) +
                            "', which no version of Varve writes");
}

// Reads the properties one by one; the first fault is kept.
class PropertyReader {
 public:
  explicit PropertyReader(const UserCollectedProperties& properties)
      : properties_(properties) {}

  void Count(const char* key, uint64_t* number) {
    const std::string* const text = Find(key);
    if (text == nullptr) return;
    TextReader reader(*text);
    if (!reader.Unsigned(number) || !reader.AtEnd()) Fail(key, *text);
  }

  // False when the property is absent, as it may be.
  bool Times(const char* key, int64_t* first, int64_t* second) {
    const auto at = properties_.find(key);
    if (at == properties_.end()) return false;
    TextReader reader(at->second);
    reader.Signed(first);
    if (second != nullptr) {
      reader.Literal(",");
      reader.Signed(second);
    }
    if (!reader.ok() || !reader.AtEnd()) Fail(key, at->second);
    return true;
  }

  void Aged(std::vector<AgedReach>* aged) {
    const auto at = properties_.find(kAged);
    if (at == properties_.end()) return;
    TextReader reader(at->second);
    do {
      AgedReach reach;
      reader.Signed(&reach.interval_ms);
      reader.Literal("@");
      reader.Signed(&reach.up_to_ms);
      if (!reader.ok() || reach.interval_ms < 0 ||
          aged->size() == kAgedReachesMax) {
        return Fail(kAged, at->second);
      }
      aged->push_back(reach);
    } while (!reader.AtEnd() && reader.Literal(","));
    if (!reader.ok()) Fail(kAged, at->second);
  }

  void Shape(RowShape* shape) {
    const std::string* const text = Find(kShape);
    if (text == nullptr) return;
    Policy policy;
    if (!Policy::Parse(*text, &policy).ok() ||
        ShapeText(policy.shape) != *text) {
      Fail(kShape, *text);
      return;
    }
    *shape = policy.shape;
  }

  void Fail(const std::string& key, const std::string& text) {
    if (status_.ok()) status_ = Bad(key, text);
  }

  const Status& status() const { return status_; }

 private:
  const std::string* Find(const char* key) {
    const auto at = properties_.find(key);
    if (at != properties_.end()) return &at->second;
    Fail(key, "(absent)");
    return nullptr;
  }

  const UserCollectedProperties& properties_;
  Status status_;
};

bool ParseResolution(const std::string& name, const std::string& text,
                     ResolutionProperties* resolution) {
  if (name != kRaw) {
    if (!ParseDuration(name, &resolution->interval_ms).ok() ||
        resolution->interval_ms == 0) {
      return false;
    }
  }
  TextReader reader(text);
  reader.Literal("samples=");
  reader.Unsigned(&resolution->samples);
  reader.Literal(",bytes=");
  reader.Unsigned(&resolution->bytes);
  reader.Literal(",bins=");
  reader.Signed(&resolution->bins_start_ms);
  reader.Literal("+");
  reader.Signed(&resolution->bin_width_ms);
  reader.Literal(":");
  while (!reader.AtEnd() && resolution->bins.size() < kHistogramBinsMax) {
    if (!resolution->bins.empty()) reader.Literal(",");
    uint64_t count = 0;
    reader.Unsigned(&count);
    resolution->bins.push_back(count);
  }
  // Bounds that keep a reader's arithmetic within an int64. The bin of ceil's
  // first bucket, which starts before 1970, begins one bin before it.
  return reader.ok() && reader.AtEnd() && resolution->bin_width_ms > 0 &&
         resolution->bin_width_ms <= INT64_MAX / 128 &&
         resolution->bins_start_ms >= -resolution->bin_width_ms &&
         resolution->bins_start_ms <= kTimestampMax;
}

}  // namespace

void SampleProperties::AppendTo(UserCollectedProperties* properties) const {
  UserCollectedProperties& out = *properties;
  out[kVersion] = "1";
  out[kShape] = ShapeText(shape);
  out[kNow] = std::to_string(now_ms);
  out[kRows] = std::to_string(rows);
  out[kSamples] = std::to_string(samples);
  out[kTombstones] = std::to_string(tombstones);
  out[kRangeTombstones] = std::to_string(range_tombstones);
  out[kForeignRows] = std::to_string(foreign_rows);
  out[kForeignTombstones] = std::to_string(foreign_tombstones);
  if (range_tombstones > 0) out[kRangeLast] = std::to_string(range_last_ms);
  if (!aged.empty()) out[kAged] = AgedText(aged);
  if (samples > 0) {
    out[kTimestamps] = std::to_string(first_timestamp_ms) + "," +
                       std::to_string(last_timestamp_ms);
  }
  if (has_row_keys) out[kBucketLast] = std::to_string(bucket_last_ms);
  for (const ResolutionProperties& resolution : resolutions) {
    const std::string name = resolution.interval_ms == 0
                                 ? kRaw
                                 : FormatDuration(resolution.interval_ms);
    out[kResolution + name] = ResolutionText(resolution);
  }
}

Status ParseSampleProperties(const UserCollectedProperties& properties,
                             SampleProperties* result) {
  const auto version = properties.find(kVersion);
  if (version == properties.end()) {
    return Status::NotFound("the file has no properties of Varve's");
  }
  if (version->second != "1") {
    return Status::NotSupported("properties of Varve's version " +
                                version->second.substr(0, 20));
  }
  SampleProperties parsed;
  PropertyReader reader(properties);
  reader.Shape(&parsed.shape);
  if (!reader.Times(kNow, &parsed.now_ms, nullptr)) {
    reader.Fail(kNow, "(absent)");
  }
  reader.Count(kRows, &parsed.rows);
  reader.Count(kSamples, &parsed.samples);
  reader.Count(kTombstones, &parsed.tombstones);
  reader.Count(kRangeTombstones, &parsed.range_tombstones);
  reader.Count(kForeignRows, &parsed.foreign_rows);
  reader.Count(kForeignTombstones, &parsed.foreign_tombstones);
  const bool has_ranges =
      reader.Times(kRangeLast, &parsed.range_last_ms, nullptr);
  if (has_ranges != (parsed.range_tombstones > 0)) {
    reader.Fail(kRangeLast, "(absent)");
  }
  reader.Aged(&parsed.aged);
  const bool has_times = reader.Times(kTimestamps, &parsed.first_timestamp_ms,
                                      &parsed.last_timestamp_ms);
  if (has_times != (parsed.samples > 0)) reader.Fail(kTimestamps, "(absent)");
  parsed.has_row_keys =
      reader.Times(kBucketLast, &parsed.bucket_last_ms, nullptr);
  const std::string prefix = kResolution;
  for (auto at = properties.lower_bound(prefix);
       at != properties.end() &&
       at->first.compare(0, prefix.size(), prefix) == 0;
       ++at) {
    ResolutionProperties resolution;
    if (!ParseResolution(at->first.substr(prefix.size()), at->second,
                         &resolution)) {
      reader.Fail(at->first, at->second);
    }
    parsed.resolutions.push_back(resolution);
  }
  if (!reader.status().ok()) return reader.status();
  std::sort(parsed.resolutions.begin(), parsed.resolutions.end(),
            [](const ResolutionProperties& a, const ResolutionProperties& b) {
              return a.interval_ms < b.interval_ms;
            });
  *result = parsed;
  return Status::OK();
}

}  // namespace varve
