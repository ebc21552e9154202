# The RocksDB versions that this tree knows (plugin/host/version.h has the same
# list), and what is known of each: "tested" by the whole of our tests, or
# "checked" by the compiler alone (make check-rocksdb). Any other is refused:
# RocksDB's internals change between minor versions, some of it without a
# compiler noticing. docs/COMPATIBILITY.md has the table of what was run.
set(VARVE_ROCKSDB_VERSIONS
  "7.8|tested"
  "8.9|checked"
  "9.10|tested"
  "9.11|checked"
  "10.10|checked"
  "11.8|checked")

option(VARVE_ROCKSDB_UNTESTED
  "Build against a RocksDB that the tests have not been run with" OFF)

set(varve_rocksdb_state "unknown")
string(REGEX MATCH "^[0-9]+\\.[0-9]+" varve_rocksdb_minor "${RocksDB_VERSION}")
foreach(entry IN LISTS VARVE_ROCKSDB_VERSIONS)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 version)
  if(version STREQUAL varve_rocksdb_minor)
    list(GET entry 1 varve_rocksdb_state)
  endif()
endforeach()
if(NOT varve_rocksdb_state STREQUAL "tested")
  if(NOT VARVE_ROCKSDB_UNTESTED)
    message(FATAL_ERROR
      "RocksDB ${RocksDB_VERSION} is not one that Varve's tests have been run "
      "with. To try it: make check-rocksdb SOURCE=<its source tree>, then "
      "configure with -DVARVE_ROCKSDB_UNTESTED=ON and run all tests before "
      "any database that matters is opened (docs/COMPATIBILITY.md).")
  endif()
  add_compile_definitions(VARVE_ROCKSDB_UNTESTED)
endif()
