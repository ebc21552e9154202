#include "tools/influx_line.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

#include "tools/quoted_input.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;
// Exports have names of fields with \" in them.
constexpr std::string_view kEscaped = ",= ";
constexpr std::string_view kEscapedInFields = ",= \"";

constexpr int64_t k1990Millis = 631'152'000'000;

// Where the first of `bytes` without a backslash before it stands; the text's
// end if there is none.
size_t FindUnescaped(std::string_view text, std::string_view bytes,
                     size_t begin = 0) {
  for (size_t i = begin; i < text.size(); ++i) {
    if (bytes.find(text[i]) == std::string_view::npos) continue;
    if (i == 0 || text[i - 1] != '\\') return i;
  }
  return text.size();
}

// `escaped`: the bytes that a backslash makes plain.
std::string Unescaped(std::string_view text, std::string_view escaped) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() &&
                        escaped.find(text[i + 1]) != std::string_view::npos;
    if (escape) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

// Takes the part up to `end` and the byte there off the front.
std::string_view Take(std::string_view* text, size_t end) {
  const std::string_view part = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return part;
}

std::string_view Trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \r"), text.size()));
  const size_t last = text.find_last_not_of(" \r");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Each with its comma before it.
bool ParseTags(std::string_view text, std::vector<Label>* tags,
               std::string* error) {
  while (!text.empty()) {
    text.remove_prefix(1);
    std::string_view tag = text.substr(0, FindUnescaped(text, ","));
    text.remove_prefix(tag.size());
    const size_t equals = FindUnescaped(tag, "=");
    if (equals == 0 || equals == tag.size()) {
      *error = "tag " + Quoted(tag) + " is not NAME=VALUE";
      return false;
    }
    Label label;
    label.name = Unescaped(Take(&tag, equals), kEscaped);
    label.value = Unescaped(tag, kEscaped);
    if (label.value.empty()) {
      *error = "tag " + Quoted(label.name) + " has no value";
      return false;
    }
    const auto same = [&](const Label& other) {
      return other.name == label.name;
    };
    if (std::any_of(tags->begin(), tags->end(), same)) {
      *error = "tag " + Quoted(label.name) + " is given twice";
      return false;
    }
    tags->push_back(std::move(label));
  }
  return true;
}

bool ParseBoolean(std::string_view text, double* value) {
  for (const char* const word : {"t", "T", "true", "True", "TRUE"}) {
    if (text == word) *value = 1;
    if (text == word) return true;
  }
  for (const char* const word : {"f", "F", "false", "False", "FALSE"}) {
    if (text == word) *value = 0;
    if (text == word) return true;
  }
  return false;
}

// 1i, or 1u for what int64 does not hold.
bool ParseWhole(std::string_view text, double* value, bool* rounded) {
  const char kind = text.back();
  text.remove_suffix(1);
  if (text.empty() || text.find_first_not_of("0123456789", text[0] == '-') !=
                          std::string_view::npos) {
    return false;
  }
  int64_t whole;
  if (!ParseInteger(text, &whole)) {
    uint64_t large = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, large);
    if (kind != 'u' || read.ec != std::errc() || read.ptr != end) return false;
    *value = static_cast<double>(large);
    *rounded = *value >= 18446744073709551616.0 ||
               static_cast<uint64_t>(*value) != large;
    return true;
  }
  *value = static_cast<double>(whole);
  // 2^63 itself cannot be cast back.
  *rounded =
      *value >= 9223372036854775808.0 || static_cast<int64_t>(*value) != whole;
  return kind == 'i' || whole >= 0;
}

// A field's value, but for strings.
bool ParseFieldValue(std::string_view text, InfluxPoint* point, double* value) {
  if (text.empty()) return false;
  if (text.back() == 'i' || text.back() == 'u') {
    bool rounded = false;
    if (!ParseWhole(text, value, &rounded)) return false;
    point->rounded_integers += rounded ? 1 : 0;
    return true;
  }
  return ParseBoolean(text, value) || ParseValue(text, value);
}

