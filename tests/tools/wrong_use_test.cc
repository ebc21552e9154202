// The tool as people use it wrongly: closed and full outputs, files and
// directories that are not what they were taken for, a library that is not
// there. One line says what to do, the exit code is not 0, and no database is
// harmed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/version.h"
#include "tests/process/child_process.h"
#include "tests/tools/tool_run.h"

namespace varve {
namespace {

constexpr const char* kSamples =
    "series,timestamp_ms,value\n"
    "cpu,1700000000000,1\n"
    "cpu,1700000015000,2\n";

class WrongUseTest : public ToolTest {
 protected:
  void SetUp() override { Import(db_, "", kSamples, "1700000020000"); }

  // A command line of the shell, in which varve is the tool.
  static ChildResult Shell(const std::string& line) {
    return RunChild({"/bin/sh", "-c",
                     "varve() { " + std::string(VARVE_TOOL_FILE) +
                         " \"$@\"; }; bench() { " + VARVE_BENCH_FILE +
                         " \"$@\"; }; " + line});
  }

  // Commands that print, on a database.
  std::vector<std::string> Commands() {
    std::vector<std::string> lines;
    for (const char* const name :
         {"stats", "stats --json", "stats --columns", "plan", "verify",
          "verify --json", "dump", "export", "compact", "rescue",
          "rescue --json"}) {
      lines.push_back("varve " + std::string(name) + " --db=" + db_);
    }
    lines.push_back("varve import --db=" + db_ + " " +
                    WriteFile("samples.csv", kSamples));
    for (const char* const line :
         {"varve help", "varve import --help", "varve --version",
          "varve policy ''", "varve options"}) {
      lines.push_back(line);
    }
    lines.push_back("bench --num=100 --series=2 --db=" + (dir_ / "bench"));
    return lines;
  }

  static void ExpectOneLine(const ChildResult& result, int exit_code,
                            const std::string& part) {
    EXPECT_EQ(result.exit_code, exit_code) << result.ToString();
    EXPECT_NE(result.err.find(part), std::string::npos) << result.ToString();
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }
};

TEST_F(WrongUseTest, AFullDiskBehindStandardOutputIsAFailure) {
  for (const std::string& line : Commands()) {
    SCOPED_TRACE(line);
    ExpectOneLine(Shell(line + " > /dev/full"), 1, "standard output: ");
  }
}

// The number of a closed standard output is given to the next file opened, a
// file of the database: varve_bench's report went into LOG.
TEST_F(WrongUseTest, WhatIsPrintedNeverGoesIntoTheDatabase) {
  for (const std::string& line : Commands()) {
    SCOPED_TRACE(line);
    ExpectOneLine(Shell(line + " >&-"), 1, "standard output: ");
    EXPECT_EQ(Shell(line + " > /dev/null 2>&-").exit_code, 0);
    EXPECT_EQ(Shell(line + " <&- > /dev/null").exit_code, 0);
    EXPECT_EQ(Shell(line + " <&- >&- 2>&-").exit_code, 1);
  }
  Out({"verify", "--db=" + db_});
  EXPECT_EQ(Export(db_, "1700000020000"), kSamples);
  ExpectOneLine(Shell("varve import --db=" + db_ + " - <&-"), 1,
                "standard input: Bad file descriptor");
}

TEST_F(WrongUseTest, AReaderThatStopsIsNoError) {
  const ChildResult result = Shell("varve export --db=" + db_ + " | head -n 1");
  EXPECT_EQ(result.out, "series,timestamp_ms,value\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(WrongUseTest, AMistypedFileCreatesNoDatabase) {
  const std::string other = dir_ / "other";
  const ChildResult result =
      Varve({"import", "--db=" + other, "--policy=", dir_ / "missing.csv"});
  ExpectOneLine(result, 1, "missing.csv: No such file or directory");
  EXPECT_FALSE(std::filesystem::exists(other));
  ExpectOneLine(Varve({"import", "--db=" + other, "--policy=", db_}), 1,
                "is a directory");
  EXPECT_FALSE(std::filesystem::exists(other));
  const std::string notes = WriteFile("notes.txt", "hello\n");
  ExpectOneLine(Varve({"import", "--db=" + other,
                       "--policy=", WriteFile("samples.csv", kSamples), notes}),
                1,
                "notes.txt:1: in no format that import reads; nearest is CSV");
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST_F(WrongUseTest, FilesAndDirectoriesAreToldApart) {
  const std::string file = WriteFile("samples.csv", kSamples);
  for (const std::string name : {"dump", "verify"}) {
    ExpectOneLine(Varve({name, db_}), 1, "--db=" + db_ + " names a database");
    ExpectOneLine(Varve({name, dir_ / "missing.sst"}), 1,
                  "missing.sst: No such file or directory");
    const ChildResult result = Varve({name, file});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(
        (result.out + result.err)
            .find("samples.csv: it does not end as SST files do: it is cut "
                  "short, damaged, or something else"),
        std::string::npos)
        << result.ToString();
  }
  for (const std::string name :
       {"export", "stats", "plan", "compact", "rescue"}) {
    ExpectOneLine(Varve({name, "--db=" + file}), 1, "no database in " + file);
    // What cannot be seen is not said to be absent.
    ExpectOneLine(Varve({name, "--db=" + std::string(300, 'x')}), 1,
                  "File name too long");
  }
  ExpectOneLine(Varve({"import", "--db=" + file, "--policy=", file}), 1,
                file + " is a file: name a directory");
}

// Which column families there are, and which of them will do.
TEST_F(WrongUseTest, AColumnFamilyOfAnotherNameIsNamed) {
  const std::string file = WriteFile("samples.csv", kSamples);
  const std::string db = "--db=" + db_;
  ExpectOneLine(Varve({"export", db, "--column_family=x"}), 1,
                "has no column family x: --column_family is one of default");
  ExpectOneLine(Varve({"import", db, "--column_family=x", file}), 1,
                "has no column family x: --policy='...' creates it");
  const std::string plain = "--db=" + (dir_ / "plain");
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, dir_ / "plain", &opened).ok());
  ASSERT_TRUE(opened->Put({}, "a", "b").ok());
  delete opened;
  for (const std::string name : {"stats", "plan", "verify", "compact"}) {
    ExpectOneLine(Varve({name, plain}), 1,
                  "plain carries Varve: 'varve import");
  }
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"export", plain},
                                             {"import", plain, file}}) {
    ExpectOneLine(Varve(words), 1, "plain does not carry Varve: none there");
  }
  Out({"import", plain, "--policy=", "--column_family=ts", file});
  ExpectOneLine(Varve({"export", plain}), 1,
                "does not carry Varve: --column_family is one of ts");
  EXPECT_EQ(Out({"export", plain, "--column_family=ts", "--now=1700000020000"}),
            kSamples);
  std::string value;
  ASSERT_TRUE(
      rocksdb::DB::OpenForReadOnly(options, dir_ / "plain", &opened).ok());
  EXPECT_TRUE(opened->Get({}, "a", &value).ok());
  EXPECT_EQ(value, "b");
  delete opened;
}

