#include "bench/samples/sample_stream.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace varve::bench {
namespace {

constexpr uint32_t kSlotsOfTarget = 100;
constexpr double kPageBytes = 4096;
constexpr uint32_t kGenerationMax = 255;
constexpr const char* kClassNames[5] = {"counter", "gauge", "memory",
                                        "constant", "double"};

uint64_t Mixed(uint64_t a, uint64_t b) {
  uint64_t state = a * 0x9e3779b97f4a7c15 + b;
  return NextRandom(&state);
}

}  // namespace

// splitmix64
uint64_t NextRandom(uint64_t* state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double NextUniform(uint64_t* state) {
  return static_cast<double>(NextRandom(state) >> 11) * 0x1p-53;
}

bool ParseMix(const std::string& text, uint32_t mix[5]) {
  std::fill(mix, mix + 5, 0);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const size_t colon = item.find(':');
    if (colon == std::string::npos) return false;
    char* rest = nullptr;
    const unsigned long weight = std::strtoul(&item[colon + 1], &rest, 10);
    if (*rest != '\0' || rest == &item[colon + 1] || weight > 1000000) {
      return false;
    }
    const auto name = std::find_if(
        kClassNames, kClassNames + 5,
        [&](const char* known) { return item.substr(0, colon) == known; });
    if (name == kClassNames + 5) return false;
    mix[name - kClassNames] = static_cast<uint32_t>(weight);
    begin = end + 1;
  }
  return std::any_of(mix, mix + 5, [](uint32_t weight) { return weight > 0; });
}

SampleStream::SampleStream(const StreamOptions& options)
    : options_(options), slots_(options.series) {
  uint32_t sum = 0;
  for (const uint32_t weight : options.mix) sum += weight;
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.random = Mixed(options.seed, i);
    slot.index = 0;
    auto pick = static_cast<uint32_t>(NextRandom(&slot.random) % sum);
    size_t kind = 0;
    while (pick >= options.mix[kind]) pick -= options.mix[kind++];
    slot.kind = static_cast<ScrapeClass>(kind);
    slot.rate = std::exp(NextUniform(&slot.random) * 9);
    slot.thousandths = NextUniform(&slot.random) < 0.5;
    const double start = NextUniform(&slot.random);
    const double scale = slot.thousandths ? 1000 : 100;
    slot.value = std::floor(start * 1e6);
    if (slot.kind == ScrapeClass::kGauge) {
      slot.value = std::round(start * 100 * scale) / scale;
    } else if (slot.kind == ScrapeClass::kMemory) {
      slot.value *= kPageBytes;
    } else if (slot.kind == ScrapeClass::kDouble) {
      slot.value = 1 + start;
    }
  }
}

double SampleStream::NextValue(Slot* slot) const {
  switch (slot->kind) {
    case ScrapeClass::kCounter:
      return slot->value +=
             std::floor(slot->rate * 2 * NextUniform(&slot->random));
    case ScrapeClass::kGauge: {
      const double scale = slot->thousandths ? 1000 : 100;
      slot->value += (NextUniform(&slot->random) - 0.5) * 0.4;
      return std::round(slot->value * scale) / scale;
    }
    case ScrapeClass::kMemory:
      return slot->value +=
             std::round((NextUniform(&slot->random) - 0.5) * 200) * kPageBytes;
    case ScrapeClass::kConstant:
      return slot->value;
    case ScrapeClass::kDouble:
      return slot->value * NextUniform(&slot->random);
  }
  return slot->value;
}

// The last day, counted from the start, at whose beginning the slot turned
// into a new series.
uint32_t SampleStream::GenerationAt(uint32_t slot, uint64_t index) const {
  if (options_.churn_pct == 0) return 0;
  const auto day = static_cast<uint32_t>(std::min<uint64_t>(
      index * static_cast<uint64_t>(options_.interval_ms) / kMillisPerDay,
      kGenerationMax));
  for (uint32_t d = day; d > 0; --d) {
    if (Mixed(options_.seed + d, slot) % 100 < options_.churn_pct) return d;
  }
  return 0;
}

std::string SampleStream::SeriesAt(uint32_t slot, uint64_t index) const {
  // "s%05x%02x": printf would be a tenth of what fillseries measures.
  constexpr char kDigits[] = "0123456789abcdef";
  const uint32_t number = slot << 8 | GenerationAt(slot, index);
  char name[8];
  name[0] = 's';
  for (int i = 1; i < 8; ++i) name[i] = kDigits[number >> 4 * (7 - i) & 15];
  return std::string(name, sizeof name);
}

int64_t SampleStream::TimestampAt(uint32_t slot, uint64_t index) const {
  int64_t t =
      kStreamStartMs + static_cast<int64_t>(index) * options_.interval_ms;
  if (options_.jitter_ms > 0) {
    const auto width = static_cast<uint64_t>(2 * options_.jitter_ms + 1);
    const uint64_t target = options_.seed * 7919 + slot / kSlotsOfTarget;
    t +=
        static_cast<int64_t>(Mixed(target, index) % width) - options_.jitter_ms;
  }
  return t;
}

uint64_t SampleStream::Next(uint32_t slot, size_t count, std::string* series,
                            std::vector<Sample>* samples) {
  Slot& state = slots_[slot];
  const uint64_t first = state.index;
  *series = SeriesAt(slot, first);
  const uint32_t generation = GenerationAt(slot, first);
  samples->clear();
  do {
    samples->push_back({TimestampAt(slot, state.index), NextValue(&state)});
    ++state.index;
  } while (samples->size() < count &&
           GenerationAt(slot, state.index) == generation);
  return first;
}

}  // namespace varve::bench
