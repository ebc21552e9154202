// A Status with more to say: the code, subcode and text of another one, and
// text behind it.
#pragma once

#include <string>

#include "rocksdb/status.h"

namespace varve {

// REQUIRES: `status` is not OK.
inline rocksdb::Status WithText(const rocksdb::Status& status,
                                const std::string& text) {
  // The constructor that takes any code is for classes derived from Status.
  struct AnyCode : rocksdb::Status {
    AnyCode(const rocksdb::Status& of, const std::string& state)
        : Status(of.code(), of.subcode(), state, rocksdb::Slice()) {}
  };
  const char* const state = status.getState();
  return AnyCode(status, (state == nullptr ? "" : state) + text);
}

}  // namespace varve
