// What one small operand costs: encode, peek and decode of 1 and 16 samples,
// with the allocations of each. The buffers are the caller's and warm, as in
// a writer's and a reader's loop; "New" variants start with empty ones.
//
//   operand_bench --benchmark_min_time=0.5
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "format/coding/value_bits.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"

namespace {
size_t allocations = 0;

void* Allocate(size_t bytes) {
  ++allocations;
  void* const p = std::malloc(bytes == 0 ? 1 : bytes);
  if (p == nullptr) std::abort();
  return p;
}
}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes); }
void* operator new[](size_t bytes) { return Allocate(bytes); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void operator delete[](void* p, size_t) noexcept { std::free(p); }

namespace varve {
namespace {

constexpr int64_t kBucket = 19782 * kMillisPerDay;

struct Input {
  BlockSpec spec;
  std::vector<int64_t> timestamps;
  std::vector<uint64_t> value_bits;
  std::string block;
  std::string plain;
};

Input MakeInput(size_t count, double value = 42) {
  Input input;
  input.spec.bucket_start_ms = kBucket;
  const uint64_t word = BitsOf(value);
  for (size_t i = 0; i < count; ++i) {
    input.timestamps.push_back(kBucket + 45296789 +
                               static_cast<int64_t>(i) *
                                   (count > 16 ? 100 : 15000));
    input.value_bits.push_back(word + (i * 7 % 5 << 44));
  }
  BlockEncoder().Encode(input.spec, input.timestamps.data(),
                        input.value_bits.data(), count, &input.block);
  AppendPlainBlock(input.timestamps.data(), input.value_bits.data(), count,
                   &input.plain);
  return input;
}

// Runs `body` for each iteration and reports its allocations.
template <typename Body>
void Measure(benchmark::State& state, size_t count, const Body& body) {
  body();
  const size_t before = allocations;
  for (auto _ : state) body();
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations - before),
                         benchmark::Counter::kAvgIterations);
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * count));
}

size_t Count(const benchmark::State& state) {
  return static_cast<size_t>(state.range(0));
}

