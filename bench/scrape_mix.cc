// See scrape_mix.h.
#include "bench/scrape_mix.h"

#include <cmath>

#include "format/coding/value_bits.h"

namespace varve {
namespace {

constexpr size_t kSeriesOfTarget = 100;
constexpr double kPageBytes = 4096;

class SeriesSource {
 public:
  SeriesSource(ScrapeClass kind, uint64_t seed) : kind_(kind), engine_(seed) {
    rate_ = std::exp(Uniform() * 7.6);  // 1 to 2,000 an interval
    decimals_ = Uniform() < 0.5 ? 100 : 1000;
    value_ = Start();
  }

  double Next() {
    switch (kind_) {
      case ScrapeClass::kCounter:
        value_ += std::floor(rate_ * 2 * Uniform());
        return value_;
      case ScrapeClass::kGauge:
        value_ += (Uniform() - 0.5) * 0.4;
        return std::round(value_ * decimals_) / decimals_;
      case ScrapeClass::kMemory:
        value_ += std::round((Uniform() - 0.5) * 200) * kPageBytes;
        return value_;
      case ScrapeClass::kConstant:
        return value_;
      case ScrapeClass::kDouble:
        return value_ * Uniform();
    }
    return value_;
  }

 private:
  double Uniform() {  // in [0, 1), the same on every machine
    return static_cast<double>(engine_() >> 11) * 0x1p-53;
  }

  double Start() {
    switch (kind_) {
      case ScrapeClass::kMemory:
        return std::floor(Uniform() * 1e6) * kPageBytes;
      case ScrapeClass::kGauge:
        return std::round(Uniform() * 100 * decimals_) / decimals_;
      case ScrapeClass::kDouble:
        return 1 + Uniform();
      default:
        return std::floor(Uniform() * 1e6);
    }
  }

  const ScrapeClass kind_;
  std::mt19937_64 engine_;
  double rate_ = 0;
  double decimals_ = 100;
  double value_ = 0;
};

}  // namespace

ScrapeClass ScrapeClassOf(size_t series) {
  const size_t i = series * 7 % 20;  // the classes lie mixed
  if (i < 8) return ScrapeClass::kCounter;
  if (i < 13) return ScrapeClass::kGauge;
  if (i < 15) return ScrapeClass::kMemory;
  if (i < 18) return ScrapeClass::kConstant;
  return ScrapeClass::kDouble;
}

void MakeScrapedSeries(const ScrapeOptions& options, size_t series,
                       size_t count, SampleRun* run) {
  SeriesSource values(ScrapeClassOf(series), options.seed * 1000003 + series);
  std::mt19937_64 jitter(options.seed * 7919 + series / kSeriesOfTarget);
  run->Resize(count);
  const auto width = static_cast<uint64_t>(2 * options.jitter_ms + 1);
  for (size_t i = 0; i < count; ++i) {
    run->timestamps()[i] =
        options.start_ms + static_cast<int64_t>(i) * options.interval_ms +
        static_cast<int64_t>(jitter() % width) - options.jitter_ms;
    run->value_bits()[i] = BitsOf(values.Next());
  }
}

}  // namespace varve
