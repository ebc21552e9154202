// Whatever the bytes of a part, right checksums or wrong: an error or a table
// that keeps its promises. Each input goes through the checks of
// fuzz/part_fuzz.cc, which abort.
#include <gtest/gtest.h>

#include <cstdint>

#include "fuzz/mended_part.h"
#include "tests/plugin/part_table/bare_table.h"
#include "tests/plugin/part_table/part_cases.h"
#include "tests/random_source.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using part_cases::PartOf;
using part_cases::Shape;
using part_cases::Shapes;

#if defined(VARVE_SANITIZED)
constexpr int kRounds = 100;
constexpr size_t kByteStep = 7;
#else
constexpr int kRounds = 800;
constexpr size_t kByteStep = 1;
#endif

void Try(const std::string& bytes) {
  // An exact-size copy: reading past its end is the sanitizers' to find.
  const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

TEST(PartHostile, RandomChangesUnderRightChecksumsAreErrorsOrRows) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (const Shape& shape : Shapes()) {
    SCOPED_TRACE(shape.name);
    const std::string part = PartOf(shape);
    Try(part);
    for (int round = 0; round < kRounds; ++round) {
      std::string changed = part;
      for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
        const char small[] = {0, 1, 2, '\x7f', '\x80', '\xff'};
        changed[random.Below(changed.size())] =
            random.Below(2) == 0 ? static_cast<char>(random.Below(256))
                                 : small[random.Below(sizeof small)];
      }
      Try(changed);
    }
  }
}

TEST(PartHostile, EveryByteOfASmallPart) {
  const std::string part = PartOf(Shapes()[0]);
  for (size_t at = 0; at < part.size(); at += kByteStep) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string changed = part;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      Try(changed);
    }
  }
}

// A row whose record claimed a value of 2^60 bytes made the reader allocate
// that much before it looked at the columns.
TEST(PartHostile, ARowCannotClaimMoreThanItsColumns) {
  std::string part = PartOf(Shapes()[3]);
  const size_t at = part.find(std::string("\xa7\x02", 2));
  ASSERT_NE(std::string::npos, at);
  const size_t header_bytes = static_cast<unsigned char>(part[at - 1]);
  ASSERT_EQ(1, part[at - 2]);  // a row in columns
  const std::string claim("\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x0f", 14);
  // Its six fields take 14 bytes now, eight of them from the header.
  part[at - 1] = static_cast<char>(header_bytes - 8);
  part.replace(at + header_bytes - 8, claim.size(), claim);
  Try(part);
}

// ------------------------------------------------- what a writer may do wrong

Status FirstErrorOf(rocksdb::InternalIterator* it) {
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
  }
  Status s = it->status();
  for (it->SeekToLast(); s.ok() && it->Valid(); it->Prev()) {
  }
  return s.ok() ? it->status() : s;
}

// The error of opening the table, or of reading all of it.
Status FirstErrorOf(BareTable* table, const rocksdb::Comparator* comparator) {
  Status s = table->TryOpen(comparator);
  if (!s.ok()) return s;
  const rocksdb::ReadOptions read;
  return FirstErrorOf(table->NewIterator(read).get());
}

// One row a box, one box a leaf of the index.
PartTableOptions OneRowABox() {
  PartTableOptions options;
  options.block_bytes = 64;
  options.index_block_bytes = 64;
  options.restart_interval = 1;
  options.prefix_compression = false;
  options.cache_bytes = 0;
  return options;
}

void ExpectCorrupt(const Status& s, const char* what) {
  EXPECT_TRUE(s.IsCorruption()) << s.ToString();
  EXPECT_NE(std::string::npos, s.ToString().find(what)) << s.ToString();
}

