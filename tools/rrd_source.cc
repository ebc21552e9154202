#include "tools/rrd_source.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tools/quoted_input.h"
#include "tools/series_text.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

// Far beyond what the program writes.
constexpr size_t kTokenBytesMax = 64 << 10;
constexpr size_t kDepthMax = 16;
constexpr size_t kSourcesMax = 10000;
constexpr int64_t kStepMax = int64_t{1} << 31;
constexpr int64_t kTimeMax = kTimestampMax / 1000;

// Held before they are handed out.
constexpr uint64_t kSamplesHeldMax = 1 << 20;
constexpr uint64_t kRowsHeldMax = 8192;

constexpr char kUnknown[] =
    "unknown values (NaN) of rrdtool left out: they are no samples";

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const size_t last = text.find_last_not_of(kBlanks);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view WithoutEnding(std::string_view text, std::string_view ending) {
  const bool has = text.size() > ending.size() &&
                   text.substr(text.size() - ending.size()) == ending;
  return has ? text.substr(0, text.size() - ending.size()) : text;
}

// "-": rrd.
std::string NameOfFile(std::string_view path) {
  if (path == "standard input") return "rrd";
  path.remove_prefix(path.rfind('/') + 1);
  for (const char* const ending : {".gz", ".zst", ".xml", ".rrd"}) {
    path = WithoutEnding(path, ending);
  }
  return std::string(path);
}

}  // namespace

RrdSource::RrdSource(std::unique_ptr<InputText> text,
                     const std::string& metric_name, ImportRemarks* remarks)
    : text_(std::move(text)),
      remarks_(remarks),
      metric_name_(metric_name.empty() ? NameOfFile(text_->name())
                                       : metric_name) {}

std::string RrdSource::Where() const {
  return text_->name() + ":" + std::to_string(line_);
}

const Status& RrdSource::status() const {
  return status_.ok() ? text_->status() : status_;
}

bool RrdSource::Fail(const std::string& what) {
  if (status_.ok()) status_ = Status::InvalidArgument(Where(), what);
  return false;
}

bool RrdSource::Within(std::string_view element) const {
  return !path_.empty() && path_.back() == element;
}

// Takes what stands between `head_bytes` and `ending`.
RrdSource::Token RrdSource::TakeMarkup(std::string_view ending,
                                       size_t head_bytes, Token token) {
  size_t searched = head_bytes;
  for (;;) {
    const std::string_view window = text_->window();
    const size_t end = window.find(ending, searched);
    if (end != std::string_view::npos) {
      token_ =
          std::string(Trimmed(window.substr(head_bytes, end - head_bytes)));
      text_->Consume(end + ending.size());
      return token;
    }
    searched = std::max(head_bytes,
                        window.size() - std::min(window.size(), ending.size()));
    if (window.size() > kTokenBytesMax || !text_->More()) {
      Fail(text_->status().ok()
               ? "no " + Quoted(ending) + " behind " + Quoted(text_->window())
               : "");
      return Token::kEnd;
    }
  }
}

RrdSource::Token RrdSource::NextToken() {
  for (;;) {
    std::string_view window = text_->window();
    const size_t begin =
        std::min(window.find_first_not_of(kBlanks), window.size());
    text_->Consume(begin);
    window = text_->window();
    line_ = text_->line();
    // The longest beginning of markup has four bytes.
    if (window.size() < 4 && text_->More()) continue;
    window = text_->window();
    if (window.empty()) return Token::kEnd;
    if (window[0] != '<') {
      // Text ends where markup begins, which is left there.
      size_t end = window.find('<');
      if (end == window.npos && window.size() <= kTokenBytesMax &&
          text_->More()) {
        continue;
      }
      if (end == window.npos) end = window.size();
      if (end > kTokenBytesMax) Fail("a text of more than 64 KiB");
      token_ = std::string(Trimmed(window.substr(0, end)));
      text_->Consume(end);
      return Token::kText;
    }
    if (window.substr(0, 4) == "<!--") {
      return TakeMarkup("-->", 4, Token::kComment);
    }
    if (window.substr(0, 2) == "</") return TakeMarkup(">", 2, Token::kClose);
    const bool is_head =
        window.substr(0, 2) == "<?" || window.substr(0, 2) == "<!";
    const Token token = TakeMarkup(">", 1, Token::kOpen);
    if (!is_head || token == Token::kEnd) return token;
  }
}

bool RrdSource::Open() {
  if (path_.size() == kDepthMax) return Fail("elements within elements");
  if (path_.empty() != (token_ == "rrd")) {
    return Fail("element " + Quoted(token_) +
                " where rrdtool dump has none: import reads what it prints");
  }
  if (token_ == "rra") {
    consolidation_.clear();
    steps_per_row_ = 0;
  }
  if (token_ == "database") {
    row_time_ = last_row_time_ = 0;
    if (step_ <= 0 || steps_per_row_ <= 0 || consolidation_.empty() ||
        sources_.empty()) {
      return Fail("no step, pdp_per_row, cf or ds before the rows");
    }
    columns_.assign(sources_.size(), {});
    rows_held_ = 0;
  }
  if (token_ == "row") row_.clear();
  path_.push_back(token_);
  return true;
}

