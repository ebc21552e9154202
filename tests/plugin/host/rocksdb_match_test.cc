// The library is built for one RocksDB and says so when it meets another.
#include "plugin/host/rocksdb_match.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <memory>

#include "plugin/host/rocksdb_internals.h"

namespace varve {
namespace {

TEST(RocksDBMatch, ThisIsTheLibraryThatItWasBuiltAgainst) {
  const rocksdb::Status s = CheckRocksDB();
  EXPECT_TRUE(s.ok()) << s.ToString();
}

TEST(RocksDBMatch, AnotherVersionIsRefusedAndNamed) {
  const rocksdb::Status s = CompareRocksDB({"7.8.3", true}, {"7.9.2", true});
  EXPECT_TRUE(s.IsNotSupported());
  EXPECT_NE(std::string::npos, s.ToString().find("7.8.3")) << s.ToString();
  EXPECT_NE(std::string::npos, s.ToString().find("7.9.2")) << s.ToString();
}

TEST(RocksDBMatch, OtherAssertionsAreRefused) {
  for (const bool built : {false, true}) {
    const rocksdb::Status s =
        CompareRocksDB({"7.8.3", built}, {"7.8.3", !built});
    EXPECT_TRUE(s.IsNotSupported());
    EXPECT_NE(std::string::npos, s.ToString().find("without assertions"));
    EXPECT_NE(std::string::npos, s.ToString().find("with assertions"));
  }
}

size_t AllocatedFor(size_t bytes) {
  const std::unique_ptr<void, decltype(&free)> block(malloc(bytes), &free);
  return malloc_usable_size(block.get());
}

// An object that the library's code allocates takes what our headers say.
TEST(RocksDBMatch, SizesAreThoseOfTheLibrary) {
  const std::unique_ptr<rocksdb::TableFactory> factory(
      rocksdb::NewBlockBasedTableFactory());
  EXPECT_EQ(AllocatedFor(sizeof(rocksdb::BlockBasedTableFactory)),
            malloc_usable_size(factory.get()));
}

// cmake/rocksdb_abi_check.cc asserts the same while the library is compiled.
TEST(RocksDBMatch, SizesAreThoseSeen) {
#if defined(__x86_64__) &&                                \
    (VARVE_ROCKSDB_IS(7, 8) || VARVE_ROCKSDB_IS(9, 10) || \
     VARVE_ROCKSDB_IS(9, 11))
  const size_t assert_bytes = BuiltAgainstRocksDB().asserts ? 8 : 0;
  EXPECT_EQ(40 + assert_bytes, sizeof(rocksdb::port::Mutex));
  EXPECT_EQ(32 + assert_bytes, sizeof(rocksdb::BlockContents));
  EXPECT_EQ(40u, sizeof(rocksdb::CompressionDict));
#endif
}

}  // namespace
}  // namespace varve
