// Lets the stock sst_dump and ldb's dump_live_files read part files when
// libvarve.so is preloaded into them.
//
// RocksDB's SstFileDumper knows the magic numbers of its own tables and no
// registry of others. The function that looks at them is exported: ours,
// loaded before it, answers for our magic number and hands every other on to
// RocksDB's. Nothing but SstFileDumper calls it, so a host that is no such
// tool does not notice. In libvarve.so alone: in an archive or in RocksDB's
// own tree it would be a second definition.
//
// The function is private to its class: this file, and no other, is compiled
// with -fno-access-control (cmake/Library.cmake).
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
