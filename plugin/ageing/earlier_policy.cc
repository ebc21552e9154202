// See earlier_policy.h.
#include "plugin/ageing/earlier_policy.h"

#include <algorithm>
#include <vector>

#include "compaction/policy_agreement.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/utilities/options_util.h"

namespace varve {
namespace {

// Those that are numbered, oldest first; the last is the present one.
std::vector<std::string> OptionsFiles(rocksdb::DB* db) {
  static const std::string kPrefix = "OPTIONS-";
  std::vector<std::string> files;
  const Status status = db->GetEnv()->GetChildren(db->GetName(), &files);
  if (!status.ok()) return {};
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const std::string& file) {
                               return file.compare(0, kPrefix.size(),
                                                   kPrefix) != 0 ||
                                      file.find_first_not_of("0123456789",
                                                             kPrefix.size()) !=
                                          std::string::npos;
                             }),
              files.end());
  std::sort(files.begin(), files.end(),
            [](const std::string& a, const std::string& b) {
              return a.size() != b.size() ? a.size() < b.size() : a < b;
            });
  return files;
}

rocksdb::Status PolicyIn(rocksdb::DB* db, const std::string& file,
                         const std::string& cf_name, Policy* policy) {
  rocksdb::ConfigOptions config;
  config.env = db->GetEnv();
  config.ignore_unknown_options = true;  // in files of a newer RocksDB alone
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const Status status = rocksdb::LoadOptionsFromFile(
      config, db->GetName() + "/" + file, &db_options, &families);
  if (!status.ok()) return status;
  for (const auto& family : families) {
    if (family.name != cf_name) continue;
    const LivePolicy* const live =
        FindLivePolicy(family.options.merge_operator.get());
    if (live == nullptr) break;
    *policy = live->Get();
    return Status::OK();
  }
  return Status::NotFound("no policy of " + cf_name + " in " + file);
}

}  // namespace

rocksdb::Status EarlierPolicy(rocksdb::DB* db, const std::string& cf_name,
                              Policy* policy) {
  const std::vector<std::string> files = OptionsFiles(db);
  if (files.size() < 2) return Status::NotFound("no earlier OPTIONS file");
  return PolicyIn(db, files[files.size() - 2], cf_name, policy);
}

rocksdb::Status PersistedPolicy(rocksdb::DB* db, const std::string& cf_name,
                                Policy* policy) {
  const std::vector<std::string> files = OptionsFiles(db);
  if (files.empty()) return Status::NotFound("no OPTIONS file");
  return PolicyIn(db, files.back(), cf_name, policy);
}

}  // namespace varve
