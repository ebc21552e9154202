#include "tools/ldb_options.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "rocksdb/merge_operator.h"
#include "rocksdb/utilities/options_util.h"
#include "tools/database.h"
#include "tools/options_file.h"

namespace varve::tools {
namespace {

using Families = std::vector<rocksdb::ColumnFamilyDescriptor>;

bool CarriesVarve(const rocksdb::ColumnFamilyDescriptor& family) {
  const auto& merge = family.options.merge_operator;
  return merge != nullptr && merge->IsInstanceOf("VarveSampleMerge");
}

const rocksdb::ColumnFamilyDescriptor* Find(const Families& families,
                                            const std::string& name) {
  for (const auto& family : families) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

// A family that has Varve's merge operator in an earlier OPTIONS file and is
// there without it in the newest. RocksDB keeps the one before.
std::string FamilyThatLostVarve(const std::string& dir,
                                const Families& newest) {
  std::vector<std::string> files;
  rocksdb::Env::Default()->GetChildren(dir, &files).PermitUncheckedError();
  for (const std::string& file : files) {
    if (file.compare(0, 8, "OPTIONS-") != 0) continue;
    rocksdb::DBOptions db_options;
    Families families;
    const Status status = rocksdb::LoadOptionsFromFile(
        rocksdb::ConfigOptions(), dir + "/" + file, &db_options, &families);
    if (!status.ok()) continue;  // one that is being written, or cut short
    for (const auto& family : families) {
      const auto* const now = Find(newest, family.name);
      if (CarriesVarve(family) && now != nullptr && !CarriesVarve(*now)) {
        return family.name;
      }
    }
  }
  return "";
}

std::string WhyNotBlobs(const rocksdb::ColumnFamilyDescriptor& family,
                        const LdbOptionsUse& use) {
  const auto differs = [](const char* name, bool has, bool given) {
    if (has == given) return std::string();
    return std::string("ldb turns ") + name +
           (given ? " on for good where its flag is given; leave --"
                  : " off for good where its flag is not given; add --") +
           name;
  };
  const std::string files =
      differs("enable_blob_files", family.options.enable_blob_files,
              use.enables_blob_files);
  return !files.empty() ? files
                        : differs("enable_blob_garbage_collection",
                                  family.options.enable_blob_garbage_collection,
                                  use.enables_blob_garbage_collection);
}

}  // namespace

std::string WhyNotUnderOptions(const std::string& dir,
                               const LdbOptionsUse& use) {
  if (Database::Find(dir).IsNotFound()) return "";
  rocksdb::DBOptions db_options;
  Families families;
  const Status status =
      rocksdb::LoadLatestOptions(StrictReading(), dir, &db_options, &families);
  if (!status.ok()) {
    return "ldb would leave out what it cannot load of the OPTIONS of " + dir +
           " (" + status.ToString() +
           "), and merge by string append what needs another merge operator; "
           "'varve compact' and a program of yours say what is missing";
  }
  const std::string lost = FamilyThatLostVarve(dir, families);
  const bool has_varve =
      std::any_of(families.begin(), families.end(), CarriesVarve);
  if (!lost.empty() || !has_varve) {
    return "the newest OPTIONS of " + dir + " have no merge operator of " +
           "Varve for " +
           (lost.empty() ? "any column family" : "column family " + lost) +
           ": ldb would merge its rows by string append; remove that OPTIONS "
           "file where an earlier one has it (plain ldb is for databases "
           "without samples)";
  }
  std::error_code error;
  if (!db_options.wal_dir.empty() &&
      !std::filesystem::exists(db_options.wal_dir, error)) {
    return "the wal_dir that the OPTIONS of " + dir + " name, " +
           db_options.wal_dir +
           ", is not there: ldb would go on without what has not been flushed";
  }
  const auto* const family = Find(families, use.family);
  return family == nullptr ? "" : WhyNotBlobs(*family, use);
}

}  // namespace varve::tools
