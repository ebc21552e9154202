// Which RocksDB this is compiled against, as facts about it. Public RocksDB
// headers only, so that every room and every test may ask. What differs in
// RocksDB's internal classes stands in the headers by subject beside this one
// (cache_entry.h, file_io.h, table_overrides.h, manifest_edit.h): no other
// room compares version numbers.
#pragma once

#include "rocksdb/version.h"

#define VARVE_ROCKSDB_AT_LEAST(major, minor) \
  (ROCKSDB_MAJOR > (major) ||                \
   (ROCKSDB_MAJOR == (major) && ROCKSDB_MINOR >= (minor)))
#define VARVE_ROCKSDB_IS(major, minor) \
  (ROCKSDB_MAJOR == (major) && ROCKSDB_MINOR == (minor))

// The same list, with what was run of each, is in docs/COMPATIBILITY.md and in
// cmake/RocksDBVersions.cmake.
#if !VARVE_ROCKSDB_IS(7, 8) && !VARVE_ROCKSDB_IS(8, 9) &&    \
    !VARVE_ROCKSDB_IS(9, 10) && !VARVE_ROCKSDB_IS(9, 11) &&  \
    !VARVE_ROCKSDB_IS(10, 10) && !VARVE_ROCKSDB_IS(11, 8) && \
    !defined(VARVE_ROCKSDB_UNTESTED)
#error \
    "Varve knows RocksDB 7.8, 8.9, 9.10, 9.11, 10.10 and 11.8: see docs/COMPATIBILITY.md for how to try another one"
#endif

// `override` where RocksDB has the function; where it has not, nobody calls it.
#if VARVE_ROCKSDB_AT_LEAST(8, 7)
#define VARVE_OVERRIDE_FROM_8_7 override
#else
#define VARVE_OVERRIDE_FROM_8_7
#endif
#if VARVE_ROCKSDB_AT_LEAST(9, 8)
#define VARVE_OVERRIDE_FROM_9_8 override
#else
#define VARVE_OVERRIDE_FROM_9_8
#endif

namespace varve {

// Level 0 is ordered by sequence numbers, by epoch numbers from 7.10 on: see
// plugin/samples/span_file.h.
inline constexpr bool kSequenceOrdersLevel0 = !VARVE_ROCKSDB_AT_LEAST(7, 10);

// SetOptions clones a table factory, configures the clone with every option
// and swaps the two. Options marked as mutable are the exception: those are
// changed in place, under nobody's lock.
inline constexpr bool kTableFactoryIsSwapped = VARVE_ROCKSDB_AT_LEAST(9, 8);

}  // namespace varve
