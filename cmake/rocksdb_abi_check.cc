// Compiled into the library by our own build, with the flags of all our code:
// refuses to go on when they do not fit the RocksDB library that was found
// (FindRocksDB.cmake has read them off it). Holds no code. In RocksDB's own
// tree the flags are RocksDB's and nothing has to be checked.
#include "plugin/host/rocksdb_internals.h"
#include "port/port.h"
#include "table/block_based/block_builder.h"

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

// Structures that both sides use, as they were seen in each version. Those of
// the first group were also seen without assertions, which is 8 bytes less for
// what holds a mutex or an assertion's field; CompressionDict depends on the
// compression macros too.
#if defined(__x86_64__) &&                                \
    (VARVE_ROCKSDB_IS(7, 8) || VARVE_ROCKSDB_IS(9, 10) || \
     VARVE_ROCKSDB_IS(9, 11))
namespace {
constexpr bool kIs7 = VARVE_ROCKSDB_IS(7, 8);
constexpr size_t kAssertBytes = VARVE_ROCKSDB_ASSERTS ? 8 : 0;
static_assert(sizeof(rocksdb::port::Mutex) == 40 + kAssertBytes);
static_assert(sizeof(rocksdb::BlockBuilder) ==
              (kIs7 ? 160 : 176) + kAssertBytes);
static_assert(sizeof(rocksdb::BlockContents) == 32 + kAssertBytes);
static_assert(sizeof(rocksdb::CompressionDict) == 40);

static_assert(sizeof(rocksdb::ReadOptions) == (kIs7 ? 144
                                               : VARVE_ROCKSDB_IS(9, 10)
                                                   ? 160
                                                   : 168));
#if VARVE_ROCKSDB_ASSERTS
static_assert(sizeof(rocksdb::GetContext) == (kIs7 ? 416 : 512));
static_assert(sizeof(rocksdb::TableBuilderOptions) == (kIs7 ? 176 : 216));
static_assert(sizeof(rocksdb::TableReaderOptions) == (kIs7 ? 120 : 144));
static_assert(sizeof(rocksdb::FilePrefetchBuffer) == (kIs7 ? 136 : 320));
static_assert(sizeof(rocksdb::WritableFileWriter) == (kIs7 ? 224 : 264));
static_assert(sizeof(rocksdb::FSReadRequest) == (kIs7 ? 56 : 96));
static_assert(sizeof(rocksdb::FileMetaData) == (kIs7 ? 272 : 312));
static_assert(sizeof(rocksdb::VersionEdit) == (kIs7 ? 384 : 504));
static_assert(sizeof(rocksdb::JobContext) == (kIs7 ? 504 : 616));
static_assert(sizeof(rocksdb::TableProperties) == (kIs7 ? 680 : 712));
#endif
}  // namespace
#endif
