// Steps of a sequence that change options in ways that must change nothing:
// RocksDB refuses them, or the policy objects do. And DB::SetOptions that is
// accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <unordered_map>

#include "rocksdb/table.h"
#include "tests/compaction/changed_policy.h"
#include "tests/metamorphic/options_drawn.h"
#include "tests/metamorphic/sequence.h"

namespace varve {
namespace {

using Map = std::unordered_map<std::string, std::string>;

constexpr char kMerge[] = "merge_operator";
constexpr char kFilter[] = "compaction_filter_factory";

// Every kind that may be drawn.
std::map<std::string, uint64_t>& Counts() {
  static std::map<std::string, uint64_t> counts = {
      {"refused: unknown option", 0},
      {"refused: bad value", 0},
      {"refused: cannot change", 0},
      {"refused: ttl", 0},
      {"refused: periodic compaction", 0},
      {"refused: protection bytes", 0},
      {"refused: compression", 0},
      {"refused: blob garbage", 0},
      {"then SetDBOptions", 0},
      {"then SetOptions", 0},
      {"then column family", 0},
      {"then nothing", 0},
      {"one object: merge_operator", 0},
      {"one object: compaction_filter_factory", 0},
      {"two objects that differ", 0},
      {"shared: two databases", 0},
      {"shared: two column families", 0},
      {"shared: read-only", 0},
      {"accepted: fields", 0},
      {"accepted: maps", 0},
  };
  return counts;
}

struct Refusal {
  const char* kind;
  Map options;
};

const std::vector<Refusal>& Refusals() {
  static const std::vector<Refusal> kRefusals = {
      {"refused: unknown option", {{"no_such_option", "1"}}},
      {"refused: bad value", {{"write_buffer_size", "many"}}},
      {"refused: cannot change",
       {{"compaction_style", "kCompactionStyleFIFO"}}},
      {"refused: ttl", {{"ttl", "3600"}}},
      {"refused: periodic compaction",
       {{"periodic_compaction_seconds", "86400"}}},
      {"refused: protection bytes",
       {{"memtable_protection_bytes_per_key", "3"}}},
      {"refused: compression", {{"compression", "kXpressCompression"}}},
      {"refused: blob garbage",
       {{"enable_blob_garbage_collection", "true"},
        {"blob_garbage_collection_age_cutoff", "2"}}},
  };
  return kRefusals;
}

bool IsShape(const std::string& field) {
  return field == "bucket" || field == "partition" || field == "window";
}

// All fields, as fields of one object or as one map of it.
void AddFields(const char* option, const Policy& policy, bool as_map,
               Map* options) {
  std::string text = "{";
  for (const std::string& field : PolicyFieldNames()) {
    if (IsShape(field)) continue;
    text += field + "=" + policy.Get(field) + ";";
    if (!as_map) (*options)[option + ("." + field)] = policy.Get(field);
  }
  if (as_map) (*options)[option] = text + "}";
}

bool HasPartTable(rocksdb::DB* db) {
  return db->GetOptions().table_factory->IsInstanceOf("VarvePartTable");
}

}  // namespace

void CountOptionsDrawn(const std::string& kind) {
  const auto at = Counts().find(kind);
  ASSERT_NE(at, Counts().end()) << kind;
  ++at->second;
}

void CheckOptionsDrawn(uint64_t sequences) {
  constexpr uint64_t kSequencesMin = 200;
  for (const auto& count : Counts()) {
    std::printf("%8llu  %s\n", (unsigned long long)count.second,
                count.first.c_str());
    EXPECT_TRUE(count.second > 0 || sequences < kSequencesMin)
        << "never drawn: " << count.first;
  }
}

// RocksDB has told the objects by the time that it refuses, or has not.
// Whatever writes an OPTIONS file afterwards must not find it there.
void Sequence::RefuseOptions() {
  const Refusal* refusal = &random_.Pick(Refusals());
  // RocksDB has these for its own table.
  if (!HasPartTable(subject_.db()) &&
      (refusal->options.count("ttl") > 0 ||
       refusal->options.count("periodic_compaction_seconds") > 0)) {
    refusal = &Refusals()[0];
  }
  const Policy after = ChangedPolicy(policy_, &random_);
  Map options = refusal->options;
  AddFields(kMerge, after, random_.OneIn(2), &options);
  AddFields(kFilter, after, random_.OneIn(2), &options);
  CountOptionsDrawn(refusal->kind);
  Log(std::string(refusal->kind) + ", policy " + after.ToString());
  ASSERT_FALSE(subject_.db()->SetOptions(options).ok());
  switch (random_.Below(4)) {
    case 0:
      CountOptionsDrawn("then SetDBOptions");
      return AssertOk(subject_.db()->SetDBOptions(
          {{"stats_dump_period_sec",
            std::to_string(600 + random_.Below(60))}}));
    case 1:
      CountOptionsDrawn("then SetOptions");
      return AssertOk(subject_.db()->SetOptions(
          {{"report_bg_io_stats", random_.OneIn(2) ? "true" : "false"}}));
    case 2: {
      CountOptionsDrawn("then column family");
      rocksdb::ColumnFamilyHandle* other = nullptr;
      AssertOk(subject_.db()->CreateColumnFamily(rocksdb::ColumnFamilyOptions(),
                                                 "other", &other));
      if (other == nullptr) return;
      AssertOk(subject_.db()->DropColumnFamily(other));
      return AssertOk(subject_.db()->DestroyColumnFamilyHandle(other));
    }
    default:
      CountOptionsDrawn("then nothing");
  }
}

void Sequence::RefuseOptionsOfOneObject() {
  const Policy after = ChangedPolicy(policy_, &random_);
  Map options;
  switch (random_.Below(3)) {
    case 0:
      CountOptionsDrawn("one object: merge_operator");
      AddFields(kMerge, after, random_.OneIn(2), &options);
      break;
    case 1:
      CountOptionsDrawn("one object: compaction_filter_factory");
      AddFields(kFilter, after, random_.OneIn(2), &options);
      break;
    default: {
      CountOptionsDrawn("two objects that differ");
      Policy other = ChangedPolicy(policy_, &random_);
      while (other == after) other = ChangedPolicy(policy_, &random_);
      AddFields(kMerge, after, random_.OneIn(2), &options);
      AddFields(kFilter, other, random_.OneIn(2), &options);
    }
  }
  const Status status = subject_.db()->SetOptions(options);
  ASSERT_TRUE(status.IsInvalidArgument()) << status.ToString();
}

// A second user of the objects. What it tries to set must be in force nowhere.
void Sequence::ShareObjects() {
  const Policy after = ChangedPolicy(policy_, &random_);
  const std::string changes = "retention_period=" +
                              after.Get(
                                  "retention_"
                                  "period") +
                              ";safety_lag=7m";
  rocksdb::Options options = subject_.db()->GetOptions();
  options.create_if_missing = true;
  std::unique_ptr<SampleReader> reader;
  rocksdb::DB* other = nullptr;
  switch (random_.Below(3)) {
    case 0: {
      CountOptionsDrawn("shared: two databases");
      const Status status =
          rocksdb::DB::Open(options, subject_.NewPath(), &other);
      delete other;
      ASSERT_TRUE(status.IsInvalidArgument()) << status.ToString();
      return;
    }
    case 1: {
      CountOptionsDrawn("shared: two column families");
      rocksdb::ColumnFamilyHandle* family = nullptr;
      AssertOk(subject_.db()->CreateColumnFamily(options, "shared", &family));
      if (family == nullptr) return;
      const std::unique_ptr<rocksdb::ColumnFamilyHandle> owned(family);
      EXPECT_TRUE(SampleReader::Open(subject_.db(), family, &reader)
                      .IsInvalidArgument());
      Map map;
      AddFields(kMerge, after, random_.OneIn(2), &map);
      AddFields(kFilter, after, random_.OneIn(2), &map);
      for (auto* const cf : {family, subject_.cf()}) {
        EXPECT_TRUE(
            varve::SetPolicy(subject_.db(), cf, changes).IsInvalidArgument());
        EXPECT_TRUE(subject_.db()->SetOptions(cf, map).IsInvalidArgument());
      }
      AssertOk(subject_.db()->DropColumnFamily(family));
      return;
    }
    default:
      CountOptionsDrawn("shared: read-only");
      // RocksDB opens a database for reading only file by file, and one that a
      // compaction takes away meanwhile is a Corruption to it.
      AssertOk(subject_.db()->PauseBackgroundWork());
      AssertOk(rocksdb::DB::OpenForReadOnly(options, subject_.db()->GetName(),
                                            &other));
      const std::unique_ptr<rocksdb::DB> read_only(other);
      if (other != nullptr) {
        AssertOk(
            SampleReader::Open(other, other->DefaultColumnFamily(), &reader));
        EXPECT_TRUE(
            varve::SetPolicy(other, other->DefaultColumnFamily(), changes)
                .IsNotSupported());
      }
      reader.reset();
      AssertOk(subject_.db()->ContinueBackgroundWork());
  }
}

void Sequence::SetOptions(const Policy& after) {
  const bool as_map = random_.OneIn(2);
  CountOptionsDrawn(as_map ? "accepted: maps" : "accepted: fields");
  Map options;
  AddFields(kMerge, after, as_map, &options);
  AddFields(kFilter, after, as_map, &options);
  AssertOk(subject_.db()->SetOptions(options));
  subject_.PolicyIsSet(after);
}

}  // namespace varve
