#include "tools/opening_error.h"

namespace varve::tools {

using rocksdb::Status;

Status ExplainOpening(const std::string& dir, const Status& status) {
  if (status.ok()) return status;
  const std::string text = status.ToString();
  auto contains = [&](const char* part) {
    return text.find(part) != std::string::npos;
  };
  if (contains("lock ")) {
    return Status::Busy(
        dir + " is open in another process",
        "stop that one, or work on a copy (ldb checkpoint); 'varve export' "
        "reads beside it");
  }
  if (contains("Could not load")) {
    return Status::NotSupported(
        "the OPTIONS of " + dir +
            " name something that this program does not have; preload the "
            "library that has it (LD_PRELOAD)",
        text);
  }
  if (status.IsCorruption() && contains("No such file or directory")) {
    return Status::NotFound(
        dir + " lacks files that its MANIFEST names (" + text + ")",
        "restore a backup or a checkpoint");
  }
  if (contains("Column families not opened")) {
    return Status::NotFound(
        dir + " has column families that its OPTIONS do not have (" + text +
            ")",
        "'varve import --policy=... --column_family=NAME' gives options to one "
        "that it has made and that a full disk kept from being listed");
  }
  if (contains("No options files found")) {
    return Status::NotFound(
        dir + " has lost its OPTIONS, or was never made whole",
        "bring the newest OPTIONS file back from a backup, or remove the "
        "directory if nothing has been written to it");
  }
  if (contains("Permission denied") || contains("Read-only file system")) {
    return Status::NotSupported(
        dir +
            " may not be read or written by this user; become the one "
            "that the database belongs to",
        text);
  }
  if (contains("While mkdir if missing")) {
    return Status::NotSupported(
        dir + " cannot be created; make the directory above it first", text);
  }
  return status;
}

}  // namespace varve::tools
