// Compiled into the library by our own build, with the flags of all our code:
// refuses to go on when they do not fit the RocksDB library that was found
// (FindRocksDB.cmake has read them off it). Holds no code. In RocksDB's own
// tree the flags are RocksDB's and nothing has to be checked.
#include "port/port.h"
#include "rocksdb/version.h"
#include "table/block_based/block_builder.h"
#include "table/format.h"

#if VARVE_ROCKSDB_ASSERTS && defined(NDEBUG)
#error "The RocksDB library has assertions: NDEBUG must not be set"
#elif !VARVE_ROCKSDB_ASSERTS && !defined(NDEBUG)
#error "The RocksDB library is an NDEBUG build: NDEBUG must be set"
#endif

#if VARVE_ROCKSDB_RTTI && !defined(__GXX_RTTI)
#error "The RocksDB library has RTTI: -fno-rtti must not be set"
#elif !VARVE_ROCKSDB_RTTI && defined(__GXX_RTTI)
#error "The RocksDB library has no RTTI: -fno-rtti must be set"
#endif

// Structures of the version that Debian 12 has whose size was seen to depend
// on flags: 8 bytes more with assertions; CompressionDict also depends on the
// compression macros.
#if ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR == 8 && defined(__x86_64__)
namespace {
constexpr size_t kAssertBytes = VARVE_ROCKSDB_ASSERTS ? 8 : 0;
static_assert(sizeof(rocksdb::port::Mutex) == 40 + kAssertBytes);
static_assert(sizeof(rocksdb::BlockBuilder) == 160 + kAssertBytes);
static_assert(sizeof(rocksdb::BlockContents) == 32 + kAssertBytes);
static_assert(sizeof(rocksdb::CompressionDict) == 40);
}  // namespace
#endif
