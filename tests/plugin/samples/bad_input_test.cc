// What nobody should write into a row. Each case is written, flushed,
// compacted to the bottom and reopened; the database lives, other rows are
// whole, reading the row says what is wrong, and its bytes are still there.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "format/row/row_key.h"
#include "format/row/sample_block.h"
#include "tests/format/row/block_cases.h"
#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

constexpr int64_t kDay = kMillisPerDay;
constexpr int64_t kNow = kTestNowMs;

std::string Block(const RowShape& shape, const std::vector<Sample>& samples) {
  std::string block;
  EXPECT_EQ(
      EncodeSamples(shape, samples.data(), samples.size(), &block).ToString(),
      "OK");
  return block;
}

std::string Block(const std::vector<Sample>& samples) {
  return Block(RowShape(), samples);
}

std::string Plain(int64_t timestamp_ms) {
  block_cases::Samples samples;
  samples.Add(kNow, BitsOf(1));
  samples.Add(timestamp_ms, BitsOf(2));
  return block_cases::EncodePlain(samples);
}

// A good block but for one byte of a column: its encoding's number.
std::string WithUnknownEncoding(bool of_values) {
  std::string block = Block({{kNow, 1.5}, {kNow + 10, 2.5}, {kNow + 15, -3}});
  BlockHeader header;
  EXPECT_TRUE(PeekBlock(block, &header).ok());
  block[header.header_bytes + (of_values ? header.timestamp_bytes : 0)] =
      '\xee';
  return block;
}

struct Case {
  const char* name;
  std::string bytes;
  bool newer;        // NotSupported, else Corruption
  const char* says;  // in the message
};

std::vector<Case> Cases() {
  RowShape hourly, ceil, weekly;
  hourly.bucket_width_ms = kMillisPerHour;
  ceil.window = WindowRule::kCeil;
  weekly.partition = Partition::kWeek;
  std::string flags = Block({{kNow, 1}});
  flags[2] = static_cast<char>(flags[2] | 0x80);
  std::string cut = Block({{kNow, 1.25}, {kNow + 1, 2.5}, {kNow + 7, 3}});
  cut.resize(cut.size() - 3);
  return {
      {"nothing at all", "", false, "foreign"},
      {"text", "not a block", false, "foreign"},
      {"one byte of a tag", "\xa7", false, "foreign"},
      {"an unknown form", "\xa7\x63 of tomorrow", true, "newer version"},
      {"reserved flags", flags, true, "newer version"},
      {"an unknown timestamp encoding", WithUnknownEncoding(false), true,
       "newer"},
      {"an unknown value encoding", WithUnknownEncoding(true), true, "newer"},
      {"a block cut off", cut, false, "column"},
      {"a plain form cut off", Plain(kNow).substr(0, 20), false, "plain"},
      {"a negative timestamp", Plain(-1), false, "outside"},
      {"a timestamp beyond 9999", Plain(kTimestampMax + 1), false, "outside"},
      {"nanoseconds", Plain(kNow * 1000000), false, "outside"},
      {"plain samples of another bucket", Plain(kNow - 1), false, "outside"},
      {"a block of another bucket", Block({{kNow - 1, 1}}), false, "bucket"},
      {"another bucket width", Block(hourly, {{kNow, 1}}), false, "another"},
      {"another partition", Block(weekly, {{kNow, 1}}), false, "another"},
      {"another window rule", Block(ceil, {{kNow + 1, 1}}), false, "another"},
      {"a container cut off", std::string("\xa7\x03\x05x", 4), false,
       "container"},
      {"garbage in a container",
       block_cases::EncodeContainer({Block({{kNow, 1}}), "garbage"}), false,
       "foreign"},
      {"garbage in a container's container",
       block_cases::EncodeContainer(
           {block_cases::EncodeContainer({"garbage"})}),
       false, "foreign"},
  };
}

// Everything that the row's bytes hold, containers opened.
void Flatten(const std::string& bytes, std::vector<std::string>* entries) {
  BlockHeader header;
  if (!PeekBlock(bytes, &header).ok() || header.form != BlockForm::kContainer) {
    entries->push_back(bytes);
    return;
  }
  ContainerReader reader(bytes);
  Slice entry;
  while (reader.Next(&entry)) Flatten(entry.ToString(), entries);
}

bool Holds(const std::vector<std::string>& entries, const std::string& bytes) {
  std::vector<std::string> parts;
  Flatten(bytes, &parts);
  const auto found = [&](const std::string& part) {
    if (std::find(entries.begin(), entries.end(), part) != entries.end()) {
      return true;
    }
    // Good samples beside bad ones are merged like any others.
    BlockHeader header;
    return PeekBlock(part, &header).ok() && parts.size() > 1;
  };
  return std::all_of(parts.begin(), parts.end(), found);
}

