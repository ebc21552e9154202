// Which command lines of the stock tools are let through. Nothing is run here
// but the tools' own help.
#include "tools/stock_tool_guard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include "rocksdb/db.h"
#include "rocksdb/sst_file_writer.h"
#include "tests/process/child_process.h"
#include "tests/temp_dir.h"
#include "tools/db_bench_flags.h"
#include "tools/ldb_guard.h"
#include "tools/sst_dump_guard.h"
#include "varve/varve.h"

namespace varve::tools {
namespace {

using Words = std::vector<std::string>;

std::string Refusal(const std::string& tool, Words words) {
  return RefusalOf(tool, &words);
}

class StockToolGuardTest : public testing::Test {
 protected:
  StockToolGuardTest() {
    Make(ours_.path(), Kind::kVarve);
    Make(other_.path(), Kind::kPlain);
  }

  enum class Kind { kVarve, kPlain };

  // A database of a sample, or of a key.
  static void Make(const std::string& dir, Kind kind,
                   void (*change)(rocksdb::Options*) = nullptr) {
    rocksdb::Options options;
    options.create_if_missing = true;
    if (kind == Kind::kVarve) {
      ASSERT_TRUE(ConfigureColumnFamily(Options(), &options).ok());
    }
    if (change != nullptr) change(&options);
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, dir, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    ASSERT_TRUE(db->Put({}, "key", "value").ok());
    ASSERT_TRUE(db->Flush({}).ok());
  }

  static void RemoveFilesLike(const std::string& dir, const std::string& part) {
    for (const auto& entry : std::filesystem::directory_iterator(dir)) {
      if (entry.path().string().find(part) != std::string::npos) {
        std::filesystem::remove(entry.path());
      }
    }
  }

  std::string Ldb(Words words) const {
    words.insert(words.begin(), db_);
    return Refusal("ldb", words);
  }
  static std::string DbBench(const Words& words) {
    return Refusal("db_bench", words);
  }

