// Opens a database for a subcommand: all of its column families, as its
// OPTIONS say, with --now as the clock of Varve's objects.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/held_files.h"
#include "tools/options_text.h"
#include "varve/varve.h"

namespace varve::tools {

// The flags that every subcommand shares: --db, --column_family and --now.
struct DatabaseFlags {
  std::string dir;
  std::string column_family;
  int64_t now_ms;  // negative: not given

  // InvalidArgument says what is wrong with the command line.
  static rocksdb::Status Read(DatabaseFlags* flags);
};

// What a command line names as a file: that it is there, no directory, and may
// be read. Says so before anything is done.
Status CheckReadable(const std::string& path);

// --now, or what the system's clock says at the first call.
int64_t NowMs(const DatabaseFlags& flags);

class Database {
 public:
  // Opens an existing database. NotFound when there is none in that place.
  // For reading nothing in the directory is written or locked: it may be open
  // in another process, whose unflushed writes are seen as of now. Nothing
  // ages: no flush, no compaction, and no scheduler starts. What is read is
  // what the database held at one moment (held_files.h), whatever that process
  // does meanwhile: db()->GetEnv() has the files. Tries again where a file has
  // gone before that moment was found, and says so, with Busy, in the end.
  static Status OpenForReading(const DatabaseFlags& flags,
                               std::unique_ptr<Database>* database);
  // `unlisted`: the options of --column_family where the database has it and
  // its OPTIONS, which a full disk kept from being written, do not.
  static Status OpenForWriting(const DatabaseFlags& flags,
                               std::unique_ptr<Database>* database,
                               const FamilyOptions* unlisted = nullptr);

  // Creates the database, or the column family in it, with these options.
  static Status Create(const DatabaseFlags& flags, const FamilyOptions& options,
                       std::unique_ptr<Database>* database);

  // OK when the directory holds a RocksDB database, NotFound when it does
  // not, IOError when that cannot be seen.
  static Status Find(const std::string& dir);

  ~Database();

  rocksdb::DB* db() const { return db_.get(); }

  // Of --column_family; nullptr when the database has none of that name.
  rocksdb::ColumnFamilyHandle* cf() const;

  // The same; NotFound says that there is none.
  Status FindFamily(rocksdb::ColumnFamilyHandle** cf) const;

  // The same, of those that carry Varve.
  Status FindVarveFamily(rocksdb::ColumnFamilyHandle** cf) const;

  // Column families whose merge operator is Varve's.
  std::vector<rocksdb::ColumnFamilyHandle*> VarveFamilies() const;

  // What to say where there are none.
  Status NoVarveFamily() const;

  // Closes, so that errors of closing are seen. Nothing works afterwards.
  Status Close();

 private:
  enum class Mode { kReading, kWriting };

  static Status TryOpenForReading(const DatabaseFlags& flags,
                                  std::unique_ptr<Database>* database);
  explicit Database(const DatabaseFlags& flags) : flags_(flags) {}
  Status LoadOptions(Mode mode);
  void HoldFiles();
  Status OpenLog();
  Status Open(Mode mode);
  Status AddUnlistedFamily(const FamilyOptions& options);
  Status CheckOptionsWritten() const;
  void RemoveUnfinished();
  Status CreateFamily(const rocksdb::ColumnFamilyOptions& cf_options);

  const DatabaseFlags flags_;
  std::shared_ptr<HeldFiles> held_files_;  // when it is read
  std::unique_ptr<rocksdb::Env> env_;      // of these
  rocksdb::DBOptions db_options_;
  std::vector<rocksdb::ColumnFamilyDescriptor> families_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace varve::tools
