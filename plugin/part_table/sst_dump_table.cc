// See sst_dump_table.h.
//
// The function is private to its class: this file, and no other, is compiled
// with -fno-access-control (cmake/Library.cmake).
#include "plugin/part_table/sst_dump_table.h"

#include <dlfcn.h>

#include <cstdio>

#include "format/part/part_file.h"
#include "plugin/host/rocksdb_internals.h"
#include "plugin/part_table/part_table_factory.h"

namespace rocksdb {

Status SstFileDumper::SetTableOptionsByMagicNumber(uint64_t magic) {
  if (magic == varve::kPartMagic) {
    options_.table_factory =
        varve::NewPartTableFactory(varve::PartTableOptions());
    if (!silent_) fprintf(stdout, "Sst file format: Varve part\n");
    return Status::OK();
  }
  // A member function takes its object as a first argument.
  using Function = Status (*)(SstFileDumper*, uint64_t);
  const auto next = reinterpret_cast<Function>(dlsym(
      RTLD_NEXT, "_ZN7rocksdb13SstFileDumper28SetTableOptionsByMagicNumberEm"));
  if (next == nullptr) {
    return Status::NotSupported(
        "VarvePartTable: RocksDB's SstFileDumper is not in this process");
  }
  return next(this, magic);
}

}  // namespace rocksdb

namespace varve {

int AnswerSstFileDumper() { return 1; }

}  // namespace varve