std::vector<std::string> RawEntries(SampleDb* db, int64_t timestamp_ms) {
  std::string value;
  EXPECT_EQ(db->db()->Get({}, db->Key("bad", timestamp_ms), &value).ToString(),
            "OK");
  std::vector<std::string> entries;
  Flatten(value, &entries);
  return entries;
}

void Merge(SampleDb* db, const std::string& bytes) {
  EXPECT_EQ(db->db()->Merge({}, db->Key("bad", kNow), bytes).ToString(), "OK");
}
void Put(SampleDb* db, const std::string& bytes) {
  EXPECT_EQ(db->db()->Put({}, db->Key("bad", kNow), bytes).ToString(), "OK");
}

// The row is reported, by a Get and by an iterator; all around it is whole.
void ExpectContained(SampleDb* db, const Case& bad) {
  for (const int64_t from : {kNow, kNow - kDay}) {
    SampleMap map;
    const Status status = db->Read("bad", from, kNow + kDay - 1, &map);
    const std::string text = status.ToString();
    EXPECT_EQ(status.IsNotSupported(), bad.newer) << text;
    EXPECT_EQ(status.IsCorruption(), !bad.newer) << text;
    EXPECT_NE(text.find("series \"bad\""), std::string::npos) << text;
    EXPECT_NE(text.find("bucket " + std::to_string(kNow)), std::string::npos)
        << text;
    EXPECT_NE(text.find(bad.says), std::string::npos) << text;
    EXPECT_EQ(map.size(), from == kNow ? 0u : 1u);  // what came before it
  }
  SampleMap map;
  EXPECT_TRUE(db->Read("bad", 0, kNow - 1, &map).ok());
  EXPECT_EQ(map, (SampleMap{{kNow - kDay, BitsOf(1)}}));
  EXPECT_TRUE(db->Read("bad", kNow + kDay, kTimestampMax, &map).ok());
  EXPECT_EQ(map, (SampleMap{{kNow + kDay, BitsOf(1)}}));
  EXPECT_EQ(db->Read("good"),
            (SampleMap{{kNow, BitsOf(1)}, {kNow + 1, BitsOf(2)}}));
  EXPECT_EQ(db->List(), (std::vector<std::string>{"bad", "good"}));
  EXPECT_TRUE(Holds(RawEntries(db, kNow), bad.bytes));
}

// Runs `write` between good writes, then through the life of a row.
void Live(const Case& bad, const std::function<void(SampleDb*)>& write) {
  // Retention and tiers, so that all that ageing does is at work.
  SampleDb db("downsampling_period=1d:5m;retention_period=100d");
  db.Write("good", kNow, 1);
  db.Write("bad", {{kNow - kDay, 1}, {kNow + kDay, 1}});
  write(&db);
  db.Write("good", kNow + 1, 2);
  ExpectContained(&db, bad);
  db.Flush();
  ExpectContained(&db, bad);
  db.Compact();
  ExpectContained(&db, bad);
  db.Reopen();
  ExpectContained(&db, bad);
  db.Write("bad", kNow + 2, 9);  // the row and the database take writes
  db.Write("good", kNow + 1, 2);
  db.Compact();
  db.Reopen();
  db.Compact();
  ExpectContained(&db, bad);
  EXPECT_GT(RawEntries(&db, kNow).size(), 1u);
  // Healed by what RocksDB itself offers.
  EXPECT_TRUE(db.db()->Delete({}, db.Key("bad", kNow)).ok());
  db.Write("bad", kNow, 7);
  db.Compact();
  EXPECT_EQ(db.Read("bad").at(kNow), BitsOf(7));
}

TEST(BadInput, AnOperandAlone) {
  for (const Case& bad : Cases()) {
    SCOPED_TRACE(bad.name);
    Live(bad, [&](SampleDb* db) { Merge(db, bad.bytes); });
  }
}

TEST(BadInput, AnOperandAmongGoodOnes) {
  for (const Case& bad : Cases()) {
    SCOPED_TRACE(bad.name);
    Live(bad, [&](SampleDb* db) {
      db->Write("bad", kNow, 1);
      Merge(db, bad.bytes);
      db->Write("bad", kNow + 1, 2);
      Merge(db, bad.bytes);
      db->Write("bad", kNow, 3);
    });
  }
}

TEST(BadInput, OperandsInSeveralFiles) {
  for (const Case& bad : Cases()) {
    SCOPED_TRACE(bad.name);
    Live(bad, [&](SampleDb* db) {
      db->Write("bad", kNow, 1);
      db->Compact();
      Merge(db, bad.bytes);
      db->Flush();
      db->Write("bad", kNow + 1, 2);
      db->Flush();
    });
  }
}

