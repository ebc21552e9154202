// Makes Varve's objects known to RocksDB by their ids (object_ids.h), so that
// option strings and OPTIONS files can name them. Loading the shared library
// does it; a program that links the static library does it by any call of
// varve.h, an in-tree build by RocksDB's list of plugins.
#pragma once

#include <string>

#include "rocksdb/utilities/object_registry.h"
#include "varve/export.h"

namespace varve {

// Adds what is not there yet. Thread-safe. Returns how many objects the
// library knows.
int RegisterObjects(rocksdb::ObjectLibrary* library);

}  // namespace varve

// What RocksDB calls for a plugin in its tree (varve_FUNC in varve.mk).
extern "C" VARVE_EXPORT int varve_register(rocksdb::ObjectLibrary& library,
                                           const std::string& arg);
