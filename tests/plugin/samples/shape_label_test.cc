// Files label themselves with the shape of the policy that wrote them. Once,
// compacting a database under a wrong bucket relabelled its files, and the
// right policy was then refused.
#include <gtest/gtest.h>

#include "tests/plugin/samples/sample_db.h"

namespace varve {
namespace {

void CompactUnderWrongBucket(const std::string& path) {
  rocksdb::Options options;
  Options varve_options;
  ASSERT_TRUE(Policy::Parse("bucket=1h", &varve_options.policy).ok());
  ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, &db).ok());
  EXPECT_TRUE(
      CheckColumnFamily(db, db->DefaultColumnFamily()).IsInvalidArgument());
  rocksdb::CompactRangeOptions compact;
  compact.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForce;
  EXPECT_TRUE(db->CompactRange(compact, nullptr, nullptr).ok());
  delete db;
}

TEST(ShapeLabel, CompactionUnderAWrongBucketLocksNobodyOut) {
  SampleDb db("bucket=1d");
  db.Write("cpu", {{kTestNowMs - 1000, 1}, {kTestNowMs, 2}});
  db.Flush();
  const SampleMap before = db.Read("cpu");
  const std::string path = db.db()->GetName();
  db.Close();
  CompactUnderWrongBucket(path);
  db.Open();
  EXPECT_EQ(db.Read("cpu"), before);
  EXPECT_EQ(before.size(), 2u);
}

}  // namespace
}  // namespace varve
