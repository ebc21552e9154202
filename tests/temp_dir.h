// A fresh directory that goes away with its object. In memory where the
// machine offers that: tests write much and keep nothing.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace varve {

class TempDir {
 public:
  TempDir() {
    const char* base = getenv("TMPDIR");
    if (base == nullptr) {
      base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    path_ = std::string(base) + "/varve-test-XXXXXX";
    if (mkdtemp(&path_[0]) == nullptr) {
      throw std::runtime_error("cannot make a directory like " + path_);
    }
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace varve
