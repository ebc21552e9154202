# Finds the RocksDB library that we load into, and reads off it how it was
# built. Honours RocksDB_ROOT.
#
#   RocksDB_INCLUDE_DIR   where rocksdb/version.h is
#   RocksDB_LIBRARY       the shared library (with a static RocksDB, Varve is
#                         built in RocksDB's tree: see varve.mk)
#   RocksDB_VERSION       from rocksdb/version.h
#   RocksDB_ASSERTS       TRUE when the library was built without NDEBUG
#   RocksDB_RTTI          TRUE when it was built with RTTI
#   RocksDB::RocksDB      imported target: include folder and library
#
# The last two are no taste: structures that our code shares with the library
# (mutexes, block builders, caches) have other sizes under NDEBUG, and the
# mistake shows as overwritten memory, not as an error.
find_path(RocksDB_INCLUDE_DIR rocksdb/version.h)
find_library(RocksDB_LIBRARY NAMES librocksdb.so)
mark_as_advanced(RocksDB_INCLUDE_DIR RocksDB_LIBRARY)

if(RocksDB_INCLUDE_DIR)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS "${RocksDB_INCLUDE_DIR}/rocksdb/version.h" line
         REGEX "#define ROCKSDB_${part} ")
    string(REGEX MATCH "[0-9]+$" ${part} "${line}")
  endforeach()
  set(RocksDB_VERSION "${MAJOR}.${MINOR}.${PATCH}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RocksDB
  REQUIRED_VARS RocksDB_LIBRARY RocksDB_INCLUDE_DIR
  VERSION_VAR RocksDB_VERSION)
if(NOT RocksDB_FOUND)
  return()
endif()

get_filename_component(rocksdb_file "${RocksDB_LIBRARY}" REALPATH)
execute_process(
  COMMAND "${CMAKE_NM}" -D "${rocksdb_file}"
  OUTPUT_VARIABLE symbols RESULT_VARIABLE nm_result ERROR_QUIET)
if(NOT nm_result EQUAL 0 OR symbols STREQUAL "")
  message(FATAL_ERROR "RocksDB: nm cannot read the symbols of ${rocksdb_file}")
endif()
set(RocksDB_ASSERTS FALSE)
set(RocksDB_RTTI FALSE)
if(symbols MATCHES "U __assert_fail")
  set(RocksDB_ASSERTS TRUE)
endif()
# The typeinfo of a class that our plugin derives from.
if(symbols MATCHES "[VDBWR] _ZTIN7rocksdb13MergeOperatorE")
  set(RocksDB_RTTI TRUE)
endif()
unset(symbols)

if(NOT TARGET RocksDB::RocksDB)
  add_library(RocksDB::RocksDB UNKNOWN IMPORTED)
  set_target_properties(RocksDB::RocksDB PROPERTIES
    IMPORTED_LOCATION "${RocksDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${RocksDB_INCLUDE_DIR}")
endif()
