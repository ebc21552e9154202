// What a command's database does on a full disk: it stops at once, with the
// first error of a background job, and RocksDB does not try to recover it.
//
// RocksDB would: a thread of its own looks for space, clears the error and goes
// on. A command is about to end with the error then, and closing waits for
// that thread: for ever, where it has just begun, since it does not wake who
// waits (ErrorHandler::ClearBGError of RocksDB 7.8). A flush that waits for
// compactions to make room at level 0 waits as long as these fail, unless the
// error has stopped the database.
//
// Not persisted: it has no name.
#pragma once

#include "rocksdb/listener.h"
#include "rocksdb/status.h"

namespace varve::tools {

class NoRecovery : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                         rocksdb::Status* error) override {
    const bool is_full =
        error->IsNoSpace() ||
        error->subcode() == rocksdb::Status::SubCode::kSpaceLimit;
    if (is_full && error->severity() < rocksdb::Status::kHardError) {
      *error = rocksdb::Status(*error, rocksdb::Status::kHardError);
    }
  }

  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                            rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

}  // namespace varve::tools
