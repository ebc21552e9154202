// See kept_table.h.
#include "compaction/kept_table.h"

#include <memory>
#include <string>

#include "rocksdb/table.h"
#include "rocksdb/utilities/object_registry.h"

namespace varve {
namespace {

using rocksdb::ObjectRegistry;
using rocksdb::TableFactory;

// What has been printed for one registry, the last that was seen.
struct Printed {
  std::weak_ptr<ObjectRegistry> registry;
  bool policy = false;
  bool part_table = false;
};

thread_local Printed printed;
thread_local int nested = 0;

void Refuse(ObjectRegistry* registry) {
  const auto library = registry->AddLibrary("varve-kept-table");
  for (const char* const name :
       {TableFactory::kBlockBasedTableName(), TableFactory::kPlainTableName(),
        TableFactory::kCuckooTableName()}) {
    library->AddFactory<TableFactory>(
        name,
        [](const std::string& id, std::unique_ptr<TableFactory>* guard,
           std::string* error) -> TableFactory* {
          if (nested > 0 && id == TableFactory::kBlockBasedTableName()) {
            guard->reset(rocksdb::NewBlockBasedTableFactory());
            return guard->get();
          }
          *error =
              "VarvePartTable cannot be replaced while the database is open: "
              "its files could not be read any more; "
              "table_factory.write_format=block_based writes others from now "
              "on";
          return nullptr;
        });
  }
}

void Note(const rocksdb::ConfigOptions& config, bool Printed::*what) {
  if (config.registry == nullptr) return;
  if (printed.registry.lock() != config.registry) {
    printed = Printed{config.registry};
  }
  if (printed.*what) return;
  printed.*what = true;
  if (printed.policy && printed.part_table) Refuse(config.registry.get());
}

}  // namespace

void KeptTable::PolicyIsPrinted(const rocksdb::ConfigOptions& config) {
  // SetOptions alone asks for what may be changed, and prepares later.
  if (!config.mutable_options_only || config.invoke_prepare_options) return;
  Note(config, &Printed::policy);
}

void KeptTable::PartTableIsPrinted(const rocksdb::ConfigOptions& config) {
  if (config.invoke_prepare_options) return;
  Note(config, &Printed::part_table);
}

KeptTable::Nested::Nested() { ++nested; }
KeptTable::Nested::~Nested() { --nested; }

}  // namespace varve
