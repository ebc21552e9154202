// The commands that read, beside a process that writes: at each file that a
// command uses, in turn, the writer makes and deletes files (stepping_files.cc
// stops the command there). A command called the healthy database corrupt when
// a table that the MANIFEST had named was compacted away before it was opened,
// and advised a restore; and export left out, in silence, what a log held that
// was flushed and deleted between the MANIFEST and the logs.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "tests/mock_clock.h"
#include "tests/tools/tool_run.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kNowMs = 1728000000000;
const char kNow[] = "1728000000000";

// Both ends of a pipe, one of which a child inherits.
class Pipe {
 public:
  enum class Child { kReads, kWrites };
  explicit Pipe(Child child) : child_end_(child == Child::kReads ? 0 : 1) {
    EXPECT_EQ(pipe(ends_), 0);
    fcntl(ends_[1 - child_end_], F_SETFD, FD_CLOEXEC);
  }
  ~Pipe() {
    CloseChildEnd();
    close(ends_[1 - child_end_]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::string child_end() const { return std::to_string(ends_[child_end_]); }
  void CloseChildEnd() {
    if (open_) close(ends_[child_end_]);
    open_ = false;
  }
  // False when no child has the other end any more.
  bool ReadByte() {
    char byte;
    return read(ends_[0], &byte, 1) == 1;
  }
  void WriteByte() {
    const char byte = 'x';
    EXPECT_EQ(write(ends_[1], &byte, 1), 1);
  }

 private:
  const int child_end_;
  int ends_[2] = {-1, -1};
  bool open_ = true;
};

class BesideWriterTest : public ToolTest {
 protected:
  void Open(void (*change)(rocksdb::Options*) = nullptr) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.disable_auto_compactions = true;
    options.keep_log_file_num = 2;
    if (change != nullptr) change(&options);
    Options varve_options;
    varve_options.clock = std::make_shared<MockClock>(kNowMs);
    varve_options.compaction = CompactionPreset::kLeveled;
    ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    rocksdb::DB* db = nullptr;
    const Status status = rocksdb::DB::Open(options, db_, &db);
    ASSERT_TRUE(status.ok()) << status.ToString();
    writer_.reset();
    opened_.reset(db);
    ASSERT_TRUE(
        SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_).ok());
  }

  // Each write is one sample; the n-th is at the n-th second.
  void Write(int count) {
    for (int i = 0; i < count; ++i) {
      rocksdb::WriteBatch batch;
      ASSERT_TRUE(
          writer_->Add("a", kNowMs - 1000000 + written_ * 1000, 1, &batch)
              .ok());
      ASSERT_TRUE(opened_->Write({}, &batch).ok());
      ++written_;
    }
  }

  // All tables are replaced, all logs deleted, and what came last is in
  // neither.
  void ChangeFiles() {
    Write(2);
    ASSERT_TRUE(opened_->Flush({}).ok());
    Compact();
    Write(1);
  }
  void Compact() {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    ASSERT_TRUE(opened_->CompactRange(options, nullptr, nullptr).ok());
  }
  // A new MANIFEST, and new OPTIONS; those before are deleted.
  void ChangeMore() {
    ChangeFiles();
    for (const char* const size : {"30000000", "40000000"}) {
      ASSERT_TRUE(opened_->SetOptions({{"target_file_size_base", size}}).ok());
    }
  }

  // Runs the tool; each time that it stops `on_stop` is called.
  ChildResult RunSteps(std::vector<std::string> words,
                       const std::vector<std::string>& settings,
                       const std::function<void()>& on_stop) {
    words.insert(words.begin(), VARVE_TOOL_FILE);
    return RunCommandSteps(words, settings, on_stop);
  }
  ChildResult RunCommandSteps(const std::vector<std::string>& words,
                              const std::vector<std::string>& settings,
                              const std::function<void()>& on_stop) {
    NamelessFile in, out, err;
    Pipe stops(Pipe::Child::kWrites), goes(Pipe::Child::kReads);
    std::vector<std::string> environment = {
        "LD_PRELOAD=" VARVE_STEPPING_FILES_FILE, "VARVE_STEP_DIR=" + db_,
        "VARVE_STEP_OUT=" + stops.child_end(),
        "VARVE_STEP_IN=" + goes.child_end()};
    environment.insert(environment.end(), settings.begin(), settings.end());
    Child child(words, in.descriptor(), out.descriptor(), err.descriptor(),
                environment);
    stops.CloseChildEnd();
    goes.CloseChildEnd();
    while (stops.ReadByte()) {
      on_stop();
      goes.WriteByte();
    }
    const int status = child.Wait();
    ChildResult result;
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.out = out.Read();
    result.err = err.Read();
    return result;
  }

