#include "tools/sst_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "format/part_file.h"

namespace varve::tools {
namespace {

using rocksdb::Status;

// What the last eight bytes of a file are: ours, RocksDB's block-based table's
// two, its plain table's two and its cuckoo table's.
constexpr uint64_t kMagics[] = {kPartMagic,         0x88e241b785f4cff7,
                                0xdb4775248b80fb57, 0x8242229663bf9564,
                                0x4f3418eb7a8f13b8, 0x926789d0c5f17873};

bool EndsAsSst(const std::string& path) {
  char tail[kPartMagicBytes];
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(sizeof tail), std::ios::end);
  if (!file.read(tail, sizeof tail)) return false;
  const uint64_t magic = PeekMagic(rocksdb::Slice(tail, sizeof tail));
  return std::find(std::begin(kMagics), std::end(kMagics), magic) !=
         std::end(kMagics);
}

}  // namespace

Status OpenSst(const std::string& path, std::unique_ptr<SstWalk>* walk) {
  const Status status = SstWalk::Open(path, walk);
  if (!status.IsCorruption() || EndsAsSst(path)) return status;
  return Status::InvalidArgument(
      path + " does not end as SST files do",
      "it is cut short, damaged, or something else; a database's files are "
      "DIR/*.sst, and --db=DIR takes them all");
}

}  // namespace varve::tools
