// The cache of opened columns finds what was put in, stays within its bytes,
// and what it holds is safe to decode even a column of other bytes with.
#include "format/coding/column_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>

#include "format/values/integer_column.h"
#include "tests/random_source.h"

namespace varve {
namespace {

constexpr size_t kBytes = size_t{1} << 20;

ColumnCache::Entry EntryOf(size_t bytes, uint8_t mark) {
  auto entry = std::make_shared<OpenedColumn>();
  entry->integers.tokens.assign(bytes, mark);
  return entry;
}

ColumnCache::Key KeyOf(const ColumnCache& cache, size_t i) {
  return cache.KeyOf(ColumnCache::Kind::kValues, std::to_string(i), 1000);
}

TEST(ColumnCache, FindsAColumnByItsBytesItsKindAndItsCount) {
  ColumnCache cache(kBytes, 7);
  using Kind = ColumnCache::Kind;
  const std::string column(5000, 'c');
  const auto key = cache.KeyOf(Kind::kValues, column, 1000);
  EXPECT_EQ(cache.Find(key), nullptr);
  const auto entry = EntryOf(1000, 1);
  cache.Insert(key, entry);
  const std::string copy = column;
  EXPECT_EQ(cache.Find(cache.KeyOf(Kind::kValues, copy, 1000)), entry);
  EXPECT_EQ(cache.Find(cache.KeyOf(Kind::kValues, copy, 1001)), nullptr);
  EXPECT_EQ(cache.Find(cache.KeyOf(Kind::kTimestamps, copy, 1000)), nullptr);
  EXPECT_EQ(cache.Find(cache.KeyOf(Kind::kValues, column + "c", 1000)),
            nullptr);
  const ColumnCache other(kBytes, 8);
  EXPECT_FALSE(other.KeyOf(Kind::kValues, column, 1000) == key);
}

TEST(ColumnCache, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  ColumnCache cache(kBytes, 7);
  cache.Insert(KeyOf(cache, 0), EntryOf(4000, 0));
  for (size_t i = 1; i < 2000; ++i) {
    cache.Insert(KeyOf(cache, i), EntryOf(4000, 1));
    ASSERT_LE(cache.memory_bytes(), kBytes);
    ASSERT_NE(cache.Find(KeyOf(cache, 0)), nullptr) << i;
  }
  EXPECT_GT(cache.memory_bytes(), kBytes / 2);
  size_t kept = 0;
  for (size_t i = 0; i < 2000; ++i) {
    kept += cache.Find(KeyOf(cache, i)) != nullptr;
  }
  EXPECT_GT(kept, 150u);
  EXPECT_LT(kept, kBytes / 4000);
  cache.Insert(KeyOf(cache, 5000), EntryOf(kBytes / 4, 1));  // above a shard's
  EXPECT_EQ(cache.Find(KeyOf(cache, 5000)), nullptr);
  ColumnCache none(0, 7);
  none.Insert(KeyOf(none, 1), EntryOf(1, 1));
  EXPECT_EQ(none.Find(KeyOf(none, 1)), nullptr);
}

TEST(ColumnCache, AnEntryOutlivesItsPlace) {
  ColumnCache cache(kBytes, 7);
  cache.Insert(KeyOf(cache, 1), EntryOf(4000, 9));
  const ColumnCache::Entry held = cache.Find(KeyOf(cache, 1));
  for (size_t i = 2; i < 3000; ++i) {
    cache.Insert(KeyOf(cache, i), EntryOf(4000, 1));
  }
  EXPECT_EQ(cache.Find(KeyOf(cache, 1)), nullptr);
  EXPECT_EQ(held->integers.tokens[3999], 9);
}

TEST(ColumnCache, ManyThreadsMayUseIt) {
  ColumnCache cache(kBytes, 7);
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      RandomSource random(t);
      for (int i = 0; i < 3000; ++i) {
        const size_t which = random.Below(600);
        const auto found = cache.Find(KeyOf(cache, which));
        if (found != nullptr) {
          EXPECT_EQ(found->integers.tokens[0], which % 256);
        } else {
          cache.Insert(KeyOf(cache, which),
                       EntryOf(3000, static_cast<uint8_t>(which % 256)));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.memory_bytes(), kBytes);
}

// Should two columns ever have one key: rubbish or a fault, in bounds.
TEST(ColumnCache, OpenedIntegersOfAnotherColumnAreSafe) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  constexpr size_t kCount = 1000;
  IntegerEncodeScratch encode(BestCpuLevel());
  PackingDecodeScratch decode(BestCpuLevel());
  std::vector<std::vector<char>> columns;
  std::vector<OpenedIntegers> opened;
  std::vector<uint64_t> steps(kCount);
  for (uint64_t& step : steps) step = random.Below(3000) * random.Below(7);
  // The same steps in another order have as many raw bits.
  for (int i = 0; i < 8; ++i) {
    for (size_t k = kCount; k > 1; --k) {
      std::swap(steps[k - 1], steps[random.Below(k)]);
    }
    std::vector<int64_t> values;
    int64_t walk = 0;
    for (const uint64_t step : steps) {
      values.push_back(walk += static_cast<int64_t>(step));
    }
    std::string column;
    EncodeIntegers(values.data(), kCount, Profile::kCompact, &encode, &column);
    columns.emplace_back(column.begin(), column.end());
    const ColumnBytes bytes =
        BytesOf(Slice(columns.back().data(), column.size()));
    ASSERT_TRUE(IntegersCanBeOpened(bytes));
    std::vector<uint64_t> out(kCount);
    opened.emplace_back();
    ASSERT_TRUE(
        OpenIntegers(bytes, kCount, &decode, &opened.back(), out.data()).ok());
    for (size_t k = 0; k < kCount; ++k) {
      ASSERT_EQ(out[k], static_cast<uint64_t>(values[k]));
    }
  }
  int decoded = 0;
  for (const auto& column : columns) {
    for (const OpenedIntegers& other : opened) {
      const size_t begin = random.Below(kCount);
      const size_t end = begin + 1 + random.Below(kCount - begin);
      std::vector<uint64_t> out(kCount - begin);
      decoded +=
          DecodeOpenedIntegers(BytesOf(Slice(column.data(), column.size())),
                               kCount, {begin, end}, other, &decode, out.data())
              .ok();
    }
  }
  EXPECT_GT(decoded, 8);
}

}  // namespace
}  // namespace varve
