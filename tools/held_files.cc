#include "tools/held_files.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/held_file.h"

namespace varve::tools {

using rocksdb::FileOptions;
using rocksdb::FSRandomAccessFile;
using rocksdb::FSSequentialFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

// Where a writer is faster than this the caller tries again.
constexpr int kRoundsMax = 1000;

// Descriptors that are left to everybody else in the process.
constexpr uint64_t kDescriptorsSpared = 100;

std::string WithoutLastSlashes(std::string dir) {
  while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
  return dir;
}

std::string NameOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos
             ? "."
             : WithoutLastSlashes(path.substr(0, slash + 1));
}

bool StartsWith(const std::string& text, const char* start) {
  return text.compare(0, std::strlen(start), start) == 0;
}

bool EndsWith(const std::string& text, const char* end) {
  const size_t size = std::strlen(end);
  return text.size() > size && text.compare(text.size() - size, size, end) == 0;
}

bool IsLog(const std::string& name) { return EndsWith(name, ".log"); }
bool IsTable(const std::string& name) {
  return EndsWith(name, ".sst") || EndsWith(name, ".ldb") ||
         EndsWith(name, ".blob");
}
bool IsOptions(const std::string& name) {
  return StartsWith(name, "OPTIONS-") && !EndsWith(name, ".dbtmp");
}

// How many files this process may hold, once it has taken what the system
// allows.
uint64_t FilesMax() {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  return limit.rlim_cur -
         std::min<uint64_t>(limit.rlim_cur, kDescriptorsSpared);
}

}  // namespace

// The MANIFEST that RocksDB reads: where it ends everything is held.
class HeldFiles::Manifest : public FSSequentialFile {
 public:
  Manifest(std::string path, std::unique_ptr<FSSequentialFile> file,
           HeldFiles* held)
      : path_(std::move(path)), file_(std::move(file)), held_(*held) {}

  IOStatus Read(size_t bytes, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) override {
    size_t got = 0;
    while (got < bytes && !held_.has_ended_) {
      Slice some;
      const IOStatus status =
          file_->Read(bytes - got, options, &some, scratch + got, debug);
      if (!status.ok()) return status;
      if (some.data() != scratch + got) {
        std::memmove(scratch + got, some.data(), some.size());
      }
      got += some.size();
      read_bytes_ += some.size();
      if (some.empty()) {
        held_.has_ended_ = held_.HoldAtTheEndOf(path_, read_bytes_);
      }
    }
    *result = Slice(scratch, got);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t bytes) override {
    read_bytes_ += bytes;
    return file_->Skip(bytes);
  }

 private:
  const std::string path_;
  const std::unique_ptr<FSSequentialFile> file_;
  HeldFiles& held_;
  uint64_t read_bytes_ = 0;
};

HeldFiles::HeldFiles(const std::string& dir, const std::string& wal_dir,
                     Logs logs)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      dir_(WithoutLastSlashes(dir)),
      wal_dir_(wal_dir.empty() ? dir_ : WithoutLastSlashes(wal_dir)),
      logs_(logs),
      files_max_(FilesMax()) {}

HeldFiles::~HeldFiles() = default;

bool HeldFiles::AreOfOneMoment() const {
  if (logs_ == Logs::kDeleted) return is_of_one_moment_;
  return is_of_one_moment_ &&
         std::all_of(files_.begin(), files_.end(), [](const auto& file) {
           return !IsLog(file.first) || file.second->IsInPlace();
         });
}

std::shared_ptr<HeldFile> HeldFiles::Find(const std::string& path) const {
  if (!has_ended_) return nullptr;
  const std::string name = NameOf(path);
  if (DirectoryOf(path) != (IsLog(name) ? wal_dir_ : dir_)) return nullptr;
  const auto it = files_.find(name);
  return it == files_.end() ? nullptr : it->second;
}

void HeldFiles::LetGoOfTables(Files* files) {
  holds_tables_ = false;
  for (Files* const held : {files, &files_}) {
    for (auto it = held->begin(); it != held->end();) {
      it = IsTable(it->first) ? held->erase(it) : std::next(it);
    }
  }
}

