// A year of samples in a few seconds: the clock is moved by hand, and at each
// month's end everything is compacted. Prints how what lies on disk stays
// bounded while a year is written, and draws the year as it was written above
// the year as a reader sees it at its end.
//
//   downsampling_year DIR CHART.svg
#include <rocksdb/db.h>
#include <varve/varve.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

using varve::Sample;

constexpr char kPolicy[] = "downsampling_period=30d:1h,120d:6h";
constexpr int64_t kMinuteMs = 60 * 1000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr int64_t kStartMs = 1735689600000;  // 2025-01-01
constexpr int64_t kEndMs = kStartMs + 365 * kDayMs;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

class MovedClock : public rocksdb::SystemClockWrapper {
 public:
  MovedClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "MovedClock"; }
  void MoveTo(int64_t now_ms) { now_ms_ = now_ms; }
  uint64_t NowMicros() override { return now_ms_ * 1000; }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = now_ms_ / 1000;
    return rocksdb::Status::OK();
  }

 private:
  std::atomic<int64_t> now_ms_{kStartMs};
};

// A temperature outside, in tenths of a degree: the seasons, the time of day,
// and weather from a generator that is the same everywhere.
class Weather {
 public:
  double At(int64_t timestamp_ms) {
    const double days = static_cast<double>(timestamp_ms - kStartMs) / kDayMs;
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    front_ += (static_cast<double>(state_ >> 40) / (1 << 24) - 0.5) * 0.4;
    front_ *= 0.9995;
    const double turn = 2 * 3.14159265358979;
    return std::round(10 * (9 - 11 * std::cos(turn * days / 365) -
                            5 * std::cos(turn * days) + front_)) /
           10;
  }

 private:
  uint64_t state_ = 1;
  double front_ = 0;
};

// What the files hold, by the properties that Varve's collector gave them.
void PrintRow(rocksdb::DB* db, size_t written, size_t seen, int day) {
  rocksdb::TablePropertiesCollection files;
  Check(db->GetPropertiesOfAllTables(&files));
  uint64_t samples = 0, bytes = 0;
  for (const auto& file : files) {
    samples +=
        std::stoull(file.second->user_collected_properties.at("varve.samples"));
    bytes += file.second->data_size;
  }
  std::printf("%3d  %8zu  %8zu  %8llu  %5llu KiB\n", day, written, seen,
              static_cast<unsigned long long>(samples),
              static_cast<unsigned long long>(bytes / 1024));
}

// ------------------------------------------------------------------ the chart

constexpr int kWidth = 900;
constexpr int kPanel = 200;  // pixels of height for -20 to 40 degrees

double X(int64_t timestamp_ms) {
  return static_cast<double>(timestamp_ms - kStartMs) / (kEndMs - kStartMs) *
         kWidth;
}

double Y(double degrees, int top) {
  return top + kPanel - (degrees + 20) / 60 * kPanel;
}

std::string Label(double x, double y, const std::string& text,
                  const std::string& style = "") {
  return "<text x='" + std::to_string(x) + "' y='" + std::to_string(y) + "' " +
         style + ">" + text + "</text>\n";
}

std::string Line(double x1, double y1, double x2, double y2) {
  char text[120];
  std::snprintf(text, sizeof text,
                "<path stroke='#ddd' d='M%.1f,%.1fL%.1f,%.1f'/>\n", x1, y1, x2,
                y2);
  return text;
}

// The frame of a chart: degrees at the left, months below.
std::string Axes(const std::string& title, int top) {
  std::string svg = Label(0, top - 12, title, "font-weight='bold'");
  for (int degrees = -20; degrees <= 40; degrees += 10) {
    const double y = Y(degrees, top);
    svg += Line(0, y, kWidth, y);
    svg += Label(-8, y + 4, std::to_string(degrees) + " °C",
                 "text-anchor='end' fill='#666'");
  }
  constexpr struct {
    const char* name;
    int first_day;
  } kMonths[] = {{"Jan", 0},   {"Feb", 31},  {"Mar", 59},  {"Apr", 90},
                 {"May", 120}, {"Jun", 151}, {"Jul", 181}, {"Aug", 212},
                 {"Sep", 243}, {"Oct", 273}, {"Nov", 304}, {"Dec", 334}};
  for (const auto& month : kMonths) {
    const double x = X(kStartMs + month.first_day * kDayMs);
    svg += Line(x, top, x, top + kPanel + 6);
    svg += Label(x + 4, top + kPanel + 16, month.name, "fill='#666'");
  }
  return svg;
}

