// From RocksDB 8.11 on BackupEngine asks what table a file is, and asks
// RocksDB's own list alone: a database of part files could be backed up or not
// by the order in which a program had been linked, and libvarve.a never let it
// be. The table is in docs/OPERATIONS.md.
#include <string>
#include <vector>

#include "plugin/host/behaviour.h"
#include "rocksdb/env.h"
#include "tests/tools/tool_run.h"

namespace varve {
namespace {

class BackupForms : public ToolTest {
 protected:
  static constexpr char kOk[] = "OK\n";

  std::string Backup(const char* program, const std::string& naming,
                     const std::string& library = "",
                     const std::string& preload = "") {
    ChildOptions options;
    if (!preload.empty()) options.environment = {"LD_PRELOAD=" + preload};
    const std::string dir = dir_ / std::to_string(++runs_);
    rocksdb::Env::Default()->CreateDirIfMissing(dir);
    const ChildResult result =
        RunChild({program, dir, library, naming}, options);
    EXPECT_EQ(result.err, "");
    return result.out;
  }

  // What is found only behind RocksDB's own answer.
  void ExpectRefusedByDefault(const char* program,
                              const std::string& library = "") {
    const std::string refused = Backup(program, "default", library);
    if (kBackupAsksForTheTable) {
      EXPECT_NE(refused.find("Unsupported table magic number"),
                std::string::npos)
          << refused;
    } else {
      EXPECT_EQ(refused, kOk);
    }
    EXPECT_EQ(Backup(program, "legacy", library), kOk);
  }

  int runs_ = 0;
};

TEST_F(BackupForms, TheArchiveAnswers) {
  EXPECT_EQ(Backup(VARVE_PART_BACKUP_STATIC_FILE, "default"), kOk);
}

TEST_F(BackupForms, TheLibraryLinkedBeforeRocksDBAnswers) {
  EXPECT_EQ(Backup(VARVE_PART_BACKUP_BEFORE_FILE, "default"), kOk);
}

TEST_F(BackupForms, ThePreloadedLibraryAnswers) {
  EXPECT_EQ(
      Backup(VARVE_PART_BACKUP_PLAIN_FILE, "default", "", VARVE_LIBRARY_FILE),
      kOk);
}

TEST_F(BackupForms, TheLibraryLinkedAfterRocksDBDoesNot) {
  ExpectRefusedByDefault(VARVE_PART_BACKUP_AFTER_FILE);
}

TEST_F(BackupForms, TheLibraryLoadedByItsPathDoesNot) {
  ExpectRefusedByDefault(VARVE_PART_BACKUP_PLAIN_FILE, VARVE_LIBRARY_FILE);
}

}  // namespace
}  // namespace varve
