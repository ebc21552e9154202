#include "tools/sst_file.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "format/part/part_file.h"

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
// From this version of the format on (RocksDB 9.0 writes it by default) there
// is another footer, with a checksum over all of it.
constexpr size_t kVersionAt = 41;
constexpr unsigned char kCheckedFooterVersion = 6;

using Files = std::shared_ptr<rocksdb::FileSystem>;

// The last `bytes` of a file; fewer where it has no more, or cannot be read.
std::string TailOf(const std::string& path, const Files& files, size_t bytes) {
  const rocksdb::IOOptions options;
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  uint64_t size = 0;
  rocksdb::IOStatus status =
      files->NewRandomAccessFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (status.ok()) status = files->GetFileSize(path, options, &size, nullptr);
  std::string scratch(std::min<uint64_t>(size, bytes), '\0');
  rocksdb::Slice tail;
  if (status.ok()) {
    status = file->Read(size - scratch.size(), scratch.size(), options, &tail,
                        &scratch[0], nullptr);
  }
  return status.ok() ? tail.ToString() : "";
}

bool EndsAsSst(const std::string& path, const Files& files) {
  const std::string tail = TailOf(path, files, kPartMagicBytes);
  return tail.size() == kPartMagicBytes &&
         std::find(std::begin(kMagics), std::end(kMagics), PeekMagic(tail)) !=
             std::end(kMagics);
}

}  // namespace

bool IsAboutBytes(const Status& status) {
  if (status.ok()) return false;
  if (!status.IsIOError()) return !status.IsMemoryLimit() && !status.IsBusy();
  // EIO: the disk gives no bytes, or not those that were written.
  return status.ToString().find("Input/output error") != std::string::npos;
}

Status OpenSst(const std::string& path, const Files& files,
               std::unique_ptr<SstWalk>* walk) {
  const Status status = SstWalk::Open(path, files, walk);
  if (!status.IsCorruption() || EndsAsSst(path, files)) return status;
  return Status::InvalidArgument(
      path + ": it does not end as SST files do",
      "it is cut short, damaged, or something else; a database's files are "
      "DIR/*.sst, and --db=DIR takes them all");
}

Status CheckFooterPadding(const std::string& path, const Files& files) {
  const std::string footer = TailOf(path, files, kFooterBytes);
  if (footer.size() < kFooterBytes ||
      PeekMagic(footer.substr(kFooterBytes - kPartMagicBytes)) !=
          kBlockBasedMagic) {
    return Status::OK();
  }
  if (static_cast<unsigned char>(footer[kVersionAt]) >= kCheckedFooterVersion) {
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
