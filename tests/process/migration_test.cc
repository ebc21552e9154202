// Into parts and back on a database of both formats, by options alone, with
// the stock ldb working on it at every point: preloaded while there are parts,
// on its own afterwards.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "plugin/host/behaviour.h"
#include "plugin/part_table/part_table_factory.h"
#include "rocksdb/db.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "tests/process/child_process.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

using Factory = std::shared_ptr<rocksdb::TableFactory>;

Factory Stock() { return Factory(rocksdb::NewBlockBasedTableFactory()); }

Factory Part(PartWriteFormat format) {
  PartTableOptions options;
  options.write_format = format;
  return NewPartTableFactory(options);
}

std::string Key(int i) {
  std::string digits = std::to_string(i);
  return "key" + std::string(5 - digits.size(), '0') + digits;
}

class MigrationTest : public testing::Test {
 protected:
  static rocksdb::Options With(Factory factory) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.paranoid_file_checks = true;
    options.disable_auto_compactions = true;
    options.table_factory = std::move(factory);
    return options;
  }

  void Open(Factory factory) {
    db_.reset();
    rocksdb::DB* db = nullptr;
    const rocksdb::Status s =
        rocksdb::DB::Open(With(std::move(factory)), path_, &db);
    ASSERT_TRUE(s.ok()) << s.ToString();
    db_.reset(db);
  }

  void Write(int from, int to) {
    for (int i = from; i < to; ++i) {
      ASSERT_TRUE(db_->Put({}, Key(i), std::to_string(i * 7)).ok());
    }
    ASSERT_TRUE(db_->Flush({}).ok());
    rows_ = to;
  }

  void Ingest(Factory factory, int from, int to) {
    const std::string file = dir_ / ("ingest" + std::to_string(from));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(),
                                  With(std::move(factory)));
    ASSERT_TRUE(writer.Open(file).ok());
    for (int i = from; i < to; ++i) {
      ASSERT_TRUE(writer.Put(Key(i), std::to_string(i * 7)).ok());
    }
    ASSERT_TRUE(writer.Finish().ok());
    const rocksdb::Status s = db_->IngestExternalFile({file}, {});
    ASSERT_TRUE(s.ok()) << s.ToString();
    rows_ = to;
  }

  void Compact() {
    rocksdb::CompactRangeOptions force;
    force.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(db_->CompactRange(force, nullptr, nullptr).ok());
  }

  enum class Library { kPreloaded, kAbsent };

  std::string Ldb(Library library, const std::vector<std::string>& words) {
    db_.reset();
    std::vector<std::string> command = {VARVE_LDB_FILE, "--db=" + path_};
    command.insert(command.end(), words.begin(), words.end());
    ChildOptions options;
    if (library == Library::kPreloaded) {
      options.environment = {"LD_PRELOAD=" VARVE_LIBRARY_FILE};
    }
    const ChildResult result = RunChild(command, options);
    EXPECT_EQ(result.exit_code, 0) << result.ToString();
    return result.out;
  }

  // ldb sees every row as it was written.
  void ExpectRows(Library library) {
    std::string expected;
    for (int i = 0; i < rows_; ++i) {
      expected += Key(i) + kLdbArrow + std::to_string(i * 7) + "\n";
    }
    EXPECT_TRUE(Ldb(library, {"scan"}) == expected);
    EXPECT_EQ(Ldb(library, {"get", Key(rows_ - 1)}),
              std::to_string((rows_ - 1) * 7) + "\n");
    EXPECT_EQ(Ldb(library, {"checkconsistency"}), "OK\n");
  }

  TempDir dir_;
  const std::string path_ = dir_ / "db";
  std::unique_ptr<rocksdb::DB> db_;
  int rows_ = 0;
};

TEST_F(MigrationTest, ThereAndBackWithIngestionAndLdb) {
  Open(Stock());
  Write(0, 300);
  Open(Part(PartWriteFormat::kPart));
  Write(300, 600);
  Ingest(Stock(), 600, 700);
  Ingest(Part(PartWriteFormat::kPart), 700, 800);
  ExpectRows(Library::kPreloaded);  // files of both formats
  Ldb(Library::kPreloaded, {"compact"});
  ExpectRows(Library::kPreloaded);

  Open(Part(PartWriteFormat::kBlockBased));
  Write(800, 900);
  Ingest(Part(PartWriteFormat::kPart), 900, 950);
  ExpectRows(Library::kPreloaded);  // both again
  Open(Part(PartWriteFormat::kBlockBased));
  Compact();
  // The options file still names the part table; opening with the stock one
  // writes another, and nothing of Varve is left.
  Open(Stock());
  ExpectRows(Library::kAbsent);
}

}  // namespace
}  // namespace varve
