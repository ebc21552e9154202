# What we build against besides RocksDB itself: its internal headers and zstd.
if(NOT EXISTS "${VARVE_ROCKSDB_SOURCE_DIR}/table/table_builder.h")
  message(FATAL_ERROR
    "VARVE_ROCKSDB_SOURCE_DIR='${VARVE_ROCKSDB_SOURCE_DIR}' is no RocksDB "
    "source tree. Give that of RocksDB ${RocksDB_VERSION}, or run "
    "scripts/setup on Debian (make does).")
endif()
foreach(part MAJOR MINOR PATCH)
  file(STRINGS "${VARVE_ROCKSDB_SOURCE_DIR}/include/rocksdb/version.h" line
       REGEX "#define ROCKSDB_${part} ")
  string(REGEX MATCH "[0-9]+$" source_${part} "${line}")
endforeach()
set(source_version "${source_MAJOR}.${source_MINOR}.${source_PATCH}")
if(NOT source_version VERSION_EQUAL RocksDB_VERSION)
  message(FATAL_ERROR
    "The RocksDB found is ${RocksDB_VERSION} (${RocksDB_LIBRARY}), but "
    "VARVE_ROCKSDB_SOURCE_DIR holds ${source_version}: they must be equal.")
endif()

# Internal headers, and the definitions with which distributions compile the
# library: some structures (CompressionDict) depend on them.
add_library(varve_rocksdb_internals INTERFACE)
target_include_directories(varve_rocksdb_internals SYSTEM INTERFACE
  "${VARVE_ROCKSDB_SOURCE_DIR}" "${VARVE_ROCKSDB_SOURCE_DIR}/include")
target_compile_definitions(varve_rocksdb_internals INTERFACE
  ROCKSDB_PLATFORM_POSIX ROCKSDB_LIB_IO_POSIX
  ZSTD SNAPPY LZ4 ZLIB BZIP2 GFLAGS=1
  ROCKSDB_MALLOC_USABLE_SIZE ROCKSDB_PTHREAD_ADAPTIVE_MUTEX
  ROCKSDB_FALLOCATE_PRESENT ROCKSDB_RANGESYNC_PRESENT
  ROCKSDB_SCHED_GETCPU_PRESENT ROCKSDB_NO_DYNAMIC_EXTENSION)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  target_compile_definitions(varve_rocksdb_internals INTERFACE OS_LINUX)
endif()

find_path(ZSTD_INCLUDE_DIR zstd.h)
find_library(ZSTD_LIBRARY zstd)
if(NOT ZSTD_INCLUDE_DIR OR NOT ZSTD_LIBRARY)
  message(FATAL_ERROR "zstd not found: install libzstd-dev")
endif()
add_library(varve_zstd INTERFACE)
target_include_directories(varve_zstd SYSTEM INTERFACE "${ZSTD_INCLUDE_DIR}")
target_link_libraries(varve_zstd INTERFACE "${ZSTD_LIBRARY}")

# The series index's expressions. Of libvarve_index alone.
find_path(RE2_INCLUDE_DIR re2/re2.h)
find_library(RE2_LIBRARY re2)
if(NOT RE2_INCLUDE_DIR OR NOT RE2_LIBRARY)
  message(FATAL_ERROR "RE2 not found: install libre2-dev")
endif()
add_library(varve_re2 INTERFACE)
target_include_directories(varve_re2 SYSTEM INTERFACE "${RE2_INCLUDE_DIR}")
target_link_libraries(varve_re2 INTERFACE "${RE2_LIBRARY}")
