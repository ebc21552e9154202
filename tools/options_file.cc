// See options_file.h.
#include "tools/options_file.h"

#include "rocksdb/convenience.h"
#include "rocksdb/env.h"
#include "rocksdb/version.h"
#include "tools/command.h"

namespace varve::tools {

using rocksdb::Status;

Status OptionsFile::Load(const std::string& path, OptionsFile* file) {
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = false;
  config.ignore_unsupported_options = false;
  const Status strict =
      rocksdb::LoadOptionsFromFile(config, path, &file->db, &file->families);
  if (strict.ok()) return strict;
  // RocksDB looks at the file's version, and leaves nothing out of one that
  // is not newer.
  config.ignore_unknown_options = true;
  OptionsFile known;
  const Status lenient =
      rocksdb::LoadOptionsFromFile(config, path, &known.db, &known.families);
  if (!lenient.ok()) return lenient;
  *file = known;
  static bool said = false;  // a database that changes is opened repeatedly
  if (said) return Status::OK();
  said = true;
  Fail(kOk, path + " is of a newer RocksDB than " +
                rocksdb::GetRocksVersionAsString() +
                ": options that this one does not know are left out (" +
                strict.ToString() + ")");
  return Status::OK();
}

Status OptionsFile::LoadNewest(const std::string& dir, OptionsFile* file) {
  std::string name;
  const Status status =
      rocksdb::GetLatestOptionsFileName(dir, rocksdb::Env::Default(), &name);
  return status.ok() ? Load(dir + "/" + name, file) : status;
}

}  // namespace varve::tools