TEST_F(WrongUseTest, ADirectoryThatCannotBeMadeSaysWhatToDo) {
  ExpectOneLine(Varve({"import", "--db=" + (dir_ / "no/such"),
                       "--policy=", WriteFile("samples.csv", kSamples)}),
                1, "cannot be created; make the directory above it first");
}

// A terminal takes no orders out of a file's text.
TEST_F(WrongUseTest, MessagesHoldNoControlBytes) {
  const ChildResult result = Varve({"import", "--db=" + db_, "-"},
                                   "series,timestamp_ms,value\na,\x1b[2J,1\n");
  ExpectOneLine(result, 1, "standard input:2: timestamp '\\x1b[2J'");
}

// The dynamic linker only warns of a preloaded library that it cannot find,
// and ldb without it destroys.
TEST_F(WrongUseTest, AStockToolIsNotRunWithoutTheLibrary) {
  ExpectOneLine(
      Shell("VARVE_LIBRARY=/missing.so varve ldb --db=" + db_ + " scan"), 1,
      "/missing.so: No such file or directory; ldb is not run without the "
      "library");
}

// A database that a program with a newer RocksDB has opened was closed to the
// tool of an older one, whose RocksDB reads all of its files: the OPTIONS had
// options of that newer version.
class NewerOptionsTest : public WrongUseTest {
 protected:
  // The newest OPTIONS with another version number, and `line` behind the
  // first line that begins with `before`.
  void Rewrite(const std::string& version, const std::string& before,
               const std::string& line) {
    std::string path;
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      const std::string name = entry.path().filename();
      if (name.compare(0, 8, "OPTIONS-") == 0 && entry.path() > path) {
        path = entry.path();
      }
    }
    std::ifstream in(path);
    std::string text, old;
    while (std::getline(in, old)) {
      const size_t at = old.find("rocksdb_version=");
      if (at != std::string::npos) old = "  rocksdb_version=" + version;
      text += old + "\n";
      if (old.find(before) == 0) text += line + "\n";
    }
    std::ofstream(path) << text;
  }
};

TEST_F(NewerOptionsTest, WhatANewerRocksDBKnowsIsLeftOut) {
  const std::string before = Export(db_, "1700000020000");
  Rewrite("99.1.0", "[DBOptions]", "  option_of_the_future=7");
  const std::vector<std::string> command = {"--db=" + db_,
                                            "--now=1700000020000"};
  for (const char* const name : {"export", "verify", "compact", "export"}) {
    std::vector<std::string> words = command;
    words.insert(words.begin(), name);
    const ChildResult result = Varve(words);
    EXPECT_EQ(result.exit_code, 0) << name << ": " << result.ToString();
    if (std::string(name) == "export") {
      EXPECT_EQ(result.out, before);
    }
  }
}

TEST_F(NewerOptionsTest, ItIsSaid) {
  Rewrite("99.1.0", "[DBOptions]", "  option_of_the_future=7");
  ExpectOneLine(Varve({"export", "--db=" + db_}), 0, "option_of_the_future");
}

TEST_F(NewerOptionsTest, OfItsOwnVersionNothingIsLeftOut) {
  Rewrite(rocksdb::GetRocksVersionAsString(), "[DBOptions]",
          "  option_of_the_future=7");
  ExpectOneLine(Varve({"export", "--db=" + db_}), 1, "option_of_the_future");
}

// A policy less one of its fields would drop other samples.
TEST_F(NewerOptionsTest, AFieldOfOursIsNotLeftOut) {
  Rewrite("99.1.0", "[CFOptions",
          "  merge_operator={id=VarveSampleMerge;field_of_the_future=7}");
  ExpectOneLine(Varve({"export", "--db=" + db_}), 1, "field_of_the_future");
}

}  // namespace
}  // namespace varve