// The length of the text in quotation marks at the front; 0: it does not end.
size_t QuotedBytes(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return 0;
}

// Takes all fields and the blank behind them off the front.
bool ParseFields(std::string_view* text, InfluxPoint* point,
                 std::string* error) {
  for (bool more = true; more;) {
    const size_t equals = FindUnescaped(*text, "=, ");
    if (equals == 0 || equals == text->size() || (*text)[equals] != '=') {
      *error = "no field's NAME=VALUE at " + Quoted(*text);
      return false;
    }
    InfluxField field;
    field.key = Unescaped(Take(text, equals), kEscapedInFields);
    size_t end;
    if (!text->empty() && (*text)[0] == '"') {
      end = QuotedBytes(*text);
      if (end == 0) {
        *error = "field " + Quoted(field.key) + ": no closing quotation mark";
        return false;
      }
      if (end < text->size() && (*text)[end] != ',' && (*text)[end] != ' ') {
        *error = "field " + Quoted(field.key) +
                 ": text behind a closing quotation mark";
        return false;
      }
      ++point->strings;
    } else {
      end = std::min(text->find_first_of(", "), text->size());
      const std::string_view value = text->substr(0, end);
      if (!ParseFieldValue(value, point, &field.value)) {
        *error = "field " + Quoted(field.key) + ": " +
                 (value.empty() ? "a value is missing" : ValueFault(value));
        return false;
      }
      point->fields.push_back(std::move(field));
    }
    more = end < text->size() && (*text)[end] == ',';
    Take(text, end);
  }
  return true;
}

// How many nanoseconds the unit has.
int64_t NanosOf(InfluxPrecision precision) {
  switch (precision) {
    case InfluxPrecision::kUnsaid:
    case InfluxPrecision::kNanos:
      return 1;
    case InfluxPrecision::kMicros:
      return 1000;
    case InfluxPrecision::kMillis:
      return kNanosPerMilli;
    case InfluxPrecision::kSeconds:
      return 1000 * kNanosPerMilli;
    case InfluxPrecision::kMinutes:
      return 60 * 1000 * kNanosPerMilli;
    case InfluxPrecision::kHours:
      return int64_t{3600} * 1000 * kNanosPerMilli;
  }
  return 1;
}

bool ParseTime(std::string_view text, InfluxPrecision precision,
               InfluxPoint* point, std::string* error) {
  int64_t time;
  if (text.empty()) {
    *error = "no timestamp behind the fields";
    return false;
  }
  if (!ParseInteger(text, &time)) {
    *error = "timestamp " + Quoted(text) + " is not an integer";
    return false;
  }
  const int64_t nanos = NanosOf(precision);
  if (nanos >= kNanosPerMilli) {
    const int64_t millis = nanos / kNanosPerMilli;
    const int64_t bound = std::numeric_limits<int64_t>::max() / millis;
    // What lies out of reach is refused by whoever takes the sample.
    point->timestamp_ms = std::clamp(time, -bound, bound) * millis;
    return true;
  }
  const int64_t units = kNanosPerMilli / nanos;
  const int64_t rest = ((time % units) + units) % units;
  point->time_rounded = rest != 0;
  point->timestamp_ms = time / units - (time < 0 && rest != 0 ? 1 : 0);
  if (precision == InfluxPrecision::kUnsaid &&
      point->timestamp_ms < k1990Millis) {
    *error = "timestamp " + Quoted(text) +
             " lies before 1990 as nanoseconds: name its unit by "
             "--influx_precision=ns, us, ms, s, m or h";
    return false;
  }
  return true;
}

// False for a text that would not read back.
bool AppendEscaped(std::string_view text, std::string_view escaped,
                   std::string* line) {
  if (text.empty() || text.back() == '\\' || text.front() == '#' ||
      text.find_first_of("\n\r") != std::string_view::npos) {
    return false;
  }
  for (const char c : text) {
    if (escaped.find(c) != std::string_view::npos) line->push_back('\\');
    line->push_back(c);
  }
  return true;
}

}  // namespace

