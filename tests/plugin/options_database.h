// A database whose column family carries Varve's objects, and what tests of
// its options ask of it.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "compaction/live_policy.h"
#include "compaction/policy_agreement.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/sst_partitioner.h"
#include "rocksdb/utilities/options_util.h"
#include "varve/varve.h"

namespace varve {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyHandle;
using rocksdb::ColumnFamilyOptions;
using rocksdb::ConfigOptions;
using rocksdb::DB;
using rocksdb::DBOptions;

inline constexpr const char* kPolicyText =
    "downsampling_period=30d:5m,180d:1h;dedup_interval=15s;"
    "retention_period=1y;bucket=1h;partition=week;window=ceil;"
    "safety_lag=10m;future_limit=1d;ageing=on";

// The options string of a column family with all four objects. RocksDB splits
// lists at ':': an element that holds one needs braces of its own within
// those of the list.
inline std::string CfText(const std::string& merge, const std::string& filter,
                          const std::string& partitioner,
                          const std::string& collector) {
  return "merge_operator={id=VarveSampleMerge;" + merge +
         "};compaction_filter_factory={id=VarveTierFilter;" + filter +
         "};sst_partitioner_factory={id=VarveTimePartitioner;" + partitioner +
         "};table_properties_collectors={{id=VarveSampleProperties;" +
         collector + "}}";
}

inline std::string CfText(const std::string& policy) {
  return CfText(policy, policy, policy, policy);
}

inline Status FromString(const std::string& text,
                         ColumnFamilyOptions* options) {
  return rocksdb::GetColumnFamilyOptionsFromString(
      ConfigOptions(), ColumnFamilyOptions(), text, options);
}

inline ColumnFamilyOptions MustFromString(const std::string& text) {
  ColumnFamilyOptions options;
  const Status status = FromString(text, &options);
  EXPECT_TRUE(status.ok()) << text << ": " << status.ToString();
  return options;
}

// What an object goes by, with its id.
inline std::string Describe(const rocksdb::Customizable* object) {
  const LivePolicy* const live = FindLivePolicy(object);
  if (live == nullptr) return "none";
  return object->GetId() + ": " + live->Get().ToString();
}

inline std::string Describe(const ColumnFamilyOptions& options) {
  std::string text = Describe(options.merge_operator.get()) + "\n" +
                     Describe(options.compaction_filter_factory.get()) + "\n" +
                     Describe(options.sst_partitioner_factory.get()) + "\n";
  for (const auto& f : options.table_properties_collector_factories) {
    text += Describe(f.get()) + "\n";
  }
  return text;
}

// One database with one column family, in a directory of its own.
class Database {
 public:
  explicit Database(const std::string& path) : path_(path) {}
  ~Database() { Close(); }

  Status Open(const ColumnFamilyOptions& cf_options,
              DBOptions db_options = DBOptions()) {
    Close();
    db_options.create_if_missing = true;
    return Remember(DB::Open(db_options, path_, {{"default", cf_options}},
                             &handles_, &db_));
  }

  Status OpenReadOnly(const ColumnFamilyOptions& cf_options) {
    Close();
    return Remember(DB::OpenForReadOnly(
        DBOptions(), path_, {{"default", cf_options}}, &handles_, &db_));
  }

  Status OpenFromItsOptions() {
    Close();
    DBOptions db_options;
    std::vector<ColumnFamilyDescriptor> families;
    const Status status = rocksdb::LoadLatestOptions(ConfigOptions(), path_,
                                                     &db_options, &families);
    if (!status.ok()) return status;
    return Remember(DB::Open(db_options, path_, families, &handles_, &db_));
  }

  void Close() {
    for (ColumnFamilyHandle* const handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle);
    }
    handles_.clear();
    delete db_;
    db_ = nullptr;
  }

  DB* db() { return db_; }
  ColumnFamilyHandle* cf() { return handles_[0]; }
  ColumnFamilyOptions cf_options() { return db_->GetOptions(cf()); }
  std::string Describe() { return varve::Describe(cf_options()); }

 private:
  Status Remember(const Status& status) {
    if (!status.ok()) handles_.clear();
    return status;
  }

  const std::string path_;
  DB* db_ = nullptr;
  std::vector<ColumnFamilyHandle*> handles_;
};

inline Policy PolicyOf(const std::string& text) {
  Policy policy;
  EXPECT_TRUE(Policy::Parse(text, &policy).ok()) << text;
  return policy;
}

inline ColumnFamilyOptions Configured(const std::string& policy) {
  Options options;
  options.policy = PolicyOf(policy);
  ColumnFamilyOptions cf_options;
  EXPECT_TRUE(ConfigureColumnFamily(options, &cf_options).ok());
  return cf_options;
}

inline void WriteSample(Database* database, int64_t timestamp_ms,
                        double value) {
  Policy policy;
  ASSERT_TRUE(GetPolicy(database->db(), database->cf(), &policy).ok());
  std::string key, operand;
  ASSERT_TRUE(EncodeRowKey(policy.shape, "cpu", timestamp_ms, &key).ok());
  const Sample sample{timestamp_ms, value};
  ASSERT_TRUE(EncodeSamples(policy.shape, &sample, 1, &operand).ok());
  ASSERT_TRUE(database->db()
                  ->Merge(rocksdb::WriteOptions(), database->cf(), key, operand)
                  .ok());
}

// The LOG of a database.
inline std::string ReadLog(const std::string& path) {
  std::ifstream file(path + "/LOG");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void ExpectInvalid(const Status& status,
                          const std::vector<std::string>& words) {
  EXPECT_TRUE(status.IsInvalidArgument()) << status.ToString();
  for (const std::string& word : words) {
    EXPECT_NE(status.ToString().find(word), std::string::npos)
        << "no '" << word << "' in: " << status.ToString();
  }
}

}  // namespace varve
