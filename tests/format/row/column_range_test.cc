// Ranges of columns are what whole columns hold there: every encoding, level
// and border, into memory of just the right size; of bytes that are damaged
// elsewhere, too.
#include <gtest/gtest.h>

#include <algorithm>

#include "format/row/sample_block.h"
#include "format/values/value_constants.h"
#include "tests/format/timestamps/timestamp_cases.h"
#include "tests/format/values/value_cases.h"
#include "tests/random_source.h"

namespace varve {
namespace {

using timestamp_cases::TimestampCase;
using timestamp_cases::Timestamps;
using value_cases::kKinds;
using value_cases::Words;

constexpr Profile kProfiles[] = {Profile::kFast, Profile::kCompact,
                                 Profile::kSmallest};
constexpr uint64_t kAround = 0x5eed5eed5eed5eed;

std::vector<CpuLevel> Levels() {
  std::vector<CpuLevel> levels;
  for (int i = 0; i <= static_cast<int>(BestCpuLevel()); ++i) {
    levels.push_back(static_cast<CpuLevel>(i));
  }
  return levels;
}

std::string Encode(const Words& words, Profile profile) {
  std::string column;
  ValueEncoder().Encode(words.data(), words.size(), profile, &column);
  return column;
}

std::string Encode(const Timestamps& timestamps, Profile profile) {
  std::string column;
  TimestampEncoder().Encode(timestamps.data(), timestamps.size(), profile,
                            &column);
  return column;
}

// A copy on the heap, which ends where the bytes end.
class ExactBytes {
 public:
  explicit ExactBytes(const std::string& bytes)
      : bytes_(bytes.begin(), bytes.end()) {}
  Slice slice() const { return Slice(bytes_.data(), bytes_.size()); }