TEST(BadInput, ABaseAloneAndUnderGoodOperands) {
  for (const Case& bad : Cases()) {
    SCOPED_TRACE(bad.name);
    Live(bad, [&](SampleDb* db) {
      db->Write("bad", kNow, 1);
      Put(db, bad.bytes);
    });
    Live(bad, [&](SampleDb* db) {
      Put(db, bad.bytes);
      db->Flush();
      db->Write("bad", kNow, 1);
      db->Write("bad", kNow + 1, 1);
    });
  }
}

TEST(BadInput, ADeletedRowIsReadableAgain) {
  for (const bool range : {false, true}) {
    SampleDb db("");
    db.Write("bad", kNow, 1);
    Merge(&db, "rubbish");
    SampleReadOptions before;
    before.rocksdb.snapshot = db.db()->GetSnapshot();
    const std::string key = db.Key("bad", kNow);
    EXPECT_TRUE((range ? db.db()->DeleteRange({}, db.cf(), key, key + "x")
                       : db.db()->Delete({}, key))
                    .ok());
    db.Write("bad", kNow + 1, 2);
    db.Compact();
    EXPECT_EQ(db.Read("bad"), (SampleMap{{kNow + 1, BitsOf(2)}}));
    SampleMap map;
    EXPECT_TRUE(db.Read("bad", 0, kTimestampMax, &map, before).IsCorruption());
    db.db()->ReleaseSnapshot(before.rocksdb.snapshot);
    db.Reopen();
    db.Compact();
    EXPECT_EQ(db.Read("bad"), (SampleMap{{kNow + 1, BitsOf(2)}}));
  }
}

TEST(BadInput, APutOfABlockForgetsWhatWasThere) {
  SampleDb db("");
  db.Write("bad", kNow, 1);
  Merge(&db, "rubbish");
  Put(&db, Block({{kNow + 5, 5}}));
  db.Write("bad", kNow + 6, 6);
  const SampleMap expected = {{kNow + 5, BitsOf(5)}, {kNow + 6, BitsOf(6)}};
  EXPECT_EQ(db.Read("bad"), expected);
  db.Compact();
  db.Reopen();
  EXPECT_EQ(db.Read("bad"), expected);
}

// A later version reads its operand in the place where it was written: here
// its bytes are replaced by a block that this version reads.
TEST(BadInput, AnOperandOfANewerVersionCountsWhereItWasWritten) {
  const std::string newer = "\xa7\x63 of tomorrow";
  SampleDb db("downsampling_period=1d:5m;dedup_interval=1s");
  std::vector<SampleWrite> writes;
  const auto write = [&](int64_t t, double value, bool real = true) {
    if (real) db.Write("bad", kNow + t, value);
    writes.push_back({kNow + t, BitsOf(value)});
  };
  write(1000, 1);
  write(5000, 1);
  db.Flush();
  Merge(&db, newer);
  write(1000, 2, /*real=*/false);
  write(2000, 2, /*real=*/false);
  write(2000, 3);
  db.Compact();
  db.clock()->SetMs(kNow + 10 * kDay);
  db.Reopen();
  write(3000, 4);
  db.Compact();

  std::string value;
  ASSERT_TRUE(db.db()->Get({}, db.Key("bad", kNow), &value).ok());
  std::vector<std::string> entries;
  Flatten(value, &entries);
  const auto found = std::find(entries.begin(), entries.end(), newer);
  ASSERT_NE(found, entries.end());
  *found = Block({{kNow + 1000, 2}, {kNow + 2000, 2}});
  Put(&db, block_cases::EncodeContainer(entries));
  const SampleMap view = View(writes, db.policy(), kNow + 10 * kDay);
  EXPECT_EQ(db.Read("bad"), view);
  db.Compact();
  EXPECT_EQ(db.Read("bad"), view);
  EXPECT_EQ(RawEntries(&db, kNow).size(), 1u);  // one block once more
}

TEST(BadInput, WhatTheWriterRefusesLeavesNoTrace) {
  SampleDb db("");
  db.Write("good", kNow, 1);
  const auto rows = db.Dump();
  rocksdb::WriteBatch batch;
  for (const int64_t t : {int64_t{-1}, kTimestampMax + 1, kNow + 3 * kDay,
                          kNow * 1000, kNow * 1000000}) {
    const std::vector<Sample> samples = {{kNow, 5}, {t, 6}};
    EXPECT_TRUE(db.writer()
                    ->Add("good", samples.data(), 2, &batch)
                    .IsInvalidArgument());
  }
  EXPECT_TRUE(db.writer()->Add("", kNow, 5, &batch).IsInvalidArgument());
  db.Commit(&batch);
  db.Compact();
  db.Reopen();
  EXPECT_EQ(db.Dump(), rows);
}

}  // namespace
}  // namespace varve
