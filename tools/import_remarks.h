// What an import left out or changed of what it read, and why: a count by
// reason, with the place of the first. Reasons are texts of the program, so
// they are few, whatever is read.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace varve::tools {

class ImportRemarks {
 public:
  struct Remark {
    uint64_t count = 0;
    std::string first;  // "file:17"
  };

  // `reason` as "strings left out (a sample is a number)".
  // REQUIRES: reasons are not made of input; these reach a terminal.
  void Add(const std::string& reason, const std::string& where,
           uint64_t count = 1);

  const std::map<std::string, Remark>& all() const { return remarks_; }

 private:
  std::map<std::string, Remark> remarks_;
};

}  // namespace varve::tools