  TempDir ours_, other_, empty_;
  const std::string db_ = "--db=" + ours_.path();
  const std::string other_db_ = "--db=" + other_.path();
};

// ------------------------------------------------------------------- ldb

enum class Verdict { kReads, kWrites, kRefused };

// Every command of ldb from RocksDB 7.8.3 to 11.8.1.
const std::map<std::string, Verdict>& LdbVerdicts() {
  static const std::map<std::string, Verdict> verdicts = {
      {"approxsize", Verdict::kReads},
      {"backup", Verdict::kWrites},
      {"batchput", Verdict::kWrites},
      {"change_compaction_style", Verdict::kRefused},
      {"checkconsistency", Verdict::kReads},
      {"checkpoint", Verdict::kWrites},
      {"compact", Verdict::kWrites},
      {"compaction_progress_dump", Verdict::kRefused},
      {"create_column_family", Verdict::kWrites},
      {"delete", Verdict::kWrites},
      {"deleterange", Verdict::kWrites},
      {"drop_column_family", Verdict::kRefused},
      {"dump", Verdict::kReads},
      {"dump_live_files", Verdict::kReads},
      {"dump_wal", Verdict::kReads},
      {"file_checksum_dump", Verdict::kReads},
      {"get", Verdict::kReads},
      {"get_entity", Verdict::kReads},
      {"get_property", Verdict::kReads},
      {"idump", Verdict::kReads},
      {"ingest_extern_sst", Verdict::kRefused},
      {"list_column_families", Verdict::kReads},
      {"list_file_range_deletes", Verdict::kReads},
      {"list_live_files_metadata", Verdict::kReads},
      {"load", Verdict::kWrites},
      {"manifest_dump", Verdict::kReads},
      {"multi_get", Verdict::kReads},
      {"multi_get_entity", Verdict::kReads},
      {"put", Verdict::kWrites},
      {"put_entity", Verdict::kRefused},
      {"query", Verdict::kWrites},
      {"reduce_levels", Verdict::kRefused},
      {"remote_compaction_primary", Verdict::kRefused},
      {"remote_compaction_worker", Verdict::kRefused},
      {"repair", Verdict::kRefused},
      {"restore", Verdict::kReads},
      {"scan", Verdict::kReads},
      {"singledelete", Verdict::kRefused},
      {"unsafe_remove_sst_file", Verdict::kRefused},
      {"update_manifest", Verdict::kRefused},
      {"write_extern_sst", Verdict::kRefused},
  };
  return verdicts;
}

TEST_F(StockToolGuardTest, EveryCommandOfLdbIsDecidedOn) {
  const ChildResult help = RunChild({VARVE_LDB_FILE, "--help"});
  ASSERT_EQ(help.exit_code, 0) << help.ToString();
  static const std::regex kCommand("\n  ([a-z_]+)(?= )");
  const size_t commands = help.out.find("Data Access Commands:");
  ASSERT_NE(commands, std::string::npos);
  size_t count = 0;
  for (auto it =
           std::sregex_iterator(help.out.begin() + static_cast<long>(commands),
                                help.out.end(), kCommand);
       it != std::sregex_iterator(); ++it, ++count) {
    EXPECT_EQ(LdbVerdicts().count((*it)[1]), 1u) << (*it)[1];
  }
  EXPECT_GT(count, 25u) << help.out;
}

TEST_F(StockToolGuardTest, LdbCommandsGoByTheList) {
  size_t listed = 0;
  for (const auto& [command, verdict] : LdbVerdicts()) {
    if (command == "restore") continue;  // by its directory: see below
    const std::string refusal = Ldb({command, "a", "b"});
    EXPECT_EQ(refusal.empty(), verdict != Verdict::kRefused)
        << command << ": " << refusal;
    // Reading does no harm to any database, writing only where the OPTIONS
    // are ours.
    EXPECT_EQ(Refusal("ldb", {other_db_, command}).empty(),
              verdict == Verdict::kReads)
        << command;
    if (verdict == Verdict::kRefused) {
      EXPECT_EQ(refusal.find("'ldb " + command + "' "), 0u) << refusal;
      EXPECT_EQ(Ldb({command, "--i_know=" + command}), "");
    } else {
      ++listed;
    }
  }
  EXPECT_EQ(listed + 1, LdbCommands().size());
  EXPECT_EQ(Refusal("ldb", {}), "");
  EXPECT_EQ(Refusal("ldb", {"--help"}), "");
  EXPECT_EQ(Refusal("ldb", {"--version"}), "");
  EXPECT_EQ(Ldb({"get", "repair"}), "");
  EXPECT_NE(Ldb({"-repair"}), "");
  EXPECT_NE(Ldb({"", "scan"}), "");
  EXPECT_NE(Ldb({"no_such_command"}), "");
  EXPECT_NE(Ldb({}), "");
}

// Every flag of RocksDB 7.8.3 to 11.8.1 that is not let through, and some that
// nobody knows.
constexpr const char* kUnlistedLdbFlags[] = {
    "allow_blocking_flush",
    "allow_global_seqno",
    "auto_compaction",
    "backup_env_uri",
    "backup_fs_uri",
    "blob_compaction_readahead_size",
    "blob_compression_type",
    "blob_file_size",
    "blob_file_starting_level",
    "blob_garbage_collection_age_cutoff",
    "blob_garbage_collection_force_threshold",
    "block_size",
    "bloom_bits",
    "bucket",
    "bulk_load",
    "compression_max_dict_bytes",
    "compression_type",
    "create_if_missing",
    "db_write_buffer_size",
    "disable_consistency_checks",
    "disable_wal",
    "end_time",
    "env_uri",
    "file_size",
    "fix_prefix_len",
    "fs_uri",
    "get_write_unix_time",
    "ingest_behind",
    "leader_path",
    "min_blob_size",
    "move_files",
    "new_compaction_style",
    "new_levels",
    "old_compaction_style",
    "prepopulate_blob_cache",
    "print_old_levels",
    "read_timestamp",
    "snapshot_consistency",
    "start_time",
    "timestamp",
    "ttl",
    "txn_write_policy",
    "update_temperatures",
    "use_txn",
    "write_buffer_size",
    "write_global_seqno",
    "frobnicate",
    "",
    "DB",
    "db ",
    "i-know",
    "try-load-options"};

TEST_F(StockToolGuardTest, LdbFlagsThatAreNotListedAreRefused) {
  for (const std::string name : kUnlistedLdbFlags) {
    for (const std::string& word :
         {"--" + name, "--" + name + "=1", "--" + name + "=false"}) {
      EXPECT_NE(Ldb({"compact", word}), "") << word;
      EXPECT_NE(Ldb({word, "scan"}), "") << word;
    }
    if (name.empty()) continue;
    EXPECT_EQ(Ldb({"scan", "--" + name, "--i_know=x," + name}), "") << name;
  }
  for (const LdbWord& flag : LdbFlags()) {
    const std::string word = std::string("--") + flag.name;
    EXPECT_EQ(Ldb({"scan", word}), "") << word;
    const bool blobs = word.find("blob_") != std::string::npos &&
                       word.find("--enable") == 0;  // against the OPTIONS
    EXPECT_EQ(Ldb({word, "compact"}).empty(),
              flag.access == LdbAccess::kWrites && !blobs)
        << word;
  }
}

// "ldb --try_load_options=False compact" merged a database's rows by string
// append: 'false' alone was refused. With --create_if_missing or --ttl beside
// it the flag was taken to say that the OPTIONS are loaded, and they were
// replaced.
TEST_F(StockToolGuardTest, LdbMustLoadTheOptionsHoweverItIsSpelt) {
  for (const char* const value : {"false", "False", "FALSE", "fAlSe", "0", "no",
                                  "f", " ", "TRUE", "true "}) {
    const std::string word = std::string("--try_load_options=") + value;
    EXPECT_NE(Ldb({word, "compact"}), "") << word;
    EXPECT_NE(Ldb({"--try_load_options", "compact", word}), "") << word;
  }
  for (const Words& words : std::vector<Words>{
           {"put", "--create_if_missing", "--try_load_options", "a", "b"},
           {"put", "--create_if_missing", "--try_load_options=true", "a", "b"},
           {"--create_if_missing=true", "put", "a", "b"},
           {"--ttl", "--try_load_options", "compact"},
           {"--ttl", "--try_load_options=true", "scan"}}) {
    EXPECT_NE(Ldb(words), "") << words[0];
  }
  EXPECT_EQ(Ldb({"--try_load_options", "compact"}), "");
  EXPECT_EQ(Ldb({"--try_load_options=true", "compact"}), "");
}

// ldb goes on without OPTIONS where there are none.
TEST_F(StockToolGuardTest, LdbWritesUnderSoundOptionsOnly) {
  EXPECT_EQ(Ldb({"compact"}), "");
  EXPECT_NE(Refusal("ldb", {other_db_, "compact"}), "");
  EXPECT_EQ(Refusal("ldb", {"--db=" + empty_.path(), "compact"}), "");
  // Of two directories the last counts.
  EXPECT_EQ(Refusal("ldb", {other_db_, db_, "compact"}), "");
  EXPECT_NE(Refusal("ldb", {db_, other_db_, "compact"}), "");
  RemoveFilesLike(ours_.path(), "OPTIONS-");
  EXPECT_NE(Ldb({"compact"}), "");
  EXPECT_NE(Ldb({"checkpoint", "--checkpoint_dir=x"}), "");
  EXPECT_EQ(Ldb({"scan"}), "");
  EXPECT_EQ(Ldb({"compact", "--i_know=options"}), "");
}

// A process that ran without the library has left OPTIONS without us.
TEST_F(StockToolGuardTest, LdbWritesNothingUnderOptionsThatLostVarve) {
  for (const auto& entry : std::filesystem::directory_iterator(other_.path())) {
    const std::string name = entry.path().filename();
    if (name.compare(0, 8, "OPTIONS-") != 0) continue;
    std::filesystem::copy(entry.path(), ours_ / "OPTIONS-999999");
  }
  EXPECT_NE(Ldb({"compact"}).find("column family default"), std::string::npos)
      << Ldb({"compact"});
  EXPECT_EQ(Ldb({"scan"}), "");
}

// Another column family's merge operator would become string append.
TEST_F(StockToolGuardTest, LdbWritesNothingWhereAnObjectCannotBeLoaded) {
  std::string path;
  for (const auto& entry : std::filesystem::directory_iterator(ours_.path())) {
    const std::string name = entry.path().filename();
    if (name.compare(0, 8, "OPTIONS-") == 0) path = entry.path();
  }
  std::string text;
  ASSERT_TRUE(
      rocksdb::ReadFileToString(rocksdb::Env::Default(), path, &text).ok());
  std::ofstream(path) << text << "\n[CFOptions \"other\"]\n"
                      << "  merge_operator={id=SomebodysMerge}\n"
                      << "[TableOptions/BlockBasedTable \"other\"]\n";
  const std::string refusal = Ldb({"put", "a", "b"});
  EXPECT_NE(refusal.find("SomebodysMerge"), std::string::npos) << refusal;
  EXPECT_EQ(Ldb({"scan"}), "");
}

// ldb sets the two, from its flags, in the OPTIONS that it writes.
TEST_F(StockToolGuardTest, LdbLeavesBlobFilesOn) {
  TempDir dir;
  Make(dir / "db", Kind::kVarve, [](rocksdb::Options* options) {
    options->enable_blob_files = true;
    options->enable_blob_garbage_collection = true;
  });
  const std::string db = "--db=" + (dir / "db");
  const Words both = {"--enable_blob_files",
                      "--enable_blob_garbage_collection"};
  EXPECT_NE(Refusal("ldb", {db, "compact"}), "");
  EXPECT_NE(Refusal("ldb", {db, "compact", both[0]}), "");
  EXPECT_EQ(Refusal("ldb", {db, "compact", both[0], both[1]}), "");
  EXPECT_EQ(Refusal("ldb", {db, "scan"}), "");
  EXPECT_NE(Ldb({"compact", both[0]}), "");
}

TEST_F(StockToolGuardTest, LdbMustFindTheLog) {
  TempDir dir;
  static std::string wal_dir;
  wal_dir = dir / "wal";
  Make(dir / "db", Kind::kVarve,
       [](rocksdb::Options* options) { options->wal_dir = wal_dir; });
  const std::string db = "--db=" + (dir / "db");
  EXPECT_EQ(Refusal("ldb", {db, "compact"}), "");
  std::filesystem::rename(wal_dir, dir / "elsewhere");
  EXPECT_NE(Refusal("ldb", {db, "compact"}).find(wal_dir), std::string::npos);
}

TEST_F(StockToolGuardTest, LdbRestoresIntoEmptyDirectories) {
  const Words words = {"restore", "--backup_dir=x"};
  EXPECT_NE(Ldb(words), "");
  EXPECT_EQ(Refusal("ldb", {"--db=" + empty_.path(), words[0], words[1]}), "");
  EXPECT_EQ(Refusal("ldb", {"--db=" + (empty_ / "new"), words[0], words[1]}),
            "");
  EXPECT_EQ(Ldb({words[0], words[1], "--i_know=restore"}), "");
}

TEST_F(StockToolGuardTest, WhatIsAcknowledgedIsNamedAndNotPassedOn) {
  Words words = {db_, "--i_know=repair", "repair", "--i_know=a,options,b"};
  EXPECT_EQ(RefusalOf("ldb", &words), "");
  EXPECT_EQ(words, (Words{db_, "repair"}));
  const std::string refusal = Ldb({"compact", "--block_size=4096"});
  EXPECT_NE(refusal.find("; --i_know=block_size runs it all the same"),
            std::string::npos)
      << refusal;
  // One at a time, and spelt as it is said.
  EXPECT_NE(Ldb({"repair", "--ttl", "--i_know=repair"}), "");
  EXPECT_NE(Ldb({"repair", "--i_know"}), "");
  EXPECT_NE(Ldb({"repair", "--i_know=Repair"}), "");
  EXPECT_NE(Ldb({"repair", "--i_know=repai"}), "");
}

// -------------------------------------------------------------- sst_dump

TEST_F(StockToolGuardTest, SstDumpGoesByTheList) {
  const ChildResult help = RunChild({VARVE_SST_DUMP_FILE, "--help"});
  static const std::regex kFlag("\n    --([a-z_]+=?)");
  size_t count = 0;
  for (auto it = std::sregex_iterator(help.out.begin(), help.out.end(), kFlag);
       it != std::sregex_iterator(); ++it, ++count) {
    const std::string flag = (*it)[1];
    const bool refused = flag == "env_uri=" || flag == "fs_uri=";
    const std::string value = flag == "command="   ? "check"
                              : flag.back() == '=' ? "x"
                                                   : "";
    EXPECT_EQ(Refusal("sst_dump", {"--" + flag + value}).empty(), !refused)
        << flag;
  }
  EXPECT_GT(count, 15u) << help.ToString();
  for (const std::string& command : SstDumpCommands()) {
    EXPECT_EQ(Refusal("sst_dump", {"--file=x", "--command=" + command}), "");
  }
  EXPECT_EQ(Refusal("sst_dump", {}), "");
  for (const char* const word :
       {"--command=rewrite", "--command=", "--command", "command=scan",
        "-file=x", "--File=x", "--frob", "x", ""}) {
    EXPECT_NE(Refusal("sst_dump", {"--file=x", word}), "") << word;
  }
  EXPECT_EQ(
      Refusal("sst_dump", {"--fs_uri=x://", "--frob", "--i_know=fs_uri,frob"}),
      "");
}

// -------------------------------------------------------------- db_bench

// A boolean that we took for another, or the other way round, would hide the
// word behind it.
TEST_F(StockToolGuardTest, DbBenchFlagsHaveTheTypesThatWeTakeThemFor) {
  const ChildResult help = RunChild({VARVE_DB_BENCH_FILE, "--help"});
  const size_t begin = help.out.find("db_bench_tool.cc:\n");
  ASSERT_NE(begin, std::string::npos) << help.ToString();
  const std::string text =
      help.out.substr(begin, help.out.find("Flags from", begin) - begin);
  static const std::regex kFlag("\n    -(\\w+) \\(");
  static const std::regex kType("type:\\s+(\\w+)");
  size_t listed = 0, others = 0;
  std::smatch match;
  for (size_t at = 0; std::regex_search(text.begin() + static_cast<long>(at),
                                        text.end(), match, kFlag);) {
    const std::string name = match[1];
    at += static_cast<size_t>(match.position() + match.length());
    ASSERT_TRUE(std::regex_search(text.begin() + static_cast<long>(at),
                                  text.end(), match, kType));
    const bool is_switch = match[1] == "bool";
    const size_t switches = DbBenchSwitches().count(name);
    const size_t values = DbBenchValues().count(name);
    EXPECT_EQ(is_switch ? values : switches, 0u) << name;
    ++(switches + values > 0 ? listed : others);
  }
  EXPECT_GT(listed, 200u);
  EXPECT_GT(others, 10u);
}

TEST_F(StockToolGuardTest, DbBenchDestroysNoSamples) {
  const std::string dir = ours_.path();
  for (const Words& words : std::vector<Words>{
           {db_},
           {"-db=" + dir},
           {other_db_, db_},
           {db_, "--use_existing_db=0"},
           {db_, "--use_existing_db=1", "--options_file=x"},
           {db_, "--readonly=1"},
           {db_, "--readonly=1", "--readonly=0", "--options_file=x"},
           {db_, "--readonly", "--noreadonly", "--options_file=x"},
           {db_, "--readonly=maybe", "--options_file=x"}}) {
    EXPECT_NE(DbBench(words), "") << words.back();
  }
  for (const char* const on :
       {"--readonly", "-readonly", "--readonly=1", "--readonly=TRUE",
        "--readonly=Y", "--readonly=yes", "--readonly=t"}) {
    EXPECT_EQ(DbBench({db_, on, "--options_file=x"}), "") << on;
  }
  EXPECT_EQ(DbBench({db_, "--i_know=db"}), "");
  EXPECT_EQ(DbBench({other_db_}), "");
  EXPECT_EQ(DbBench({"--db=" + empty_.path()}), "");
  EXPECT_EQ(DbBench({"--db=/no/such/directory"}), "");
}

// Samples are there, whatever the OPTIONS have become.
TEST_F(StockToolGuardTest, DbBenchLooksIntoTheFiles) {
  RemoveFilesLike(ours_.path(), "OPTIONS-");
  EXPECT_NE(DbBench({db_}), "");
  std::ofstream(ours_ / "OPTIONS-000900") << "  merge_operator=nullptr\n";
  EXPECT_NE(DbBench({db_}), "");
  RemoveFilesLike(ours_.path(), ".sst");
  EXPECT_EQ(DbBench({db_}), "");
  // Nobody can tell.
  std::ofstream(ours_ / "000009.sst") << "no file of RocksDB's\n";
  EXPECT_NE(DbBench({db_}), "");
  RemoveFilesLike(other_.path(), "OPTIONS-");
  EXPECT_NE(DbBench({other_db_}), "");
}

// db_bench destroys what lies in the wal_dir of the options that it is given.
TEST_F(StockToolGuardTest, DbBenchTakesNoOptionsThatNameAnotherPlace) {
  const std::string file = empty_ / "options";
  const auto write = [&](const std::string& wal_dir) {
    std::ofstream(file) << "[Version]\n  rocksdb_version=7.8.3\n"
                        << "  options_file_version=1.1\n[DBOptions]\n"
                        << "  wal_dir=" << wal_dir
                        << "\n[CFOptions \"default\"]\n"
                        << "[TableOptions/BlockBasedTable \"default\"]\n";
  };
  write("");
  EXPECT_EQ(DbBench({other_db_, "--options_file=" + file}), "");
  write("/data/metrics-wal");
  EXPECT_NE(DbBench({other_db_, "--options_file=" + file}), "");
  EXPECT_EQ(
      DbBench({other_db_, "--options_file=" + file, "--i_know=options_file"}),
      "");
}

TEST_F(StockToolGuardTest, DbBenchWordsAreTakenApartAsGflagsDoes) {
  for (const char* const word :
       {"--histogram", "-histogram=0", "--nohistogram", "--num=1000",
        "--cache-size=5", "--use-existing-db", "--nouse-existing-db",
        "--help"}) {
    EXPECT_EQ(DbBench({other_db_, word}), "") << word;
  }
  for (const char* const word : {"--num",
                                 "1000",
                                 "--",
                                 "-",
                                 "",
                                 "---histogram",
                                 "--nohistogram=1",
                                 "--nonum",
                                 "--flagfile=x",
                                 "--fromenv=db",
                                 "--tryfromenv=db",
                                 "--undefok=x",
                                 "--wal_dir=x",
                                 "--wal-dir=x",
                                 "--backup_dir=x",
                                 "--restore_dir=x",
                                 "--truth_db=x",
                                 "--secondary_path=x",
                                 "--read_cache_path=x",
                                 "--trace_file=x",
                                 "--block_cache_trace_file=x",
                                 "--report_file=x",
                                 "--env_uri=x",
                                 "--fs_uri=x",
                                 "--secondary_cache_uri=x",
                                 "--simulate_hybrid_fs_file=x",
                                 "--statistics_string=x",
                                 "--num_multi_db=2",
                                 "--use_blob_db",
                                 "--use_secondary_db",
                                 "--frobnicate=1",
                                 "--i-know=db"}) {
    EXPECT_NE(DbBench({other_db_, word}), "") << word;
  }
  // A flag that has no value would take the next for it.
  EXPECT_NE(DbBench({"--db", ours_.path()}), "");
  EXPECT_NE(DbBench({db_, "--options_file=x", "--report_file", "--readonly"}),
            "");
  EXPECT_NE(DbBench({db_, "--options_file=x", "--benchmarks", "--readonly"}),
            "");
  EXPECT_EQ(DbBench({db_, "--options-file=x", "--read-only", "--readonly",
                     "--i_know=read_only"}),
            "");
}

}  // namespace
}  // namespace varve::tools
