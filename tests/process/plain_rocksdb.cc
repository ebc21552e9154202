// A RocksDB program that knows nothing of Varve: an options string (or the
// OPTIONS file), and a library to load by its path. Merges the given operands,
// compacts, and says what became of it.
//
//   plain_rocksdb LIBRARY DIR OPTIONS [KEY OPERAND]...
//
// LIBRARY '' loads none; OPTIONS '' takes those of the database, strictly,
// 'lax' as RocksDB does by default, without what cannot be loaded. Keys and
// operands in hex.
#include <dlfcn.h>

#include <cstdio>
#include <string>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/options_util.h"

namespace {

using rocksdb::Slice;
using rocksdb::Status;

Status MakeOptions(const std::string& dir, const std::string& text,
                   rocksdb::Options* options) {
  rocksdb::ConfigOptions config;
  config.ignore_unknown_options = false;
  config.ignore_unsupported_options = false;
  if (text == "lax") {
    config.ignore_unsupported_options = true;
  } else if (!text.empty()) {
    return rocksdb::GetOptionsFromString(config, rocksdb::Options(), text,
                                         options);
  }
  rocksdb::DBOptions db_options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const Status status =
      rocksdb::LoadLatestOptions(config, dir, &db_options, &families);
  if (status.ok()) *options = rocksdb::Options(db_options, families[0].options);
  return status;
}

Status Run(const std::vector<std::string>& words) {
  if (!words[0].empty() && dlopen(words[0].c_str(), RTLD_NOW) == nullptr) {
    return Status::IOError(dlerror());
  }
  rocksdb::Options options;
  Status status = MakeOptions(words[1], words[2], &options);
  if (!status.ok()) return status;
  rocksdb::DB* db = nullptr;
  status = rocksdb::DB::Open(options, words[1], &db);
  for (size_t i = 3; status.ok() && i + 1 < words.size(); i += 2) {
    std::string key, operand;
    if (!Slice(words[i]).DecodeHex(&key) ||
        !Slice(words[i + 1]).DecodeHex(&operand)) {
      status = Status::InvalidArgument("no hex");
      break;
    }
    status = db->Merge(rocksdb::WriteOptions(), key, operand);
  }
  if (status.ok()) status = db->Flush(rocksdb::FlushOptions());
  if (status.ok()) {
    status = db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr);
  }
  delete db;
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3) return 2;
  const Status status = Run(words);
  std::printf("%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
