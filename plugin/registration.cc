// See registration.h.
#include "plugin/registration.h"

#include <memory>
#include <mutex>

#include "compaction/index_filter_factory.h"
#include "compaction/index_merge_operator.h"
#include "compaction/sample_merge_operator.h"
#include "compaction/sample_properties_collector.h"
#include "compaction/tier_filter_factory.h"
#include "compaction/time_partitioner.h"
#include "plugin/ageing/tier_scheduler.h"
#include "plugin/host/rocksdb_match.h"
#include "plugin/memtable/sample_memtable_factory.h"
#include "plugin/part_table/part_table_factory.h"
#if VARVE_ANSWERS_SST_FILE_DUMPER
#include "plugin/part_table/sst_dump_table.h"
#endif

namespace varve {
namespace {

template <typename Base, typename Object>
void Add(rocksdb::ObjectLibrary* library) {
  if (library->FindFactory<Base>(Object::kClassName()) != nullptr) return;
  library->AddFactory<Base>(
      Object::kClassName(),
      [](const std::string& /*id*/, std::unique_ptr<Base>* guard,
         std::string* error) -> Base* {
        const rocksdb::Status match = CheckRocksDB();
        if (!match.ok()) {
          *error = match.ToString();
          return nullptr;
        }
        guard->reset(new Object());
        return guard->get();
      });
}

// At load: an options string may be the program's only mention of Varve.
[[maybe_unused]] const int registered =
    RegisterObjects(rocksdb::ObjectLibrary::Default().get());

#if VARVE_ANSWERS_SST_FILE_DUMPER
[[maybe_unused]] const int answering = AnswerSstFileDumper();
#endif

}  // namespace

int RegisterObjects(rocksdb::ObjectLibrary* library) {
  // RocksDB's two steps, find and add, are not one.
  static auto* const mutex = new std::mutex;
  std::lock_guard<std::mutex> lock(*mutex);
  Add<rocksdb::MergeOperator, SampleMergeOperator>(library);
  Add<rocksdb::CompactionFilterFactory, TierFilterFactory>(library);
  Add<rocksdb::SstPartitionerFactory, TimePartitionerFactory>(library);
  Add<rocksdb::TablePropertiesCollectorFactory, SamplePropertiesFactory>(
      library);
  Add<rocksdb::MergeOperator, IndexMergeOperator>(library);
  Add<rocksdb::CompactionFilterFactory, IndexFilterFactory>(library);
  Add<rocksdb::EventListener, TierScheduler>(library);
  Add<rocksdb::TableFactory, PartTableFactory>(library);
  Add<rocksdb::MemTableRepFactory, SampleMemtableFactory>(library);
  size_t types = 0;
  return static_cast<int>(library->GetFactoryCount(&types));
}

}  // namespace varve

extern "C" int varve_register(rocksdb::ObjectLibrary& library,
                              const std::string& /*arg*/) {
  return varve::RegisterObjects(&library);
}
