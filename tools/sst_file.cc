#include "tools/sst_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "format/part_file.h"

namespace varve::tools {
namespace {

using rocksdb::Status;

constexpr uint64_t kBlockBasedMagic = 0x88e241b785f4cff7;

// What the last eight bytes of a file are: ours, RocksDB's block-based table's
// two, its plain table's two and its cuckoo table's.
constexpr uint64_t kMagics[] = {kPartMagic,         kBlockBasedMagic,
                                0xdb4775248b80fb57, 0x8242229663bf9564,
                                0x4f3418eb7a8f13b8, 0x926789d0c5f17873};

// A block-based file ends in a byte of the checksum's type, two handles of two
// varints each, zeros up to 41 bytes, the format's version and the magic.
constexpr size_t kFooterBytes = 53;
constexpr size_t kHandlesEnd = 41;
constexpr int kHandleVarints = 4;

// The last `bytes` of a file; fewer where it has no more.
std::string TailOf(const std::string& path, size_t bytes) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  const auto size = static_cast<std::streamoff>(file.tellg());
  const auto asked = static_cast<std::streamoff>(bytes);
  file.seekg(size - std::min(size, asked));
  return std::string(std::istreambuf_iterator<char>(file),
                     std::istreambuf_iterator<char>());
}

bool EndsAsSst(const std::string& path) {
  const std::string tail = TailOf(path, kPartMagicBytes);
  return tail.size() == kPartMagicBytes &&
         std::find(std::begin(kMagics), std::end(kMagics), PeekMagic(tail)) !=
             std::end(kMagics);
}

}  // namespace

Status OpenSst(const std::string& path, std::unique_ptr<SstWalk>* walk) {
  const Status status = SstWalk::Open(path, walk);
  if (!status.IsCorruption() || EndsAsSst(path)) return status;
  return Status::InvalidArgument(
      path + ": it does not end as SST files do",
      "it is cut short, damaged, or something else; a database's files are "
      "DIR/*.sst, and --db=DIR takes them all");
}

Status CheckFooterPadding(const std::string& path) {
  const std::string footer = TailOf(path, kFooterBytes);
  if (footer.size() < kFooterBytes ||
      PeekMagic(footer.substr(kFooterBytes - kPartMagicBytes)) !=
          kBlockBasedMagic) {
    return Status::OK();
  }
  size_t i = 1;
  for (int varints = 0; varints < kHandleVarints && i < kHandlesEnd; ++i) {
    varints += static_cast<unsigned char>(footer[i]) < 0x80 ? 1 : 0;
  }
  const bool zeros =
      std::all_of(footer.begin() + static_cast<ptrdiff_t>(i),
                  footer.begin() + kHandlesEnd, [](char c) { return c == 0; });
  return zeros ? Status::OK()
               : Status::Corruption(path, "its footer's padding is not zero");
}

}  // namespace varve::tools
