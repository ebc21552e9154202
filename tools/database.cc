#include "tools/database.h"

#include <gflags/gflags.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "rocksdb/merge_operator.h"
#include "rocksdb/statistics.h"
#include "tools/fixed_clock.h"
#include "tools/no_recovery.h"
#include "tools/opening_error.h"
#include "tools/options_file.h"
#include "tools/silent_logger.h"

DEFINE_string(db, "", "The database's directory");
DEFINE_string(column_family, "default", "The column family with the samples");
DEFINE_int64(now, -1,
             "The time that tiers and retention are counted from, in "
             "milliseconds since 1970 UTC; what this command's own flushes "
             "and compactions do goes by it as well. Negative: the system's "
             "clock");

namespace varve::tools {
namespace {

std::shared_ptr<rocksdb::SystemClock> ClockOf(const DatabaseFlags& flags) {
  if (flags.now_ms < 0) return nullptr;
  return std::make_shared<FixedClock>(flags.now_ms);
}

// How often a database that changes is opened for reading.
constexpr int kAttemptsMax = 20;

// What changes when another process makes files, or deletes some: which
// MANIFEST is in use and how long it is, and the OPTIONS.
std::string StateOf(const std::string& dir) {
  rocksdb::Env* const env = rocksdb::Env::Default();
  std::string state;
  rocksdb::ReadFileToString(env, dir + "/CURRENT", &state)
      .PermitUncheckedError();
  uint64_t bytes = 0;
  env->GetFileSize(dir + "/" + state.substr(0, state.find('\n')), &bytes)
      .PermitUncheckedError();
  state += std::to_string(bytes);
  std::vector<std::string> names;
  env->GetChildren(dir, &names).PermitUncheckedError();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (name.compare(0, 8, "OPTIONS-") == 0) state += "\n" + name;
  }
  return state;
}

bool IsFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

bool IsEmptyOrAbsent(const std::string& dir) {
  std::error_code error;
  return !std::filesystem::exists(dir, error) ||
         std::filesystem::is_empty(dir, error);
}

}  // namespace

Status CheckReadable(const std::string& path) {
  struct stat attributes;
  if (stat(path.c_str(), &attributes) != 0 || access(path.c_str(), R_OK) != 0) {
    return Status::IOError(path, std::strerror(errno));
  }
  return S_ISDIR(attributes.st_mode)
             ? Status::IOError(
                   path, "is a directory; --db=" + path + " names a database")
             : Status::OK();
}

Status DatabaseFlags::Read(DatabaseFlags* flags) {
  *flags = {FLAGS_db, FLAGS_column_family, FLAGS_now};
  if (flags->dir.empty()) {
    return Status::InvalidArgument("--db=DIR is needed");
  }
  if (flags->now_ms > kTimestampMax) {
    return Status::InvalidArgument(
        "--now is in milliseconds since 1970, up to the year 9999");
  }
  return Status::OK();
}

int64_t NowMs(const DatabaseFlags& flags) {
  static const auto system_ms =
      static_cast<int64_t>(rocksdb::SystemClock::Default()->NowMicros() / 1000);
  return flags.now_ms < 0 ? system_ms : flags.now_ms;
}

Status Database::Find(const std::string& dir) {
  std::error_code error;
  switch (std::filesystem::status(dir + "/CURRENT", error).type()) {
    case std::filesystem::file_type::not_found:
      return Status::NotFound("no database in " + dir,
                              "--db names the directory with its CURRENT");
    case std::filesystem::file_type::none:
      return Status::IOError(dir, error.message());
    default:
      return Status::OK();
  }
}

Status Database::LoadOptions(Mode mode) {
  const Status found = Find(flags_.dir);
  if (!found.ok()) return found;
  OptionsFile options;
  const Status status = OptionsFile::LoadNewest(flags_.dir, &options);
  if (!status.ok()) return status;
  db_options_ = options.db;
  families_ = options.families;
  db_options_.error_if_exists = false;
  if (mode == Mode::kReading) {
    HoldFiles();
  } else {
    db_options_.statistics = rocksdb::CreateDBStatistics();
  }
  const auto clock = ClockOf(flags_);
  if (clock != nullptr) {
    for (const auto& family : families_) SetClock(family.options, clock);
  }
  return mode == Mode::kReading ? Status::OK() : OpenLog();
}

