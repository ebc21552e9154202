// Compiled into the library by our own build, with the flags of all our code:
// refuses to go on when they do not fit the RocksDB library that was found.
// Holds no code. In RocksDB's own tree the flags are RocksDB's, and nothing
// has to be checked.
#include "rocksdb/version.h"

#if VARVE_ROCKSDB_ASSERTS == defined(NDEBUG)
#error "NDEBUG must be set exactly when the RocksDB library was built with it"
#endif
