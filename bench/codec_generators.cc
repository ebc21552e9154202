// Made-up columns, from fixed seeds. See codec_columns.h.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "bench/codec_columns.h"
#include "format/coding/value_bits.h"

namespace varve::bench {
namespace {

constexpr size_t kCount = 8192;
constexpr int64_t kStart = 1700000000123;
constexpr uint64_t kStaleBits = 0x7ff0000000000002;

using Engine = std::mt19937_64;

ColumnSet Values(const std::string& name,
                 const std::function<double(size_t)>& at) {
  ColumnSet set;
  set.name = name;
  set.values.emplace_back();
  for (size_t i = 0; i < kCount; ++i) set.values[0].push_back(BitsOf(at(i)));
  return set;
}

void AddValues(std::vector<ColumnSet>* sets) {
  Engine engine(1);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  const auto add = [&](const char* name, std::function<double(size_t)> at) {
    sets->push_back(Values(name, at));
  };
  double sum = 0;
  add("counter",
      [&](size_t) { return sum += std::floor(exponential(engine) * 40); });
  double seconds = 0;
  add("counter of seconds, 2 decimals", [&](size_t) {
    seconds += exponential(engine) * 0.3;
    return std::round(seconds * 100) / 100;
  });
  for (int decimals = 1; decimals <= 3; ++decimals) {
    const double scale = std::pow(10, decimals);
    double level = 50;
    add(("gauge, " + std::to_string(decimals) + " decimals").c_str(),
        [&](size_t) {
          level += normal(engine) * 3 / scale;
          return std::round(level * scale) / scale;
        });
  }
  double pages = 1 << 20;
  add("memory bytes", [&](size_t i) {
    if (i % 3 == 0) pages += std::round(normal(engine) * 50);
    return pages * 4096;
  });
  add("constant", [](size_t) { return 42.5; });
  add("full doubles", [&](size_t) { return normal(engine); });
  add("rate k/15",
      [&](size_t) { return std::floor(exponential(engine) * 900) / 15; });
  add("sparse", [&](size_t) {
    return engine() % 50 == 0 ? static_cast<double>(engine() % 100) : 0;
  });
  double gauge = 1000;
  add("gauge, 5 % stale", [&](size_t) {
    gauge += std::round(normal(engine) * 4);
    double stale;
    std::memcpy(&stale, &kStaleBits, sizeof stale);
    return engine() % 20 == 0 ? stale : gauge;
  });
}

void AddTimestamps(std::vector<ColumnSet>* sets) {
  Engine engine(2);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  const auto add = [&](const char* name,
                       const std::function<int64_t(size_t)>& at) {
    ColumnSet set;
    set.name = name;
    std::vector<int64_t> column;
    for (size_t i = 0; i < kCount; ++i) column.push_back(at(i));
    std::sort(column.begin(), column.end());
    column.erase(std::unique(column.begin(), column.end()), column.end());
    set.timestamps.push_back(column);
    sets->push_back(set);
  };
  const auto due = [](size_t i) {
    return kStart + 15000 * static_cast<int64_t>(i);
  };
  const auto jitter = [&](double deviation) {
    return static_cast<int64_t>(std::llround(normal(engine) * deviation));
  };
  int64_t t = kStart;
  const auto scrape = [&](size_t) {
    t += 15000;
    while (engine() % 100 == 0) t += 15000;
    return t;
  };
  add("regular 15 s", due);
  add("1 % scrapes missing", scrape);
  add("jitter 1 ms", [&](size_t i) { return due(i) + jitter(1); });
  add("jitter 5 ms", [&](size_t i) { return due(i) + jitter(5); });
  add("jitter 5 ms, 1 % missing",
      [&](size_t i) { return scrape(i) + jitter(5); });
  add("Poisson, mean 1 s", [&](size_t) {
    return t += 1 + static_cast<int64_t>(exponential(engine) * 1000);
  });
  double clock = static_cast<double>(kStart);
  double step = 1000;
  add("drifting clock, 1 s", [&](size_t) {
    step += normal(engine) * 0.01;
    return static_cast<int64_t>(clock += step);
  });
  add("bursts", [&](size_t i) {
    return t += i / 500 % 2 == 0 ? 10 + engine() % 4 : 60000 + engine() % 3000;
  });
}

}  // namespace

std::vector<ColumnSet> GeneratedColumns() {
  std::vector<ColumnSet> sets;
  AddValues(&sets);
  AddTimestamps(&sets);
  return sets;
}

}  // namespace varve::bench