void Database::HoldFiles() {
  held_files_ = std::make_shared<HeldFiles>(
      flags_.dir, db_options_.wal_dir,
      db_options_.recycle_log_file_num == 0 ? HeldFiles::Logs::kDeleted
                                            : HeldFiles::Logs::kReused);
  env_ = rocksdb::NewCompositeEnv(held_files_);
  db_options_.env = env_.get();
  db_options_.info_log = std::make_shared<SilentLogger>();
  // They are read by their descriptors.
  db_options_.allow_mmap_reads = false;
  db_options_.use_direct_reads = false;
  // Of a log that is being written the last record may be half there.
  if (db_options_.wal_recovery_mode ==
      rocksdb::WALRecoveryMode::kAbsoluteConsistency) {
    db_options_.wal_recovery_mode =
        rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  }
}

// RocksDB's own would end the process on a full disk.
Status Database::OpenLog() {
  return OpenInfoLog(flags_.dir, db_options_, &db_options_.info_log);
}

Status Database::Open(Mode mode) {
  if (mode == Mode::kWriting) {
    db_options_.listeners.push_back(std::make_shared<NoRecovery>());
  }
  rocksdb::DB* db = nullptr;
  const Status status =
      mode == Mode::kReading
          ? rocksdb::DB::OpenForReadOnly(db_options_, flags_.dir, families_,
                                         &handles_, &db)
          : rocksdb::DB::Open(db_options_, flags_.dir, families_, &handles_,
                              &db);
  db_.reset(db);
  return status;
}

Status Database::TryOpenForReading(const DatabaseFlags& flags,
                                   std::unique_ptr<Database>* database) {
  database->reset(new Database(flags));
  const Status status = (*database)->LoadOptions(Mode::kReading);
  return status.ok() ? (*database)->Open(Mode::kReading) : status;
}

Status Database::OpenForReading(const DatabaseFlags& flags,
                                std::unique_ptr<Database>* database) {
  Status status;
  for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
    const std::string before = StateOf(flags.dir);
    status = TryOpenForReading(flags, database);
    const auto& held = (*database)->held_files_;
    const bool is_of_one_moment = held != nullptr && held->AreOfOneMoment();
    if (status.ok() && is_of_one_moment) return status;
    // Files that stay as they are will not be better the next time, and the
    // bytes of held ones are what they are.
    const bool is_settled = is_of_one_moment && held->HoldTables();
    if (!status.ok() && (is_settled || StateOf(flags.dir) == before)) {
      return ExplainOpening(flags.dir, status);
    }
  }
  database->reset();
  return Status::Busy(
      "the files of " + flags.dir + " changed each of the " +
          std::to_string(kAttemptsMax) + " times that they were opened" +
          (status.ok() ? "" : " (" + status.ToString() + ")"),
      "run the command again, or on a checkpoint ('varve ldb checkpoint')");
}

Status Database::OpenForWriting(const DatabaseFlags& flags,
                                std::unique_ptr<Database>* database,
                                const FamilyOptions* unlisted) {
  database->reset(new Database(flags));
  Status status = (*database)->LoadOptions(Mode::kWriting);
  if (status.ok() && unlisted != nullptr) {
    status = (*database)->AddUnlistedFamily(*unlisted);
  }
  if (status.ok()) status = (*database)->Open(Mode::kWriting);
  return ExplainOpening(flags.dir, status);
}

Status Database::AddUnlistedFamily(const FamilyOptions& options) {
  for (const auto& family : families_) {
    if (family.name == flags_.column_family) return Status::OK();
  }
  std::vector<std::string> names;
  const Status status =
      rocksdb::DB::ListColumnFamilies(db_options_, flags_.dir, &names);
  if (std::count(names.begin(), names.end(), flags_.column_family) > 0) {
    families_.emplace_back(flags_.column_family, options.cf);
    const auto clock = ClockOf(flags_);
    if (clock != nullptr) SetClock(options.cf, clock);
  }
  return status;
}

