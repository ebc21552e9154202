// A RocksDB program that knows nothing of Varve: makes a database of part files
// by an options string, backs it up, and says what became of it.
//
//   part_backup DIR LIBRARY NAMING
//
// LIBRARY is loaded by its path, '' loads none. NAMING is 'default' or
// 'legacy': how the backup names the files that it shares.
#include <dlfcn.h>

#include <cstdio>
#include <memory>
#include <string>

#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/backup_engine.h"

namespace {

using rocksdb::BackupEngineOptions;
using rocksdb::Status;

Status Run(const std::string& dir, const std::string& library,
           const std::string& naming) {
  if (!library.empty() && dlopen(library.c_str(), RTLD_NOW) == nullptr) {
    return Status::IOError(dlerror());
  }
  rocksdb::Options options;
  Status status = rocksdb::GetOptionsFromString(
      rocksdb::ConfigOptions(), rocksdb::Options(),
      "create_if_missing=true;table_factory={id=VarvePartTable}", &options);
  if (!status.ok()) return status;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::Open(options, dir + "/db", &raw);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::DB> db(raw);
  status = db->Put(rocksdb::WriteOptions(), "key", "value");
  if (status.ok()) status = db->Flush(rocksdb::FlushOptions());
  if (!status.ok()) return status;
  BackupEngineOptions backups(dir + "/backup");
  if (naming == "legacy") {
    backups.share_files_with_checksum_naming =
        BackupEngineOptions::kLegacyCrc32cAndFileSize;
  }
  rocksdb::BackupEngine* raw_engine = nullptr;
  status = rocksdb::BackupEngine::Open(rocksdb::Env::Default(), backups,
                                       &raw_engine);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::BackupEngine> engine(raw_engine);
  status = engine->CreateNewBackup(db.get());
  if (status.ok()) status = engine->VerifyBackup(1, true);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const Status status = Run(argv[1], argv[2], argv[3]);
  std::printf("%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
