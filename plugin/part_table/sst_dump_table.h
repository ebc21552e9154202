// Lets RocksDB's SstFileDumper read part files: the stock sst_dump and ldb's
// dump_live_files with libvarve.so preloaded, and from RocksDB 8.11 on
// BackupEngine, which by it learns how to name a file and fails without.
//
// SstFileDumper knows the magic numbers of RocksDB's own tables and no
// registry of others. The function that looks at them is exported: ours, where
// it is found before RocksDB's, answers for our magic number and hands every
// other on. It is found first in a program that links libvarve.a, in one that
// links libvarve.so before librocksdb.so, and by LD_PRELOAD; not in one that
// links the two the other way round or loads libvarve.so by dlopen. In
// RocksDB's own tree it would be a second definition and is not built.
#pragma once

namespace varve {

// Does nothing: the linker takes from an archive what is referred to.
__attribute__((visibility("hidden"))) int AnswerSstFileDumper();

}  // namespace varve
