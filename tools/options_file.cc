// See options_file.h.
#include "tools/options_file.h"

#include <sstream>

#include "rocksdb/env.h"
#include "rocksdb/version.h"
#include "tools/command.h"

namespace varve::tools {

using rocksdb::Status;

rocksdb::ConfigOptions StrictReading() {
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = false;
  config.ignore_unsupported_options = false;
  return config;
}

namespace {

// An object of a column family, or of the database.
Status CheckObject(bool of_family, const std::string& line) {
  if (of_family) {
    rocksdb::ColumnFamilyOptions options;
    return rocksdb::GetColumnFamilyOptionsFromString(
        StrictReading(), rocksdb::ColumnFamilyOptions(), line, &options);
  }
  rocksdb::DBOptions options;
  return rocksdb::GetDBOptionsFromString(StrictReading(), rocksdb::DBOptions(),
                                         line, &options);
}

// Reading leniently, RocksDB leaves out what an object does not know, and the
// object itself where it refuses a value: neither may happen to a policy.
Status CheckOurObjects(const std::string& path) {
  std::string text;
  const Status read =
      rocksdb::ReadFileToString(rocksdb::Env::Default(), path, &text);
  if (!read.ok()) return read;
  std::istringstream lines(text);
  std::string line;
  bool of_family = false;
  while (std::getline(lines, line)) {
    if (line.compare(0, 1, "[") == 0) {
      of_family = line.compare(0, 10, "[CFOptions") == 0;
    }
    if (line.find("id=Varve") == std::string::npos) continue;
    const Status known = CheckObject(of_family, line);
    if (!known.ok()) return known;
  }
  return Status::OK();
}

}  // namespace

Status OptionsFile::Load(const std::string& path, OptionsFile* file) {
  rocksdb::ConfigOptions config = StrictReading();
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
  const Status ours = CheckOurObjects(path);
  if (!ours.ok()) return ours;
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
