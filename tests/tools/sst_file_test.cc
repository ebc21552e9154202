// Footers of block-based files, which newer versions of RocksDB write in
// another form than the one that these tests run with.
#include "tools/sst_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "rocksdb/file_system.h"
#include "tests/temp_dir.h"

namespace varve::tools {
namespace {

// A checksum's type, what follows it, the version and the magic.
std::string Footer(char version, const std::string& front) {
  std::string footer = front;
  footer.resize(41);
  footer += std::string{version, 0, 0, 0};
  footer += "\xf7\xcf\xf4\x85\xb7\x41\xe2\x88";
  return footer;
}

rocksdb::Status Check(const std::string& footer) {
  const TempDir dir;
  const std::string path = dir / "footer.sst";
  std::ofstream(path, std::ios::binary) << footer;
  return CheckFooterPadding(path, rocksdb::FileSystem::Default());
}

// Four varints of one byte each, and something behind them.
TEST(SstFile, PaddingOfAnOldFooterIsZero) {
  EXPECT_TRUE(Check(Footer(5, "\x04\x01\x01\x01\x01")).ok());
  EXPECT_TRUE(Check(Footer(5, "\x04\x01\x01\x01\x01\x09")).IsCorruption());
}

// `varve verify` once called every block-based file of RocksDB 9 damaged, since
// its footer has a magic of four bytes, checksums and a size there.
TEST(SstFile, ANewFooterHasAChecksumOfItsOwn) {
  const std::string front("\x04\x3e\x00\x7a\x00\x11\x22\x33\x44\x55", 10);
  EXPECT_TRUE(Check(Footer(6, front)).ok());
  EXPECT_TRUE(Check(Footer(7, front)).ok());
  EXPECT_TRUE(Check(Footer(5, front)).IsCorruption());
}

}  // namespace
}  // namespace varve::tools