  // At each file that the command uses, in turn, `change` is made once; it does
  // well all the same, and `check` looks at what it prints, with the number of
  // samples that were there when it began.
  void ChangeAtEachFile(const std::vector<std::string>& words,
                        const std::function<void()>& change,
                        const std::function<void(const std::string& out,
                                                 int64_t written)>& check) {
    int steps = 0;
    for (bool stopped = true; stopped && !HasFailure(); ++steps) {
      SCOPED_TRACE(words[0] + ", at file " + std::to_string(steps + 1));
      stopped = false;
      Compact();
      Write(1);
      const int64_t written = written_;
      const ChildResult result =
          RunSteps(words, {"VARVE_STEP_AT=" + std::to_string(steps + 1)}, [&] {
            stopped = true;
            change();
          });
      EXPECT_EQ(result.exit_code, 0) << result.ToString();
      EXPECT_EQ(result.err, "");
      check(result.out, written);
    }
    EXPECT_GT(steps, 20) << words[0];
  }

  std::unique_ptr<rocksdb::DB> opened_;
  std::unique_ptr<SampleWriter> writer_;
  int64_t written_ = 0;
};

int64_t LinesOf(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// Of the samples that had been written, the newest may be in a log alone.
void ExpectAllOf(const std::string& out, int64_t written) {
  for (int64_t n = 0; n < written; ++n) {
    const std::string line =
        "\na," + std::to_string(kNowMs - 1000000 + n * 1000) + ",1\n";
    EXPECT_NE(out.find(line), std::string::npos)
        << "sample " << n << " of " << written << " is missing";
  }
}

TEST_F(BesideWriterTest, ExportMissesNothing) {
  Open([](rocksdb::Options* options) { options->max_manifest_file_size = 1; });
  ChangeFiles();
  ChangeAtEachFile(
      {"export", "--db=" + db_, "--now", kNow}, [this] { ChangeMore(); },
      ExpectAllOf);
}

// The MANIFEST stays the same and grows.
TEST_F(BesideWriterTest, ExportMissesNothingOfAGrowingManifest) {
  Open();
  ChangeFiles();
  ChangeAtEachFile(
      {"export", "--db=" + db_, "--now", kNow}, [this] { ChangeFiles(); },
      ExpectAllOf);
}

// Tables are only added: a log that was deleted is not even missed.
TEST_F(BesideWriterTest, ExportMissesNothingOfLogsThatWereFlushed) {
  Open();
  Write(3);
  ChangeAtEachFile(
      {"export", "--db=" + db_, "--now", kNow},
      [this] {
        ASSERT_TRUE(opened_->Flush({}).ok());
        Write(3);
      },
      ExpectAllOf);
}

// What a log held may be overwritten under another name.
TEST_F(BesideWriterTest, ExportMissesNothingOfLogsThatAreUsedAgain) {
  Open([](rocksdb::Options* options) { options->recycle_log_file_num = 2; });
  ChangeFiles();
  ChangeAtEachFile(
      {"export", "--db=" + db_, "--now", kNow},
      [this] {
        ChangeFiles();
        ChangeFiles();
      },
      ExpectAllOf);
}

TEST_F(BesideWriterTest, VerifyFindsNoProblem) {
  Open([](rocksdb::Options* options) { options->max_manifest_file_size = 1; });
  ChangeFiles();
  ChangeAtEachFile(
      {"verify", "--db=" + db_, "--now", kNow}, [this] { ChangeMore(); },
      [](const std::string& out, int64_t) {
        EXPECT_NE(out.find(": no problem\n"), std::string::npos) << out;
      });
}

TEST_F(BesideWriterTest, PlanStatsAndDumpSeeFilesThatHaveGone) {
  Open([](rocksdb::Options* options) { options->max_manifest_file_size = 1; });
  ChangeFiles();
  const auto change = [this] { ChangeMore(); };
  ChangeAtEachFile({"plan", "--db=" + db_, "--files", "--now", kNow}, change,
                   [](const std::string& out, int64_t) {
                     EXPECT_NE(out.find(".sst  level "), std::string::npos)
                         << out;
                   });
  ChangeAtEachFile({"stats", "--db=" + db_, "--columns", "--now", kNow}, change,
                   [](const std::string& out, int64_t) {
                     EXPECT_NE(out.find("\n  timestamps "), std::string::npos)
                         << out;
                   });
  ChangeAtEachFile({"dump", "--db=" + db_, "--brief"}, change,
                   [](const std::string& out, int64_t) {
                     EXPECT_NE(out.find("series a  bucket "), std::string::npos)
                         << out;
                   });
}

// Without an end: it is bounded, and says so.
TEST_F(BesideWriterTest, ADatabaseThatAlwaysChangesIsBusyNotCorrupt) {
  Open([](rocksdb::Options* options) { options->max_manifest_file_size = 1; });
  ChangeFiles();
  for (const char* const command : {"export", "verify", "stats"}) {
    int stops = 0;
    const ChildResult result = RunSteps({command, "--db=" + db_, "--now", kNow},
                                        {"VARVE_STEP_PATH=/MANIFEST-"}, [&] {
                                          ++stops;
                                          ChangeFiles();
                                        });
    EXPECT_EQ(result.exit_code, 1) << result.ToString();
    EXPECT_EQ(LinesOf(result.err), 1) << result.err;
    EXPECT_EQ(result.err.find("varve: the files of " + db_ + " changed each"),
              0u)
        << result.err;
    EXPECT_EQ(result.err.find("orrupt"), std::string::npos) << result.err;
    EXPECT_GE(stops, 20);
  }
}

// More files than may be open are not held, and one that has gone is not said
// to be damaged.
TEST_F(BesideWriterTest, WithFewDescriptorsWhatIsNotCheckedIsSaid) {
  Open([](rocksdb::Options* options) { options->max_open_files = 20; });
  for (int i = 0; i < 40; ++i) {
    Write(1);
    ASSERT_TRUE(opened_->Flush({}).ok());
  }
  // The tool as a shell with 70 descriptors runs it.
  const std::string shell =
      "ulimit -n 70 && exec " VARVE_TOOL_FILE " verify --db=" + db_ +
      " --now=" + kNow;
  const ChildResult quiet = RunChild({"bash", "-c", shell});
  EXPECT_EQ(quiet.exit_code, 0) << quiet.ToString();
  int gone = 0;
  for (int step = 30; step < 400 && !HasFailure(); step += 50) {
    SCOPED_TRACE(step);
    bool stopped = false;
    const ChildResult result = RunCommandSteps(
        {"bash", "-c", shell}, {"VARVE_STEP_AT=" + std::to_string(step)}, [&] {
          stopped = true;
          ChangeFiles();
          for (int i = 0; i < 40; ++i) {
            Write(1);
            ASSERT_TRUE(opened_->Flush({}).ok());
          }
        });
    if (!stopped) break;
    for (const std::string& text : {result.out, result.err}) {
      EXPECT_EQ(text.find("restore"), std::string::npos) << text;
      EXPECT_EQ(text.find("PROBLEM"), std::string::npos) << text;
    }
    EXPECT_GE(result.exit_code, 0) << result.ToString();
    if (result.exit_code == 0) continue;
    ++gone;
    EXPECT_EQ(result.exit_code, 1) << result.ToString();
    EXPECT_EQ(LinesOf(result.err), 1) << result.err;
  }
  EXPECT_GT(gone, 0);
}

TEST_F(BesideWriterTest, AFileThatIsReallyMissingIsSaidToBe) {
  Open();
  ChangeFiles();
  opened_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(db_)) {
    if (entry.path().extension() == ".sst") {
      std::filesystem::remove(entry.path());
    }
  }
  for (const char* const command : {"export", "verify", "plan", "stats"}) {
    const ChildResult result = Varve({command, "--db=" + db_, "--now", kNow});
    EXPECT_EQ(result.exit_code, 1) << result.ToString();
    EXPECT_EQ(
        result.err.find("varve: " + db_ +
                        " lacks files that its MANIFEST names (Corruption: "),
        0u)
        << result.err;
  }
}

TEST_F(BesideWriterTest, AFileThatWasNamedAndHasGoneIsNotSaidToBeDamaged) {
  Open();
  ChangeFiles();
  std::string file;
  for (const auto& entry : std::filesystem::directory_iterator(db_)) {
    if (entry.path().extension() == ".sst") file = entry.path();
  }
  int stops = 0;
  const ChildResult result =
      RunSteps({"verify", file}, {"VARVE_STEP_PATH=.sst"}, [&] {
        if (++stops == 3) ChangeFiles();  // it has been seen twice
      });
  EXPECT_EQ(result.exit_code, 1) << result.ToString();
  EXPECT_EQ(result.out.find("not checked: " + file + ": "), 0u) << result.out;
  EXPECT_NE(result.out.find(": no problem in these\n"), std::string::npos);
  EXPECT_EQ(result.err.find("varve: 1 file could not be looked at"), 0u)
      << result.err;
  EXPECT_EQ(result.err.find("restore"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace varve