bool RrdSource::Text() {
  if (path_.empty()) return Fail("text " + Quoted(token_) + " is no XML");
  const std::string& element = path_.back();
  const std::string_view parent =
      path_.size() > 1 ? std::string_view(path_[path_.size() - 2])
                       : std::string_view();
  const auto number = [&](int64_t most, int64_t* value) {
    return (ParseInteger(token_, value) && *value > 0 && *value <= most) ||
           Fail(element + " " + Quoted(token_) + " is no such number");
  };
  if (element == "v") {
    double value = 0;
    if (row_.size() == sources_.size()) return Fail("a row of too many values");
    if (!ParseValue(token_, &value)) return Fail(ValueFault(token_));
    row_.push_back(value);
  } else if (element == "step" && parent == "rrd") {
    return number(kStepMax, &step_);
  } else if (element == "lastupdate" && parent == "rrd") {
    return number(kTimeMax, &last_update_);
  } else if (element == "pdp_per_row") {
    return number(kStepMax, &steps_per_row_);
  } else if (element == "cf") {
    consolidation_ = token_;
  } else if (element == "name" && parent == "ds") {
    if (sources_.size() == kSourcesMax) return Fail("more than 10,000 sources");
    if (std::find(sources_.begin(), sources_.end(), token_) != sources_.end()) {
      return Fail("data source " + Quoted(token_) + " is given twice");
    }
    sources_.push_back(token_);
  }
  return true;
}

// "2023-11-14 22:20:00 UTC / 1700000400"
bool RrdSource::Comment() {
  if (!Within("database")) return true;
  const size_t slash = token_.rfind('/');
  const std::string_view time =
      Trimmed(std::string_view(token_).substr(slash + 1));
  if (!ParseInteger(time, &row_time_) || row_time_ < 0 ||
      row_time_ > kTimeMax) {
    return Fail("comment " + Quoted(token_) +
                " does not end with a row's time");
  }
  return true;
}

bool RrdSource::EndRow() {
  const int64_t row_step = step_ * steps_per_row_;
  if (row_time_ == 0) return Fail("a row without a comment of its time");
  if (row_time_ % row_step != 0 ||
      (last_row_time_ != 0 && row_time_ != last_row_time_ + row_step)) {
    return Fail("a row at " + std::to_string(row_time_) +
                ", which is no step of " + std::to_string(row_step) +
                " s behind the row before it");
  }
  if (row_.size() != sources_.size()) {
    return Fail(std::to_string(row_.size()) + " values of " +
                std::to_string(sources_.size()) + " data sources");
  }
  for (size_t i = 0; i < row_.size(); ++i) {
    if (std::isnan(row_[i])) {
      remarks_->Add(kUnknown, Where());
    } else {
      columns_[i].push_back({1000 * row_time_, row_[i]});
    }
  }
  last_row_time_ = std::exchange(row_time_, 0);
  ++rows_held_;
  const uint64_t samples = rows_held_ * sources_.size();
  if (rows_held_ == kRowsHeldMax || samples >= kSamplesHeldMax) HandOut();
  return true;
}

bool RrdSource::EndDatabase() {
  const int64_t row_step = step_ * steps_per_row_;
  const int64_t last = last_update_ - last_update_ % row_step;
  if (last_row_time_ != 0 && last_row_time_ != last) {
    return Fail("the last row is at " + std::to_string(last_row_time_) +
                ", and by lastupdate it is at " + std::to_string(last));
  }
  if (rows_held_ > 0) HandOut();
  return true;
}

bool RrdSource::Close() {
  if (!Within(token_)) {
    return Fail("</" + Quoted(token_) + "> closes no element that is open");
  }
  path_.pop_back();
  if (token_ == "row") return EndRow();
  if (token_ == "database") return EndDatabase();
  ended_ = ended_ || path_.empty();
  return true;
}

void RrdSource::HandOut() {
  handing_out_ = true;
  next_column_ = 0;
}

SampleSource::Result RrdSource::Next() {
  samples_.clear();
  while (status().ok()) {
    if (handing_out_ && next_column_ < columns_.size()) {
      // The rows count with their first column.
      records_begun_ = std::exchange(rows_held_, 0);
      const std::string step = std::to_string(step_ * steps_per_row_);
      series_ = SeriesText({{kMetricNameLabel, metric_name_},
                            {"cf", consolidation_},
                            {"ds", sources_[next_column_]},
                            {"step", step}});
      samples_.swap(columns_[next_column_++]);
      return Result::kSamples;
    }
    handing_out_ = false;
    bool good = true;
    switch (NextToken()) {
      case Token::kOpen:
        good = Open();
        break;
      case Token::kClose:
        good = Close();
        break;
      case Token::kText:
        good = Text();
        break;
      case Token::kComment:
        good = Comment();
        break;
      case Token::kEnd:
        if (!ended_ && status().ok()) Fail("it is cut short: no </rrd>");
        return Result::kEnd;
    }
    if (!good) break;
  }
  return Result::kEnd;
}

}  // namespace varve::tools