 private:
  std::vector<char> bytes_;
};

// Large enough for most that a test decodes.
ColumnCache* Cache() {
  static ColumnCache cache(size_t{64} << 20, 1);
  return &cache;
}

// Decodes a range without a cache, with one that may not know the column, and
// with one that does; OK when all three are. What they decode is the same, and
// the words around its memory stay.
Status DecodeRange(ValueDecoder* decoder, const Slice& column, size_t count,
                   const IndexRange& range, Words* words) {
  Status all;
  words->clear();
  for (ColumnCache* cache :
       {static_cast<ColumnCache*>(nullptr), Cache(), Cache()}) {
    Words decoded(range.size() + 2, kAround);
    const Status status =
        decoder->DecodeRange(column, count, range, cache, decoded.data() + 1);
    EXPECT_EQ(decoded.front(), kAround);
    EXPECT_EQ(decoded.back(), kAround);
    if (!status.ok()) {
      all = status;
      continue;
    }
    decoded.erase(decoded.begin());
    decoded.pop_back();
    if (words->empty()) *words = decoded;
    EXPECT_TRUE(decoded == *words) << range.begin << " to " << range.end;
  }
  return all;
}

void ExpectRange(ValueDecoder* decoder, const Slice& column, const Words& words,
                 const IndexRange& range) {
  Words decoded;
  const Status status =
      DecodeRange(decoder, column, words.size(), range, &decoded);
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_TRUE(std::equal(decoded.begin(), decoded.end(),
                         words.begin() + static_cast<ptrdiff_t>(range.begin)))
      << "[" << range.begin << ", " << range.end << ") of " << words.size();
}

TEST(ColumnRange, EveryRangeOfValuesIsThatOfTheColumn) {
  constexpr size_t kCount = 131;  // a mini-block and a little
  for (int kind = 0; kind < kKinds; ++kind) {
    const Words words =
        value_cases::Make(static_cast<value_cases::Kind>(kind), kCount, 3);
    for (const Profile profile : kProfiles) {
      SCOPED_TRACE("kind " + std::to_string(kind));
      const ExactBytes column(Encode(words, profile));
      ValueDecoder decoder;
      for (size_t begin = 0; begin < kCount; ++begin) {
        for (size_t end = begin + 1; end <= kCount; ++end) {
          ASSERT_NO_FATAL_FAILURE(
              ExpectRange(&decoder, column.slice(), words, {begin, end}));
        }
      }
    }
  }
}

// Borders of mini-blocks and of token streams, and random ones.
IndexRange AnyRange(size_t count, RandomSource* random) {
  const auto border = [&] {
    const size_t i = random->Below(count + 1);
    if (random->OneIn(2)) return i;
    const size_t near = i / 128 * 128 + random->Below(5);
    return std::min(near < 2 ? near : near - 2, count);
  };
  const size_t a = border();
  const size_t b = random->OneIn(3) ? a + 1 : border();
  const IndexRange range = {std::min(a, b), std::max(a, b)};
  if (range.begin == count) return {count - 1, count};
  return {range.begin, std::min(std::max(range.end, range.begin + 1), count)};
}

TEST(ColumnRange, RangesOfLongColumnsAreThoseOfTheColumn) {
  for (uint64_t round = 0; round < 4; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    for (int kind = 0; kind < kKinds; ++kind) {
      const size_t sizes[] = {513, 2100, 5760, 8192};
      const size_t count = sizes[random.Below(4)];
      const Words words = value_cases::Make(
          static_cast<value_cases::Kind>(kind), count, random.Bits());
      for (const Profile profile : {Profile::kFast, Profile::kCompact}) {
        SCOPED_TRACE("kind " + std::to_string(kind));
        const ExactBytes column(Encode(words, profile));
        for (const CpuLevel level : Levels()) {
          ValueDecoder decoder(level);
          for (int i = 0; i < 20; ++i) {
            ASSERT_NO_FATAL_FAILURE(ExpectRange(&decoder, column.slice(), words,
                                                AnyRange(count, &random)));
          }
        }
      }
    }
  }
}

// What is cut off is not looked at: raw words apart, whose number tells.
TEST(ColumnRange, MiniBlocksBehindARangeAreNotRead) {
  constexpr size_t kCount = 1000;
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  Words words(kCount);
  for (uint64_t& word : words) {
    word = BitsOf(static_cast<double>(random.Below(1 << 20)));
  }
  const std::string column = Encode(words, Profile::kFast);
  ASSERT_EQ(column[1], kFromLast | kPackMiniBlocks << kPackingShift);
  const ExactBytes cut(column.substr(0, column.size() / 2));
  ValueDecoder decoder;
  Words decoded(kCount);
  EXPECT_TRUE(
      decoder.Decode(cut.slice(), kCount, decoded.data()).IsCorruption());
  ExpectRange(&decoder, cut.slice(), words, {100, 300});
}

TEST(ColumnRange, AnyDamageOfAColumnIsSafe) {
  for (const auto& golden : value_cases::GoldenColumns()) {
    SCOPED_TRACE(golden.name);
    const size_t count = golden.words.size();
    const std::string column = Encode(golden.words, golden.profile);
    RandomSource random(RandomSource::BaseSeed());
    SCOPED_TRACE(random.Trace());
    const size_t step = 1 + column.size() / 200;
    for (size_t i = 0; i < column.size(); i += step) {
      std::string bytes = column;
      bytes[i] = static_cast<char>(random.Below(256));
      if (random.OneIn(8)) bytes.resize(i);
      const ExactBytes damaged(bytes);
      ValueDecoder decoder;
      Words whole(count);
      const bool decodes =
          decoder.Decode(damaged.slice(), count, whole.data()).ok();
      const IndexRange range = AnyRange(count, &random);
      Words decoded;
      const Status status =
          DecodeRange(&decoder, damaged.slice(), count, range, &decoded);
      if (!decodes) continue;
      ASSERT_TRUE(status.ok()) << status.ToString();
      ASSERT_TRUE(
          std::equal(decoded.begin(), decoded.end(),
                     whole.begin() + static_cast<ptrdiff_t>(range.begin)));
    }
  }
}

// Decodes the timestamps of [from, to] and compares.
void ExpectTimes(TimestampDecoder* decoder, const Slice& column,
                 const Timestamps& whole, int64_t from_ms, int64_t to_ms) {
  const auto low = std::lower_bound(whole.begin(), whole.end(), from_ms);
  const auto high = std::max(low, std::upper_bound(low, whole.end(), to_ms));
  for (ColumnCache* cache :
       {static_cast<ColumnCache*>(nullptr), Cache(), Cache()}) {
    TimestampRange range;
    const Status status = decoder->DecodeRange(column, whole[0], whole.size(),
                                               {from_ms, to_ms}, cache, &range);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(range.begin, static_cast<size_t>(low - whole.begin()));
    ASSERT_EQ(range.end, static_cast<size_t>(high - whole.begin()));
    ASSERT_TRUE(std::equal(low, high, range.timestamps));
  }
}

TEST(ColumnRange, RangesOfTimestampsAreThoseOfTheColumn) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (const TimestampCase& c : timestamp_cases::Cases()) {
    for (const Profile profile : kProfiles) {
      const std::string bytes = Encode(c.timestamps, profile);
      SCOPED_TRACE(c.name + ", encoding " +
                   std::to_string(bytes.empty() ? -1 : bytes[0]));
      const ExactBytes column(bytes);
      const CpuLevel level = random.Pick(Levels());
      TimestampDecoder decoder(level);
      const auto border = [&] {
        if (random.OneIn(10)) return static_cast<int64_t>(random.Bits());
        size_t i = random.Below(c.timestamps.size());
        if (random.OneIn(2)) {
          i = std::min(i / 256 * 256 + random.Below(3),
                       c.timestamps.size() - 1);
        }
        const uint64_t off = random.Below(3) - 1;
        return static_cast<int64_t>(static_cast<uint64_t>(c.timestamps[i]) +
                                    off);
      };
      for (int i = 0; i < 30; ++i) {
        const int64_t from_ms = border();
        const int64_t to_ms = random.OneIn(3) ? from_ms : border();
        ASSERT_NO_FATAL_FAILURE(ExpectTimes(&decoder, column.slice(),
                                            c.timestamps, from_ms, to_ms));
      }
    }
  }
}

TEST(ColumnRange, AnyDamageOfTimestampsIsSafe) {
  for (const auto& golden : timestamp_cases::GoldenColumns()) {
    SCOPED_TRACE(golden.name);
    const Timestamps& t = golden.timestamps;
    const std::string column = Encode(t, golden.profile);
    RandomSource random(RandomSource::BaseSeed());
    SCOPED_TRACE(random.Trace());
    for (size_t i = 0; i < column.size(); ++i) {
      std::string bytes = column;
      bytes[i] = static_cast<char>(random.Below(256));
      if (random.OneIn(8)) bytes.resize(i);
      const ExactBytes damaged(bytes);
      TimestampDecoder decoder;
      Timestamps whole(t.size());
      const bool decodes =
          decoder.Decode(damaged.slice(), t[0], t.size(), whole.data()).ok();
      const int64_t from_ms = t[random.Below(t.size())];
      const int64_t to_ms = std::max(from_ms, t[random.Below(t.size())]);
      if (decodes) {
        ASSERT_NO_FATAL_FAILURE(
            ExpectTimes(&decoder, damaged.slice(), whole, from_ms, to_ms));
        continue;
      }
      TimestampRange range;
      const Status status = decoder.DecodeRange(
          damaged.slice(), t[0], t.size(), {from_ms, to_ms}, Cache(), &range);
      if (!status.ok()) continue;
      ASSERT_LE(range.end, t.size());
      for (size_t k = 0; k < range.size(); ++k) {
        ASSERT_GE(range.timestamps[k],
                  k == 0 ? from_ms : range.timestamps[k - 1] + 1);
        ASSERT_LE(range.timestamps[k], to_ms);
      }
    }
  }
}

// Rows as they are: timestamps and values of every kind, pieces of any size.
TEST(ColumnRange, RangesOfBlocksAreThoseOfTheBlock) {
  for (uint64_t round = 0; round < 150; ++round) {
    RandomSource random(RandomSource::BaseSeed() + round);
    SCOPED_TRACE(random.Trace());
    BlockSpec spec;
    spec.shape.bucket_width_ms = kMillisPerDay;
    spec.bucket_start_ms = kTestNowMs;
    spec.profile = random.OneIn(2) ? Profile::kFast : Profile::kCompact;
    const size_t count = 2 + random.Below(random.OneIn(3) ? 20000 : 6000);
    const Words words =
        value_cases::Make(static_cast<value_cases::Kind>(random.Below(kKinds)),
                          count, random.Bits());
    const auto jitter = random.OneIn(2) ? 1 : random.Below(4000) / 1000 + 1;
    Timestamps times;
    for (size_t i = 0; i < count; ++i) {
      times.push_back(kTestNowMs + static_cast<int64_t>(i) * 4 +
                      static_cast<int64_t>(random.Below(jitter)));
    }
    std::string block;
    BlockEncoder().Encode(spec, times.data(), words.data(), count, &block);
    BlockDecoder decoder;
    if (random.OneIn(2)) decoder.UseCache(Cache());
    for (int i = 0; i < 10; ++i) {
      const IndexRange range = AnyRange(count, &random);
      const int64_t from_ms = times[range.begin] - random.OneIn(2);
      const int64_t to_ms = times[range.end - 1] + random.OneIn(2);
      SampleRun run;
      run.Append(1, 2);
      ASSERT_TRUE(decoder.DecodeRange(block, from_ms, to_ms, &run).ok());
      const auto low = std::lower_bound(times.begin(), times.end(), from_ms);
      const auto high = std::upper_bound(low, times.end(), to_ms);
      ASSERT_EQ(run.size(), 1 + static_cast<size_t>(high - low));
      ASSERT_TRUE(std::equal(low, high, run.timestamps() + 1));
      ASSERT_TRUE(std::equal(run.value_bits() + 1,
                             run.value_bits() + run.size(),
                             words.begin() + (low - times.begin())));
      ASSERT_EQ(run.value_bits()[0], 2u);
    }
  }
}

}  // namespace
}  // namespace varve