// RocksDB's fragmenter asserts that a range deletion ends at or behind its
// start and that it is one.
TEST(PartHostile, ARangeDeletionMustBeOne) {
  const auto deletion = [](const char* from, rocksdb::ValueType type) {
    return InternalKey(from, 9, type);
  };
  const struct {
    std::string key, end;
    bool good;
  } cases[] = {
      {deletion("b", rocksdb::kTypeRangeDeletion), "c", true},
      {deletion("b", rocksdb::kTypeRangeDeletion), "b", true},  // of nothing
      {deletion("b", rocksdb::kTypeRangeDeletion), "a", false},
      {deletion("b", rocksdb::kTypeRangeDeletion), "", false},
  };
  for (const auto& [key, end, good] : cases) {
    BareTable table(OneRowABox());
    table.Build({{InternalKey("a", 1), "v"}, {key, end}});
    const Status s = FirstErrorOf(&table, nullptr);
    if (good) {
      EXPECT_TRUE(s.ok()) << end << ": " << s.ToString();
    } else {
      ExpectCorrupt(s, "bad range");
    }
  }
  // A value where a range deletion should be.
  BareTable table(OneRowABox());
  table.Build({{deletion("bbbbbbbb", rocksdb::kTypeRangeDeletion), "c"}});
  std::string bytes = ReadFile(table.path());
  const size_t at = bytes.find("bbbbbbbb");
  ASSERT_EQ(static_cast<char>(rocksdb::kTypeRangeDeletion), bytes[at + 8]);
  bytes[at + 8] = static_cast<char>(rocksdb::kTypeValue);
  WriteFile(table.path(), MendedPart(bytes).bytes());
  ExpectCorrupt(FirstErrorOf(&table, nullptr), "bad range");
}

// A comparator with timestamps takes the last eight bytes of every user key
// for one: keys without were read past their front.
TEST(PartHostile, KeysShorterThanATimestampAreCorrupt) {
  const rocksdb::Comparator* stamped = nullptr;
  ASSERT_TRUE(rocksdb::Comparator::CreateFromString(
                  {}, "leveldb.BytewiseComparator.u64ts", &stamped)
                  .ok());
  const std::string ends = "z-and-a-timestamp";
  const auto range = [](const std::string& key) {
    return InternalKey(key, 9, rocksdb::kTypeRangeDeletion);
  };
  const struct {
    const char* where;
    BareTable::Entries entries;
  } cases[] = {
      {"root", {{InternalKey("short", 1), "v"}}},
      {"index leaf",
       {{InternalKey("b", 1), std::string(90, 'v')},
        {InternalKey(ends, 1), "v"}}},
      {"rows", {{InternalKey("b", 1), "v"}, {InternalKey(ends, 1), "v"}}},
      {"bad range", {{InternalKey(ends, 1), "v"}, {range(ends), "zz"}}},
      {"range deletions", {{InternalKey(ends, 1), "v"}, {range("a"), ends}}},
  };
  for (const auto& [where, entries] : cases) {
    SCOPED_TRACE(where);
    PartTableOptions options = OneRowABox();
    options.index_block_bytes = 4096;
    BareTable table(options);
    table.Write(entries);
    const rocksdb::ReadOptions read;
    EXPECT_TRUE(FirstErrorOf(table.NewIterator(read).get()).ok());
    ExpectCorrupt(FirstErrorOf(&table, stamped), where);
  }
}

// Eight bytes of sequence number and type end every key.
TEST(PartHostile, KeysShorterThanTheirSequenceAreCorrupt) {
  BareTable table(OneRowABox());
  table.Build({{InternalKey("aaaaaaaa", 1), std::string(40, 'v')},
               {InternalKey("bbbbbbbb", 1), std::string(40, 'v')}});
  const std::string good = ReadFile(table.path());
  const size_t at = good.find("aaaaaaaa");
  ASSERT_EQ(std::string("\0\x10\x28", 3), good.substr(at - 3, 3));
  for (const int key_bytes : {0, 1, 7}) {
    std::string bytes = good;
    bytes[at - 2] = static_cast<char>(key_bytes);
    bytes[at - 1] = static_cast<char>(16 + 40 - key_bytes);
    WriteFile(table.path(), MendedPart(bytes).bytes());
    ExpectCorrupt(FirstErrorOf(&table, nullptr), "rows at offset 0");
    std::string value;
    Status s;
    table.Get("aaaaaaaa", &value, &s);
    ExpectCorrupt(s, "rows at offset 0");
  }
}

}  // namespace
}  // namespace varve
