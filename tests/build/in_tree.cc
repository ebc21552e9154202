// Linked with RocksDB and our sources as RocksDB's own build compiles them:
// RocksDB registers us from its list of built-in plugins, and makes our
// objects by their names.
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <string>

#include "rocksdb/convenience.h"
#include "rocksdb/env.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/utilities/object_registry.h"

namespace {

class TextLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    char line[1024];
    vsnprintf(line, sizeof(line), format, arguments);
    text += line;
  }
  std::string text;
};

}  // namespace

int main() {
  TextLogger logger;
  rocksdb::ObjectRegistry::Default()->Dump(&logger);
  if (logger.text.find("Registered Plugins: varve") == std::string::npos) {
    fprintf(stderr, "not among RocksDB's plugins:\n%s\n", logger.text.c_str());
    return 1;
  }
  std::shared_ptr<rocksdb::MergeOperator> merge_operator;
  const rocksdb::Status status = rocksdb::MergeOperator::CreateFromString(
      rocksdb::ConfigOptions(), "VarveSampleMerge", &merge_operator);
  if (!status.ok()) {
    fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  printf("registered by RocksDB's list, made by name: %s\n",
         merge_operator->Name());
  return 0;
}
