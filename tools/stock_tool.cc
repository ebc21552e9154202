// varve ldb, sst_dump, db_bench: RocksDB's own tools with the library
// preloaded. This process becomes the tool.
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/stock_tool_guard.h"

namespace varve::tools {
namespace {

// libvarve.so: where VARVE_LIBRARY says, beside this program (a build
// folder), or in the libraries' folder of an installation.
std::string FindLibrary() {
  if (const char* const path = std::getenv("VARVE_LIBRARY")) return path;
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path dir = program.parent_path();
  for (const char* const place : {".", VARVE_LIBRARY_FROM_TOOL}) {
    const std::filesystem::path path = dir / place / "libvarve.so";
    if (std::filesystem::exists(path, error)) {
      return std::filesystem::canonical(path, error);
    }
  }
  return "";
}

int RunTool(const std::string& tool, std::vector<std::string> words) {
  const std::string refusal = RefusalOf(tool, &words);
  if (!refusal.empty()) return Fail(kUsage, refusal);
  const std::string library = FindLibrary();
  if (library.empty()) {
    return Fail(kFailed,
                "libvarve.so is neither beside this program nor installed; "
                "VARVE_LIBRARY=FILE says where it is");
  }
  // The dynamic linker only warns, and the tool would run without it.
  if (access(library.c_str(), R_OK) != 0) {
    return Fail(kFailed, library + ": " + std::strerror(errno) + "; " + tool +
                             " is not run without the library");
  }
  const char* const before = std::getenv("LD_PRELOAD");
  const std::string preload =
      before == nullptr || *before == '\0' ? library : library + ":" + before;
  setenv("LD_PRELOAD", preload.c_str(), /*overwrite=*/1);
  std::vector<char*> arguments = {const_cast<char*>(tool.c_str())};
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(tool.c_str(), arguments.data());
  return Fail(kFailed, "cannot run " + tool + ": " + std::strerror(errno) +
                           "; it comes with RocksDB (Debian's package "
                           "rocksdb-tools)");
}

int RunLdb(const std::vector<std::string>& words) {
  return RunTool("ldb", words);
}
int RunSstDump(const std::vector<std::string>& words) {
  return RunTool("sst_dump", words);
}
int RunDbBench(const std::vector<std::string>& words) {
  return RunTool("db_bench", words);
}

}  // namespace

const Command kLdbCommand = {
    "ldb",
    "LDB'S FLAGS AND COMMAND",
    "RocksDB's ldb on a Varve database",
    "Runs ldb with libvarve.so preloaded. Commands and flags that are known to "
    "leave\na Varve database whole are passed on; what is not, as 'repair', "
    "--ttl or a flag\nthat changes options, is refused, and so is writing "
    "where the OPTIONS cannot be\nloaded whole. --i_know=NAME,... lets through "
    "what the message names. Never run\nldb on such a database without the "
    "library.",
    "  varve ldb --db=/data/metrics checkpoint --checkpoint_dir=/backup/1\n",
    {},
    Arguments::kPassedOn,
    RunLdb,
};

const Command kSstDumpCommand = {
    "sst_dump",
    "SST_DUMP'S FLAGS",
    "RocksDB's sst_dump on a Varve database's files",
    "Runs sst_dump with libvarve.so preloaded. Flags and commands that are "
    "known to\nchange no database are passed on; --i_know=NAME,... lets others "
    "through. 'varve\ndump' explains rows, 'varve verify' checks them.",
    "  varve sst_dump --file=/data/metrics --show_properties\n",
    {},
    Arguments::kPassedOn,
    RunSstDump,
};

const Command kDbBenchCommand = {
    "db_bench",
    "DB_BENCH'S FLAGS",
    "RocksDB's db_bench on Varve's options",
    "Runs db_bench with libvarve.so preloaded. A flag and its value are one "
    "word,\n--num=1000; flags that name no place but --db and --options_file "
    "are passed on.\nA --db that holds samples is only read: with --readonly=1 "
    "and --options_file.\n--i_know=NAME,... lets through what the message "
    "names. varve_bench measures\nsamples.",
    "  varve db_bench --db=/tmp/bench --num=100000 \\\n"
    "      --benchmarks=fillseq,flush,readseq \\\n"
    "      --options_file=$(ls /data/metrics/OPTIONS-* | tail -n 1)\n",
    {},
    Arguments::kPassedOn,
    RunDbBench,
};

}  // namespace varve::tools