void EncodeInput(benchmark::State& state, const Input& input) {
  BlockEncoder encoder;
  std::string out;
  Measure(state, input.timestamps.size(), [&] {
    out.clear();
    encoder.Encode(input.spec, input.timestamps.data(), input.value_bits.data(),
                   input.timestamps.size(), &out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  });
}

void Encode(benchmark::State& state) {
  EncodeInput(state, MakeInput(Count(state)));
}

// One sample whose value is whole, of two decimals, of all bits.
constexpr double kKinds[] = {42, 42.17, 42.123456789012345};
void EncodeOne(benchmark::State& state) {
  EncodeInput(state, MakeInput(1, kKinds[state.range(0)]));
}

void EncodeNew(benchmark::State& state) {
  const Input input = MakeInput(Count(state));
  BlockEncoder encoder;
  Measure(state, Count(state), [&] {
    std::string out;
    encoder.Encode(input.spec, input.timestamps.data(), input.value_bits.data(),
                   input.timestamps.size(), &out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  });
}

void EncodePlain(benchmark::State& state) {
  const Input input = MakeInput(Count(state));
  std::string out;
  Measure(state, Count(state), [&] {
    out.clear();
    AppendPlainBlock(input.timestamps.data(), input.value_bits.data(),
                     input.timestamps.size(), &out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  });
}

void Peek(benchmark::State& state) {
  const Input input = MakeInput(Count(state));
  BlockHeader header;
  Measure(state, Count(state), [&] {
    benchmark::DoNotOptimize(PeekBlock(input.block, &header).ok());
    benchmark::DoNotOptimize(header.sample_count);
    benchmark::ClobberMemory();
  });
}

void DecodeBytes(benchmark::State& state, size_t count,
                 const std::string& block) {
  BlockDecoder decoder;
  SampleRun run;
  Measure(state, count, [&] {
    run.clear();
    benchmark::DoNotOptimize(decoder.Decode(block, &run).ok());
    benchmark::DoNotOptimize(run.timestamps());
    benchmark::ClobberMemory();
  });
}

void Decode(benchmark::State& state) {
  DecodeBytes(state, Count(state), MakeInput(Count(state)).block);
}

void DecodeOne(benchmark::State& state) {
  DecodeBytes(state, 1, MakeInput(1, kKinds[state.range(0)]).block);
}

void DecodePlain(benchmark::State& state) {
  DecodeBytes(state, Count(state), MakeInput(Count(state)).plain);
}

// Into a run that is not there yet, as for the first operand of a row.
void DecodeNew(benchmark::State& state) {
  const Input input = MakeInput(Count(state));
  BlockDecoder decoder;
  Measure(state, Count(state), [&] {
    SampleRun run;
    benchmark::DoNotOptimize(decoder.Decode(input.block, &run).ok());
    benchmark::DoNotOptimize(run.timestamps());
  });
}

// The newest value of a block of many samples.
void DecodeLast(benchmark::State& state) {
  const Input input = MakeInput(Count(state));
  BlockDecoder decoder;
  BlockHeader header;
  Measure(state, 1, [&] {
    uint64_t last = 0;
    benchmark::DoNotOptimize(PeekBlock(input.block, &header).ok());
    benchmark::DoNotOptimize(
        decoder.DecodeLast(input.block, header, &last).ok());
    benchmark::DoNotOptimize(last);
  });
}

// Where a time lies among many timestamps: regular, or 5 ms off either way.
void FindTimestamp(benchmark::State& state) {
  const auto jitter = static_cast<uint64_t>(state.range(0));
  std::vector<int64_t> timestamps;
  for (uint64_t i = 0; i < 5760; ++i) {
    const uint64_t off = (i * 0x9e3779b97f4a7c15 >> 40) % (2 * jitter + 1);
    timestamps.push_back(kBucket + static_cast<int64_t>(i * 15000 + off));
  }
  std::string column;
  TimestampEncoder().Encode(timestamps.data(), timestamps.size(),
                            Profile::kFast, &column);
  TimestampDecoder decoder;
  size_t at = 0;
  Measure(state, 1, [&] {
    TimestampRange range;
    at = (at + 1237) % timestamps.size();
    benchmark::DoNotOptimize(
        decoder
            .DecodeRange(column, timestamps[0], timestamps.size(),
                         {timestamps[at], timestamps[at]}, nullptr, &range)
            .ok());
    benchmark::DoNotOptimize(range.begin);
  });
}

void WriteKey(benchmark::State& state) {
  const RowShape shape;
  const Slice series("0123456789abcdef");
  std::string key;
  Measure(state, 1, [&] {
    key.clear();
    AppendRowKey(shape, series, kBucket, &key);
    benchmark::DoNotOptimize(key.data());
    benchmark::ClobberMemory();
  });
}

void ParseKey(benchmark::State& state) {
  const RowShape shape;
  std::string key;
  AppendRowKey(shape, "0123456789abcdef", kBucket, &key);
  ParsedRowKey parsed;
  Measure(state, 1, [&] {
    benchmark::DoNotOptimize(ParseRowKey(shape, key, &parsed));
    benchmark::ClobberMemory();
  });
}

BENCHMARK(Encode)->Arg(1)->Arg(16);
BENCHMARK(EncodeOne)->ArgName("kind")->DenseRange(0, 2);
BENCHMARK(EncodeNew)->Arg(1)->Arg(16);
BENCHMARK(EncodePlain)->Arg(1)->Arg(16);
BENCHMARK(Peek)->Arg(1)->Arg(16);
BENCHMARK(Decode)->Arg(1)->Arg(16);
BENCHMARK(DecodeOne)->ArgName("kind")->DenseRange(0, 2);
BENCHMARK(DecodeNew)->Arg(1)->Arg(16);
BENCHMARK(DecodePlain)->Arg(1)->Arg(16);
BENCHMARK(DecodeLast)->Arg(16)->Arg(5760)->Arg(86400);
BENCHMARK(FindTimestamp)->ArgName("jitter_ms")->Arg(0)->Arg(5);
BENCHMARK(WriteKey);
BENCHMARK(ParseKey);

}  // namespace
}  // namespace varve

BENCHMARK_MAIN();
