#include "format/part/entry_list.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace varve {
namespace {

int Compare(const Slice& a, const Slice& b) { return a.compare(b); }

std::string RandomKey(std::mt19937_64* random) {
  std::string key(1 + (*random)() % 12, 'a');
  for (char& c : key) c = static_cast<char>('a' + (*random)() % 3);
  return key;
}

std::string Build(const std::map<std::string, std::string>& rows,
                  int restart_interval) {
  EntryListBuilder builder(restart_interval);
  std::string last;
  for (const auto& [key, value] : rows) {
    builder.Add(key, value, last);
    last = key;
  }
  EXPECT_EQ(rows.size(), builder.entry_count());
  const size_t expected_bytes = builder.CurrentBytes();
  const std::string list = builder.Finish().ToString();
  EXPECT_EQ(expected_bytes, list.size());
  return list;
}

class EntryList : public testing::TestWithParam<int> {
 protected:
  EntryList() : random_(GetParam() * 7919u + 1) {
    for (int i = 0; i < 300; ++i) {
      rows_[RandomKey(&random_)] = std::string(random_() % 300, 'v');
    }
  }
  std::mt19937_64 random_;
  std::map<std::string, std::string> rows_;
};

TEST_P(EntryList, GivesBackItsRowsForwardAndBack) {
  const std::string list = Build(rows_, GetParam());
  EntryListCursor cursor;
  cursor.Open(list, 1);
  cursor.SeekToFirst();
  for (const auto& [key, value] : rows_) {
    ASSERT_TRUE(cursor.Valid());
    EXPECT_EQ(key, cursor.key().ToString());
    EXPECT_EQ(value, cursor.value().ToString());
    cursor.Next();
  }
  EXPECT_FALSE(cursor.Valid());
  cursor.SeekToLast();
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
    ASSERT_TRUE(cursor.Valid());
    EXPECT_EQ(row->first, cursor.key().ToString());
    EXPECT_EQ(row->second, cursor.value().ToString());
    cursor.Prev();
  }
  EXPECT_FALSE(cursor.Valid());
  EXPECT_FALSE(cursor.corrupt());
}

TEST_P(EntryList, SeeksLikeAMapAndWalksFromThere) {
  const std::string list = Build(rows_, GetParam());
  EntryListCursor cursor;
  cursor.Open(list, 1);
  for (int i = 0; i < 500; ++i) {
    const std::string target = RandomKey(&random_);
    cursor.Seek(target, Compare);
    auto row = rows_.lower_bound(target);
    for (int step = 0; step < 12; ++step) {
      ASSERT_EQ(row != rows_.end(), cursor.Valid()) << target;
      if (!cursor.Valid()) break;
      ASSERT_EQ(row->first, cursor.key().ToString());
      ASSERT_EQ(row->second, cursor.value().ToString());
      if (random_() % 3 == 0) {
        if (row == rows_.begin()) break;
        --row;
        cursor.Prev();
      } else {
        ++row;
        cursor.Next();
      }
    }
  }
}

TEST_P(EntryList, ChangedBytesNeverReadOutside) {
  const std::string list = Build(rows_, GetParam());
  for (int i = 0; i < 3000; ++i) {
    // Its own allocation, so that sanitizers see its ends.
    std::string changed = list;
    for (int flips = 0; flips < 3; ++flips) {
      const size_t at = random_() % 4 == 0 ? changed.size() - 1 - random_() % 8
                                           : random_() % changed.size();
      changed[at] = static_cast<char>(random_());
    }
    if (random_() % 4 == 0) changed.resize(random_() % changed.size());
    changed.shrink_to_fit();
    EntryListCursor cursor;
    cursor.Open(changed, 1);
    size_t steps = 0;
    for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) ++steps;
    EXPECT_LE(steps, changed.size());
    cursor.Seek(RandomKey(&random_), Compare);
    for (int back = 0; back < 20 && cursor.Valid(); ++back) cursor.Prev();
  }
}

INSTANTIATE_TEST_SUITE_P(RestartIntervals, EntryList,
                         testing::Values(1, 2, 16, 1000));

TEST(EntryListSequence, OverridesTheSequenceOfEveryKey) {
  // Keys whose shared prefix reaches into the sequence of the one before.
  std::map<std::string, std::string> rows;
  const std::string trailer("\x01\0\0\0\0\0\0\0", 8);
  rows["a" + trailer] = "1";
  rows["a" + trailer + "b" + trailer] = "2";
  rows["a" + trailer + "b" + trailer + "c" + trailer] = "3";
  const std::string list = Build(rows, 16);
  EntryListCursor cursor;
  cursor.OverrideSequence(0x0102030405);
  cursor.Open(list, 8);
  cursor.SeekToFirst();
  for (const auto& [key, value] : rows) {
    ASSERT_TRUE(cursor.Valid());
    const std::string shown = cursor.key().ToString();
    EXPECT_EQ(key.substr(0, key.size() - 8), shown.substr(0, shown.size() - 8));
    EXPECT_EQ(std::string("\x01\x05\x04\x03\x02\x01\0\0", 8),
              shown.substr(shown.size() - 8));
    EXPECT_EQ(value, cursor.value().ToString());
    EXPECT_FALSE(cursor.key_in_list());
    cursor.Next();
  }
  cursor.SeekToLast();
  for (int i = 3; i > 0; --i) {
    ASSERT_TRUE(cursor.Valid());
    EXPECT_EQ(std::to_string(i), cursor.value().ToString());
    cursor.Prev();
  }
}

TEST(EntryListEmpty, HasNoRows) {
  EntryListBuilder builder(16);
  EXPECT_TRUE(builder.empty());
  const std::string list = builder.Finish().ToString();
  EntryListCursor cursor;
  cursor.Open(list, 0);
  cursor.SeekToFirst();
  EXPECT_FALSE(cursor.Valid());
  cursor.SeekToLast();
  EXPECT_FALSE(cursor.Valid());
  cursor.Seek("a", Compare);
  EXPECT_FALSE(cursor.Valid());
  EXPECT_FALSE(cursor.corrupt());
}

TEST(EntryListKeys, ShorterThanTheMinimumAreCorrupt) {
  const std::string list = Build({{"abc", "v"}}, 16);
  EntryListCursor cursor;
  cursor.Open(list, 8);
  cursor.SeekToFirst();
  EXPECT_FALSE(cursor.Valid());
  EXPECT_TRUE(cursor.corrupt());
}

// Keys that share a long prefix take more room than the list has: going back
// kept all keys of a restart interval, here 40 MB of a list of 10 KB.
TEST(EntryListKeys, GoingBackKeepsABoundedNumber) {
  std::map<std::string, std::string> rows;
  const std::string shared(10000, 's');
  for (int i = 0; i < 4096; ++i) {
    const char tail[] = {static_cast<char>('a' + i / 256),
                         static_cast<char>(i)};
    rows[shared + std::string(tail, 2)] = "";
  }
  const std::string list = Build(rows, 1 << 20);
  EntryListCursor cursor;
  cursor.Open(list, 1);
  cursor.SeekToLast();
  auto row = rows.rbegin();
  for (; row != rows.rend() && cursor.Valid(); ++row, cursor.Prev()) {
    ASSERT_EQ(row->first, cursor.key().ToString());
    ASSERT_LT(cursor.cached_bytes(), size_t{3} << 20);
  }
  EXPECT_TRUE(row == rows.rend());
  EXPECT_FALSE(cursor.Valid());
  EXPECT_FALSE(cursor.corrupt());
}

}  // namespace
}  // namespace varve