rocksdb::Status InfluxLineFront(const std::string& series, std::string* front) {
  front->clear();
  const std::vector<Label> labels = SeriesLabels(series);
  bool good = labels[0].name == kMetricNameLabel &&
              AppendEscaped(labels[0].value, ", ", front);
  for (size_t i = 1; i < labels.size() && good; ++i) {
    front->push_back(',');
    good = AppendEscaped(labels[i].name, kEscaped, front);
    front->push_back('=');
    good = good && AppendEscaped(labels[i].value, kEscaped, front);
  }
  front->append(" value=");
  if (good) return rocksdb::Status::OK();
  return rocksdb::Status::InvalidArgument(
      "the line protocol cannot hold the series: it has no name, a line end, a "
      "backslash at the end of a text, or # at the front of one; --format=csv "
      "can");
}

bool ParseInfluxPrecision(const std::string& name, InfluxPrecision* precision) {
  static const std::map<std::string, InfluxPrecision> kPrecisions = {
      {"", InfluxPrecision::kUnsaid},   {"ns", InfluxPrecision::kNanos},
      {"us", InfluxPrecision::kMicros}, {"ms", InfluxPrecision::kMillis},
      {"s", InfluxPrecision::kSeconds}, {"m", InfluxPrecision::kMinutes},
      {"h", InfluxPrecision::kHours}};
  const auto found = kPrecisions.find(name);
  if (found == kPrecisions.end()) return false;
  *precision = found->second;
  return true;
}

size_t InfluxLineEnd::Find(std::string_view text) {
  // A comment has no quotation marks of its own.
  if (!text.empty() && text[0] == '#') return text.find('\n');
  for (; at_ < text.size(); ++at_) {
    const char c = text[at_];
    if (c == '\\') {
      // The byte behind it may not be here yet.
      if (at_ + 1 == text.size()) return std::string_view::npos;
      // No backslash makes a line end a part of the line outside of quotation
      // marks, so that a bad line ends where it seems to.
      if (quoted_ || text[at_ + 1] != '\n') ++at_;
    } else if (c == '\n' && !quoted_) {
      return at_;
    } else if (c == ' ') {
      in_fields_ = in_fields_ || at_ > 0;
    } else if (in_fields_ && c == '"' && equals_ > commas_) {
      quoted_ = !quoted_;
    } else if (in_fields_ && !quoted_) {
      equals_ += c == '=' ? 1 : 0;
      commas_ += c == ',' ? 1 : 0;
    }
  }
  return std::string_view::npos;
}

bool LooksLikeInflux(std::string_view line) {
  const size_t blank = FindUnescaped(line, " ");
  if (blank == 0 || blank == line.size() || line[0] == ',') return false;
  const std::string_view key = line.substr(0, blank);
  const size_t comma = FindUnescaped(key, ",");
  if (key.find_first_of("{\"", 0) < comma) return false;
  if (comma < key.size() && FindUnescaped(key, "=", comma) == key.size()) {
    return false;
  }
  const std::string_view fields = Trimmed(line.substr(blank));
  const size_t equals = FindUnescaped(fields, "=, ");
  return equals > 0 && equals < fields.size() && fields[equals] == '=';
}

bool ParseInfluxLine(std::string_view line, InfluxPrecision precision,
                     InfluxPoint* point, std::string* error) {
  *point = InfluxPoint();
  std::string_view rest = Trimmed(line);
  std::string_view key = Take(&rest, FindUnescaped(rest, " "));
  const std::string_view measurement = key.substr(0, FindUnescaped(key, ","));
  key.remove_prefix(measurement.size());
  point->measurement = Unescaped(measurement, kEscaped);
  if (point->measurement.empty()) {
    *error = "no measurement at its front";
    return false;
  }
  if (!ParseTags(key, &point->tags, error)) return false;
  rest = Trimmed(rest);
  return ParseFields(&rest, point, error) &&
         ParseTime(Trimmed(rest), precision, point, error);
}

}  // namespace varve::tools