// nullptr: it has gone, or must not be read.
std::shared_ptr<HeldFile> HeldFiles::Open(const std::string& dir,
                                          const std::string& name,
                                          Files* files) {
  const auto known = files_.find(name);
  if (known != files_.end()) return known->second;
  const std::string path = dir + "/" + name;
  int descriptor = -1;
  bool too_many = holds_tables_ && files->size() >= files_max_;
  if (!too_many) {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    too_many = descriptor < 0 && (errno == EMFILE || errno == ENFILE);
  }
  if (too_many && holds_tables_) {
    LetGoOfTables(files);
    if (!IsTable(name)) descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  return descriptor < 0 ? nullptr
                        : std::make_shared<HeldFile>(path, descriptor);
}

IOStatus HeldFiles::HoldDirectory(const std::string& dir, Files* files,
                                  std::vector<std::string>* names) {
  names->clear();
  std::vector<std::string> listed;
  const IOStatus status =
      FileSystemWrapper::GetChildren(dir, IOOptions(), &listed, nullptr);
  for (std::string& name : listed) {
    if (IsLog(name) && dir != wal_dir_) continue;
    const bool is_held =
        IsLog(name) || IsOptions(name) || (IsTable(name) && holds_tables_);
    if (is_held) {
      std::shared_ptr<HeldFile> file = Open(dir, name, files);
      if (file != nullptr) {
        (*files)[name] = std::move(file);
      } else if (!IsTable(name)) {
        continue;
      }
    }
    names->push_back(std::move(name));
  }
  return status;
}

bool HeldFiles::HoldAtTheEndOf(const std::string& manifest,
                               uint64_t read_bytes) {
  Files files;
  IOStatus status = HoldDirectory(dir_, &files, &names_);
  if (status.ok() && wal_dir_ != dir_) {
    status = HoldDirectory(wal_dir_, &files, &wal_names_);
  }
  files_ = std::move(files);
  uint64_t bytes = 0;
  if (status.ok()) {
    status =
        FileSystemWrapper::GetFileSize(manifest, IOOptions(), &bytes, nullptr);
  }
  std::string current;
  const bool is_current =
      status.ok() &&
      rocksdb::ReadFileToString(target(), dir_ + "/CURRENT", &current).ok() &&
      current == NameOf(manifest) + "\n";
  if (!is_current || ++rounds_ == kRoundsMax) return true;
  is_of_one_moment_ = bytes == read_bytes;
  return is_of_one_moment_;
}

IOStatus HeldFiles::NewSequentialFile(const std::string& path,
                                      const FileOptions& options,
                                      std::unique_ptr<FSSequentialFile>* file,
                                      IODebugContext* debug) {
  if (std::shared_ptr<HeldFile> held = Find(path)) {
    *file = HeldFile::ReadInSequence(std::move(held));
    return IOStatus::OK();
  }
  std::unique_ptr<FSSequentialFile> inner;
  const IOStatus status =
      FileSystemWrapper::NewSequentialFile(path, options, &inner, debug);
  if (status.ok() && StartsWith(NameOf(path), "MANIFEST-")) {
    inner = std::make_unique<Manifest>(path, std::move(inner), this);
  }
  *file = std::move(inner);
  return status;
}

IOStatus HeldFiles::NewRandomAccessFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<FSRandomAccessFile>* file, IODebugContext* debug) {
  std::shared_ptr<HeldFile> held = Find(path);
  if (held == nullptr) {
    return FileSystemWrapper::NewRandomAccessFile(path, options, file, debug);
  }
  *file = HeldFile::ReadAnywhere(std::move(held));
  return IOStatus::OK();
}

IOStatus HeldFiles::GetFileSize(const std::string& path,
                                const IOOptions& options, uint64_t* bytes,
                                IODebugContext* debug) {
  const std::shared_ptr<HeldFile> held = Find(path);
  return held != nullptr
             ? held->GetSize(bytes)
             : FileSystemWrapper::GetFileSize(path, options, bytes, debug);
}

IOStatus HeldFiles::FileExists(const std::string& path,
                               const IOOptions& options,
                               IODebugContext* debug) {
  return Find(path) != nullptr
             ? IOStatus::OK()
             : FileSystemWrapper::FileExists(path, options, debug);
}

IOStatus HeldFiles::GetChildren(const std::string& dir,
                                const IOOptions& options,
                                std::vector<std::string>* names,
                                IODebugContext* debug) {
  const std::string plain = WithoutLastSlashes(dir);
  if (!has_ended_ || (plain != dir_ && plain != wal_dir_)) {
    return FileSystemWrapper::GetChildren(dir, options, names, debug);
  }
  *names = plain == dir_ ? names_ : wal_names_;
  return IOStatus::OK();
}

}  // namespace varve::tools
