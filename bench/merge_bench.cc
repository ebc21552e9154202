// What merging and thinning rows costs, decode to encode, on one core:
//
//   merge 4 overlapping blocks of 2,000 samples of one row
//   thin a row of 5,760 samples (15 s over a day) to 5 m
//
// on the scraped mix, in samples read per CPU-second. Target: merge >= 80 M
// (fast) and >= 45 M (compact); thin >= 200 M.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/scrape_mix.h"
#include "compaction/row_merge.h"

namespace varve {
namespace {

constexpr size_t kSeries = 20;  // one of each kind, in the mix's shares
constexpr int64_t kBucket = 20000 * kMillisPerDay;

std::string RowKeyOf(const Policy& policy) {
  std::string key;
  AppendRowKey(policy.shape, "series", kBucket, &key);
  return key;
}

// Every `stride`-th sample from `offset` on, encoded as one block.
std::string EncodeEvery(const Policy& policy, const SampleRun& run,
                        size_t offset, size_t stride, size_t limit,
                        Profile profile) {
  SampleRun part;
  for (size_t i = offset; i < run.size() && part.size() < limit; i += stride) {
    part.Append(run.timestamps()[i], run.value_bits()[i]);
  }
  BlockSpec spec;
  spec.shape = policy.shape;
  spec.bucket_start_ms = kBucket;
  spec.profile = profile;
  std::string block;
  BlockEncoder().Encode(spec, part.timestamps(), part.value_bits(), part.size(),
                        &block);
  return block;
}

void Merge(benchmark::State& state, const Policy& policy, int64_t now_ms,
           const std::vector<std::vector<std::string>>& rows,
           size_t samples_a_row, Profile profile) {
  RowMerger merger;
  Counters counters;
  std::string out;
  RowMergeResult result{&out};
  const std::string key = RowKeyOf(policy);
  size_t row = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    std::vector<Slice> entries(rows[row].begin(), rows[row].end());
    merger.Merge({policy, now_ms, key, entries.data(), entries.size(), profile},
                 &result, &counters);
    bytes += out.size();
    row = (row + 1) % rows.size();
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(state.iterations() * samples_a_row));
  state.counters["bytes/row"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations());
}

// Four blocks whose samples interleave in runs: a late writer, an
// overwriting one, as four files of one row overlap.
void BM_MergeOverlapping(benchmark::State& state) {
  const auto profile = static_cast<Profile>(state.range(0));
  const Policy policy;
  std::vector<std::vector<std::string>> rows(kSeries);
  for (size_t s = 0; s < kSeries; ++s) {
    SampleRun run;
    ScrapeOptions options;
    options.start_ms = kBucket;
    options.interval_ms = 10000;
    MakeScrapedSeries(options, s, 8000, &run);
    for (size_t i = 0; i < 4; ++i) {
      rows[s].push_back(EncodeEvery(policy, run, i, 4, 2000, profile));
    }
  }
  Merge(state, policy, kBucket, rows, 8000, profile);
}
BENCHMARK(BM_MergeOverlapping)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast))
    ->Arg(static_cast<int>(Profile::kCompact));

// Of all series, or of one.
void ThinToFiveMinutes(benchmark::State& state, size_t first, size_t count) {
  const auto profile = static_cast<Profile>(state.range(0));
  Policy policy;
  policy.tiers = {{kMillisPerDay, 5 * 60000}};
  std::vector<std::vector<std::string>> rows(count);
  for (size_t s = 0; s < count; ++s) {
    SampleRun run;
    ScrapeOptions options;
    options.start_ms = kBucket;
    MakeScrapedSeries(options, first + s, 5760, &run);
    rows[s].push_back(EncodeEvery(policy, run, 0, 1, 5760, profile));
  }
  Merge(state, policy, kBucket + 10 * kMillisPerDay, rows, 5760, profile);
}

size_t ConstantSeries() {
  size_t series = 0;
  while (ScrapeClassOf(series) != ScrapeClass::kConstant) ++series;
  return series;
}

void BM_ThinToFiveMinutes(benchmark::State& state) {
  ThinToFiveMinutes(state, 0, kSeries);
}
void BM_ThinConstant(benchmark::State& state) {
  ThinToFiveMinutes(state, ConstantSeries(), 1);
}
BENCHMARK(BM_ThinConstant)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast));
BENCHMARK(BM_ThinToFiveMinutes)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast))
    ->Arg(static_cast<int>(Profile::kCompact));

// What a row grows by: an hour's block behind 24 of them.
constexpr size_t kHour = 240;

void Append(benchmark::State& state, const Policy& policy, size_t series) {
  const auto profile = static_cast<Profile>(state.range(0));
  std::vector<std::vector<std::string>> rows(series == 0 ? kSeries : 1);
  for (size_t s = 0; s < rows.size(); ++s) {
    SampleRun run;
    ScrapeOptions options;
    options.start_ms = kBucket;
    options.interval_ms = 14000;
    MakeScrapedSeries(options, series + s, 5760 + kHour, &run);
    rows[s].push_back(EncodeEvery(policy, run, 0, 1, 5760, profile));
    rows[s].push_back(EncodeEvery(policy, run, 5760, 1, kHour, Profile::kFast));
  }
  Merge(state, policy, kBucket, rows, 5760 + kHour, profile);
}

void BM_AppendAnHour(benchmark::State& state) { Append(state, Policy(), 0); }
BENCHMARK(BM_AppendAnHour)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast))
    ->Arg(static_cast<int>(Profile::kCompact));

// Of a constant, where nothing but the header changes.
void BM_AppendToConstant(benchmark::State& state) {
  Append(state, Policy(), ConstantSeries());
}
BENCHMARK(BM_AppendToConstant)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast))
    ->Arg(static_cast<int>(Profile::kCompact));

// A row that grows hour by hour for a day: all merges of it.
void BM_GrowForADay(benchmark::State& state) {
  const auto profile = static_cast<Profile>(state.range(0));
  const Policy policy;
  std::vector<std::vector<std::string>> rows(kSeries);
  for (size_t s = 0; s < kSeries; ++s) {
    SampleRun run;
    ScrapeOptions options;
    options.start_ms = kBucket;
    MakeScrapedSeries(options, s, 24 * kHour, &run);
    for (size_t hour = 0; hour < 24; ++hour) {
      rows[s].push_back(
          EncodeEvery(policy, run, hour * kHour, 1, kHour, Profile::kFast));
    }
  }
  RowMerger merger;
  Counters counters;
  const std::string key = RowKeyOf(policy);
  size_t row = 0;
  size_t bytes = 0;
  for (auto _ : state) {
    std::string whole = rows[row][0];
    std::string out;
    RowMergeResult result{&out};
    for (size_t hour = 1; hour < 24; ++hour) {
      const Slice entries[] = {whole, rows[row][hour]};
      merger.Merge({policy, kBucket, key, entries, 2, profile}, &result,
                   &counters);
      whole.swap(out);
    }
    bytes += whole.size();
    row = (row + 1) % rows.size();
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(state.iterations() * 24 * kHour));
  state.counters["bytes/row"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_GrowForADay)
    ->ArgName("profile")
    ->Arg(static_cast<int>(Profile::kFast))
    ->Arg(static_cast<int>(Profile::kCompact));

}  // namespace
}  // namespace varve

BENCHMARK_MAIN();
