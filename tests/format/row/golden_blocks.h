// The blocks of testdata/: each a file of block_dump text, which holds every
// byte, and here the samples that it must decode to for ever.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/format/dump_text.h"
#include "tests/format/row/block_cases.h"
#include "tests/golden_file.h"

namespace varve {
namespace block_cases {

struct GoldenBlock {
  std::string name;
  // As today's encoder writes it; empty where only an early build did.
  std::string block;
  Samples samples;                   // empty for a container
  std::vector<std::string> entries;  // of a container
};

inline std::string GoldenFile(const std::string& name) {
  return SourceFile("tests/format/testdata/" + name + ".txt");
}

using varve::BytesOfDump;

// 2024-02-29T00:00Z, and a day of it.
inline constexpr int64_t kLeapDay = 19782 * kMillisPerDay;

inline BlockSpec SpecAt(int64_t width_ms, Partition partition,
                        WindowRule window, int64_t near_ms) {
  BlockSpec spec;
  spec.shape.bucket_width_ms = width_ms;
  spec.shape.partition = partition;
  spec.shape.window = window;
  spec.bucket_start_ms = spec.shape.BucketStart(near_ms);
  return spec;
}

inline Samples Regular(int64_t first_ms, int64_t step_ms, size_t count) {
  Samples samples;
  for (size_t i = 0; i < count; ++i) {
    const int64_t t = first_ms + static_cast<int64_t>(i) * step_ms;
    samples.Add(t, 0x4045000000000000 + (uint64_t{i * 7 % 5} << 44));
  }
  return samples;
}

inline void AddGolden(const std::string& name, const BlockSpec& spec,
                      const Samples& samples,
                      std::vector<GoldenBlock>* goldens) {
  goldens->push_back({name, EncodeBlock(spec, samples), samples, {}});
}

inline std::vector<GoldenBlock> GoldenBlocks() {
  std::vector<GoldenBlock> goldens;
  const BlockSpec day =
      SpecAt(kMillisPerDay, Partition::kMonth, WindowRule::kFloor, kLeapDay);
  AddGolden("empty", day, Samples(), &goldens);
  Samples one;
  one.Add(kLeapDay + 45296789, 0x4045000000000000);  // 12:34:56.789, 42
  AddGolden("one", day, one, &goldens);
  Samples three;  // a stale marker, -0 and a NaN with a payload
  three.Add(kLeapDay, 0x7ff0000000000002);
  three.Add(kLeapDay + 14999, 0x8000000000000000);
  three.Add(kLeapDay + kMillisPerDay - 1, 0xfff8dead0000beef);
  AddGolden("three", day, three, &goldens);
  AddGolden("regular_24", day, Regular(kLeapDay, kMillisPerHour, 24), &goldens);

  BlockSpec thinned = day;
  thinned.thinned_count = 2;
  thinned.thinned[0] = {300000, kLeapDay + kMillisPerDay};
  thinned.thinned[1] = {kMillisPerHour, kLeapDay + 6 * kMillisPerHour};
  AddGolden("thinned", thinned, Regular(kLeapDay + 3599000, kMillisPerHour, 6),
            &goldens);

  // An early build's, under dedup_interval=5m and the tiers 6h:5m,12h:1h at
  // 18:07: it names five minutes twice.
  Samples twice;
  for (size_t i = 0; i < 96; ++i) {
    if (i < 24 && i % 4 != 3) continue;
    twice.Add(kLeapDay + 299000 + static_cast<int64_t>(i) * 900000,
              0x4045000000000000 + (uint64_t{i * 7 % 5} << 44));
  }
  goldens.push_back({"thinned_twice", "", twice, {}});

  const BlockSpec week = SpecAt(7 * kMillisPerDay, Partition::kWeek,
                                WindowRule::kCeil, kTimestampMin);
  Samples epoch;  // the first bucket starts before 1970
  epoch.Add(kTimestampMin, 0x3fb999999999999a);
  AddGolden("ceil_week", week, epoch, &goldens);

  // Two pieces, with their directories.
  AddGolden("pieces", day, Regular(kLeapDay, 10000, kPieceSamplesMax + 2),
            &goldens);
  goldens.back().samples.value_bits.assign(kPieceSamplesMax + 2,
                                           0x3ff0000000000000);
  goldens.back().block = EncodeBlock(day, goldens.back().samples);

  // Pieces with counts of their own, as a merge that appends leaves them.
  const Samples front = Regular(kLeapDay, 15000, 20);
  Samples back = Regular(kLeapDay + 300000, 15000, 12);
  back.timestamps.back() += 1;
  goldens.push_back(
      {"joined", JoinBlock(day, EncodeBlock(day, front), back), front, {}});
  for (size_t i = 0; i < back.size(); ++i) {
    goldens.back().samples.Add(back.timestamps[i], back.value_bits[i]);
  }

  Samples plain;  // late and repeated
  plain.Add(kLeapDay + 2000, 0x3ff0000000000000);
  plain.Add(kLeapDay + 1000, 0x4000000000000000);
  plain.Add(kLeapDay + 2000, 0x4008000000000000);
  goldens.push_back({"plain", EncodePlain(plain), plain, {}});

  const std::vector<std::string> entries = {
      goldens[1].block, "garbage", "\xa7\x7f of a newer version", "",
      EncodeContainer({EncodePlain(plain)})};
  goldens.push_back({"container", EncodeContainer(entries), {}, entries});
  return goldens;
}

}  // namespace block_cases
}  // namespace varve
