// A full disk is left only when the test says so. RocksDB looks for space by
// itself, at once and then every five seconds: it says Busy to who asks it to
// resume meanwhile, and does not end DB::Close where it has just begun.
#pragma once

#include "rocksdb/listener.h"

namespace varve {

class NoRecoveryByItself : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                            rocksdb::Status /*error*/,
                            bool* by_itself) override {
    *by_itself = false;
  }
};

}  // namespace varve
