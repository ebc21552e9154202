// Makes VarvePartTable known to RocksDB's object registry.
#include "plugin/part_table_factory.h"
#include "rocksdb/utilities/object_registry.h"

namespace varve {
namespace {

[[maybe_unused]] const bool registered = [] {
  rocksdb::ObjectLibrary::Default()->AddFactory<rocksdb::TableFactory>(
      PartTableFactory::kClassName(),
      [](const std::string& /*uri*/,
         std::unique_ptr<rocksdb::TableFactory>* guard, std::string*) {
        guard->reset(new PartTableFactory());
        return guard->get();
      });
  return true;
}();

}  // namespace
}  // namespace varve