Status Database::Create(const DatabaseFlags& flags,
                        const FamilyOptions& options,
                        std::unique_ptr<Database>* database) {
  const auto clock = ClockOf(flags);
  if (clock != nullptr) SetClock(options.cf, clock);
  Status status = Find(flags.dir);
  if (status.ok()) {
    status = OpenForWriting(flags, database);
    return status.ok() ? (*database)->CreateFamily(options.cf) : status;
  }
  if (!status.IsNotFound()) return status;
  if (IsFile(flags.dir)) {
    return Status::InvalidArgument(flags.dir + " is a file",
                                   "name a directory");
  }
  if (!IsEmptyOrAbsent(flags.dir)) {
    return Status::InvalidArgument(flags.dir + " holds files and no database",
                                   "name another directory");
  }
  database->reset(new Database(flags));
  Database* const created = database->get();
  created->db_options_ = options.db;
  created->db_options_.create_if_missing = true;
  created->db_options_.statistics = rocksdb::CreateDBStatistics();
  const bool is_default =
      flags.column_family == rocksdb::kDefaultColumnFamilyName;
  created->families_.emplace_back(
      rocksdb::kDefaultColumnFamilyName,
      is_default ? options.cf : rocksdb::ColumnFamilyOptions());
  status = created->OpenLog();
  if (status.ok()) status = created->Open(Mode::kWriting);
  if (status.ok()) status = created->CheckOptionsWritten();
  if (!status.ok()) {
    created->RemoveUnfinished();
    return ExplainOpening(flags.dir, status);
  }
  return is_default ? status : created->CreateFamily(options.cf);
}

// RocksDB opens a database although it could not write its OPTIONS.
Status Database::CheckOptionsWritten() const {
  std::string name;
  const Status status = rocksdb::GetLatestOptionsFileName(
      flags_.dir, rocksdb::Env::Default(), &name);
  return status.ok() ? status
                     : Status::IOError(
                           flags_.dir + ": its OPTIONS could not be written",
                           "is there no space left on device?");
}

// What a full disk leaves of a database that was being made has no OPTIONS,
// and could not be opened again.
void Database::RemoveUnfinished() {
  Close().PermitUncheckedError();
  db_options_.info_log = nullptr;
  rocksdb::Options options(db_options_, rocksdb::ColumnFamilyOptions());
  options.info_log = std::make_shared<SilentLogger>();
  // Takes the lock: another process may have made one there meanwhile.
  const Status status = rocksdb::DestroyDB(flags_.dir, options);
  std::error_code error;
  if (status.IsNoSpace()) {
    // There is no lock, so there is no more than a LOG.
    std::filesystem::remove(flags_.dir + "/LOG", error);
    std::filesystem::remove(flags_.dir, error);
  }
  std::filesystem::create_directory(flags_.dir, error);
}

Status Database::CreateFamily(const rocksdb::ColumnFamilyOptions& cf_options) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const Status status =
      db_->CreateColumnFamily(cf_options, flags_.column_family, &handle);
  if (handle != nullptr) handles_.push_back(handle);
  // One that is in the MANIFEST and not in the OPTIONS would be in the way.
  if (!status.ok() && handle != nullptr) {
    db_->DropColumnFamily(handle).PermitUncheckedError();
  }
  return status;
}

Status Database::FindFamily(rocksdb::ColumnFamilyHandle** family) const {
  *family = cf();
  if (*family != nullptr) return Status::OK();
  std::string names;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    names += " " + handle->GetName();
  }
  return Status::NotFound(
      flags_.dir + " has no column family " + flags_.column_family,
      "--column_family is one of" + names);
}

Status Database::FindVarveFamily(rocksdb::ColumnFamilyHandle** family) const {
  const Status found = FindFamily(family);
  if (!found.ok()) return found;
  std::string names;
  for (rocksdb::ColumnFamilyHandle* handle : VarveFamilies()) {
    if (handle == *family) return found;
    names += " " + handle->GetName();
  }
  return Status::NotFound("column family " + flags_.column_family + " of " +
                              flags_.dir + " does not carry Varve",
                          names.empty()
                              ? "none there does; 'varve import --policy=... "
                                "--column_family=NEW' adds one"
                              : "--column_family is one of" + names);
}

Status Database::NoVarveFamily() const {
  return Status::NotFound(
      "no column family of " + flags_.dir + " carries Varve",
      "'varve import --policy=... --column_family=NEW' adds one");
}

rocksdb::ColumnFamilyHandle* Database::cf() const {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle->GetName() == flags_.column_family) return handle;
  }
  return nullptr;
}

std::vector<rocksdb::ColumnFamilyHandle*> Database::VarveFamilies() const {
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    const auto merge = db_->GetOptions(handle).merge_operator;
    if (merge != nullptr && merge->IsInstanceOf("VarveSampleMerge")) {
      families.push_back(handle);
    }
  }
  return families;
}

Status Database::Close() {
  Status status;
  if (db_ == nullptr) return status;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    const Status destroyed = db_->DestroyColumnFamilyHandle(handle);
    if (status.ok()) status = destroyed;
  }
  handles_.clear();
  const Status closed = db_->Close();
  if (status.ok()) status = closed;
  db_.reset();
  return status;
}

Database::~Database() { Close().PermitUncheckedError(); }

}  // namespace varve::tools
