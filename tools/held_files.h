// The files of a database as they are at one moment, for reading it beside a
// process that writes.
//
// RocksDB reads the MANIFEST to its end and then opens what it names. Between
// the two the other process may have flushed, compacted and deleted files. A
// table that has gone stops the reader, and looks like damage. A log that has
// gone is not even missed: what was written to it is in no file that the reader
// knows of.
//
// So where RocksDB comes to the end of the MANIFEST, all tables, logs, blob
// files and OPTIONS are opened and kept open. The end stands if nothing has
// been added to the MANIFEST by then, and CURRENT still names it: a file is
// only deleted after the MANIFEST says that it is not needed. Else reading goes
// on. From then on these files are there, whatever becomes of their names, and
// no others.
//
// Law: what is opened through it is what the database held at one moment.
// Does not hold what was open before the end of the MANIFEST was reached.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"

namespace varve::tools {

class HeldFile;  // held_file.h

class HeldFiles : public rocksdb::FileSystemWrapper {
 public:
  // The logs of writes lie in `wal_dir`, or in `dir` where that is empty.
  // With kReused the writer may use a log for later writes again.
  enum class Logs { kDeleted, kReused };
  HeldFiles(const std::string& dir, const std::string& wal_dir, Logs logs);
  ~HeldFiles() override;

  static const char* kClassName() { return "VarveHeldFiles"; }
  const char* Name() const override { return kClassName(); }

  // Whether a moment has been found, and its logs are as they were then.
  bool AreOfOneMoment() const;

  // Whether tables and blob files are held: more of them than the process may
  // have open are not, and may go.
  bool HoldTables() const { return holds_tables_; }

  rocksdb::IOStatus NewSequentialFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSSequentialFile>* file,
      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFileSize(const std::string& path,
                                const rocksdb::IOOptions& options,
                                uint64_t* bytes,
                                rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus FileExists(const std::string& path,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetChildren(const std::string& dir,
                                const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* debug) override;

 private:
  class Manifest;
  using Files = std::map<std::string, std::shared_ptr<HeldFile>>;

  // Holds what is there. False: the MANIFEST has more than `read_bytes` by
  // now.
  bool HoldAtTheEndOf(const std::string& manifest, uint64_t read_bytes);
  rocksdb::IOStatus HoldDirectory(const std::string& dir, Files* files,
                                  std::vector<std::string>* names);
  std::shared_ptr<HeldFile> Open(const std::string& dir,
                                 const std::string& name, Files* files);
  void LetGoOfTables(Files* files);
  std::shared_ptr<HeldFile> Find(const std::string& path) const;

  const std::string dir_;
  const std::string wal_dir_;  // the same, or another
  const Logs logs_;
  uint64_t files_max_;      // so many files are held at most
  bool has_ended_ = false;  // the MANIFEST
  bool is_of_one_moment_ = false;
  bool holds_tables_ = true;
  int rounds_ = 0;
  Files files_;                         // by name
  std::vector<std::string> names_;      // in dir_
  std::vector<std::string> wal_names_;  // in wal_dir_, where that is another
};

}  // namespace varve::tools