std::string Polyline(const std::vector<Sample>& samples, int top,
                     const char* color) {
  std::string points;
  for (const Sample& sample : samples) {
    char text[40];
    std::snprintf(text, sizeof text, "%.1f,%.1f ", X(sample.timestamp_ms),
                  Y(sample.value, top));
    points += text;
  }
  return "<polyline fill='none' stroke='" + std::string(color) +
         "' stroke-width='0.8' points='" + points + "'/>\n";
}

// For drawing only: of a sample a minute, the extremes of every few hours are
// as many as one sees. The chart says so.
std::vector<Sample> Extremes(const std::vector<Sample>& samples, size_t step) {
  std::vector<Sample> result;
  for (size_t i = 0; i + step <= samples.size(); i += step) {
    const auto [low, high] = std::minmax_element(
        samples.begin() + i, samples.begin() + i + step,
        [](const Sample& a, const Sample& b) { return a.value < b.value; });
    result.push_back(std::min(low, high)[0]);
    result.push_back(std::max(low, high)[0]);
  }
  return result;
}

bool DrawChart(const std::vector<Sample>& written,
               const std::vector<Sample>& seen, const std::string& path) {
  constexpr int kTop = 290;  // of the lower chart
  std::string svg =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-60 -40 970 600' "
      "font-family='sans-serif' font-size='13'>\n"
      "<rect x='-60' y='-40' width='970' height='600' fill='white'/>\n";
  svg += Axes("A year as written: " + std::to_string(written.size()) +
                  " samples, one a minute (drawn: extremes of 6 hours)",
              0);
  svg += Polyline(Extremes(written, 360), 0, "#888");
  svg += Axes("As read at its end under " + std::string(kPolicy) + ": " +
                  std::to_string(seen.size()) + " samples",
              kTop);
  // A colour for each resolution.
  struct Band {
    int64_t from_ms, to_ms;
    const char *color, *text;
  };
  for (const Band& band :
       {Band{kStartMs, kEndMs - 120 * kDayMs, "#1a6", "one in 6 hours"},
        Band{kEndMs - 120 * kDayMs, kEndMs - 30 * kDayMs, "#26c",
             "one an hour"},
        Band{kEndMs - 30 * kDayMs, kEndMs, "#c33", "one a minute"}}) {
    std::vector<Sample> part;
    for (const Sample& sample : seen) {
      if (sample.timestamp_ms >= band.from_ms &&
          sample.timestamp_ms < band.to_ms) {
        part.push_back(sample);
      }
    }
    const bool raw = band.to_ms == kEndMs;
    svg += Polyline(raw ? Extremes(part, 360) : part, kTop, band.color);
    svg += Label(X(band.to_ms), kTop + kPanel + (raw ? 54 : 38),
                 std::to_string(part.size()) + ", " + band.text,
                 "text-anchor='end' fill='" + std::string(band.color) + "'");
  }
  std::ofstream file(path);
  file << svg << "</svg>\n";
  return file.flush().good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: downsampling_year DIR CHART.svg\n");
    return 2;
  }
  const auto clock = std::make_shared<MovedClock>();
  varve::Options varve;
  Check(varve::Policy::Parse(kPolicy, &varve.policy));
  varve.clock = clock;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;  // the story begins with nothing
  Check(varve::ConfigureColumnFamily(varve, &options));
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, argv[1], &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<varve::SampleWriter> writer;
  std::unique_ptr<varve::SampleReader> reader;
  Check(
      varve::SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer));
  Check(
      varve::SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader));

  Weather weather;
  std::vector<Sample> written, seen;
  std::puts("day   written  readable   on disk");
  for (int day = 1; day <= 365; ++day) {
    const size_t first = written.size();
    const int64_t midnight_ms = kStartMs + day * kDayMs;
    for (int64_t t = midnight_ms - kDayMs; t < midnight_ms; t += kMinuteMs) {
      written.push_back({t, weather.At(t)});
    }
    clock->MoveTo(midnight_ms);
    rocksdb::WriteBatch batch;
    Check(writer->Add("outside", written.data() + first, written.size() - first,
                      &batch));
    Check(db->Write(rocksdb::WriteOptions(), &batch));
    if (day % 30 != 0 && day != 365) continue;
    Check(db->Flush(rocksdb::FlushOptions()));
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    Check(db->CompactRange(all, nullptr, nullptr));
    Check(reader->Read({}, "outside", kStartMs, kEndMs, &seen));
    PrintRow(db.get(), written.size(), seen.size(), day);
  }
  if (!DrawChart(written, seen, argv[2])) {
    std::fprintf(stderr, "cannot write %s\n", argv[2]);
    return 1;
  }
}
