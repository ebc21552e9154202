// A LOG that nobody writes: of what is only read, or destroyed.
#pragma once

#include <cstdarg>

#include "rocksdb/env.h"

namespace varve::tools {

class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace varve::tools
