// RocksDB's own db_bench on the part table, by an OPTIONS file: every
// workload runs and finds what it finds on the stock table.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/process/child_process.h"
#include "tests/temp_dir.h"

namespace varve {
namespace {

const char kWorkloads[] =
    "fillseq,flush,readseq,readreverse,verifychecksum,"
    "fillrandom,flush,overwrite,flush,readrandom,readmissing,seekrandom,"
    "multireadrandom,mergerandom,flush,compact,readrandom,deleterandom,flush,"
    "readrandom,compact,readseq,readreverse,seekrandom,verifychecksum";

class PartDbBench : public testing::Test {
 protected:
  // The lines of the workloads, and what has to be the same on both tables:
  // names, operations, rows found.
  std::string Run(const std::string& name, const std::string& table,
                  const std::string& table_section) {
    const std::string options_file = dir_ / ("OPTIONS-" + name);
    std::ofstream(options_file)
        << "[Version]\n  rocksdb_version=7.8.3\n  options_file_version=1.1\n"
           "[DBOptions]\n  create_if_missing=true\n"
           "[CFOptions \"default\"]\n  write_buffer_size=1048576\n"
           "  target_file_size_base=524288\n  paranoid_file_checks=true\n"
           "  compression=kZSTD\n  merge_operator={id=PutOperator}\n"
           "  table_factory="
        << table << "\n[TableOptions/" << table << " \"default\"]\n  "
        << table_section << "\n";
    ChildOptions options;
    options.environment = {"LD_PRELOAD=" VARVE_LIBRARY_FILE};
    const ChildResult result = RunChild(
        {VARVE_DB_BENCH_FILE, "--options_file=" + options_file,
         "--db=" + (dir_ / name), "--num=30000", "--reads=5000", "--seed=1",
         "--merge_operator=put", std::string("--benchmarks=") + kWorkloads},
        options);
    EXPECT_EQ(0, result.exit_code) << result.ToString();
    out_ = result.out + result.err;
    std::string found;
    for (size_t at = 0; (at = out_.find(" found)", at)) != std::string::npos;
         ++at) {
      found += out_.substr(out_.rfind('(', at), at - out_.rfind('(', at)) + ";";
    }
    return found;
  }

  // Magic numbers of the database's files.
  std::vector<std::string> Magics(const std::string& name) {
    std::vector<std::string> magics;
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / name)) {
      if (entry.path().extension() != ".sst") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(in)), {});
      magics.push_back(bytes.substr(bytes.size() - 8));
    }
    return magics;
  }

  TempDir dir_;
  std::string out_;
};

TEST_F(PartDbBench, EveryWorkloadFindsWhatItFindsOnTheStockTable) {
  const std::string stock =
      Run("stock", "BlockBasedTable", "filter_policy=bloomfilter:10:false");
  const std::string part = Run("part", "VarvePartTable", "block_bytes=4096");
  EXPECT_EQ(stock, part);
  for (const char* name :
       {"fillseq", "fillrandom", "overwrite", "readrandom", "readmissing",
        "readseq", "readreverse", "seekrandom", "multireadrandom",
        "mergerandom", "deleterandom", "compact", "verifychecksum"}) {
    EXPECT_NE(std::string::npos, out_.find(std::string("\n") + name + " "))
        << name << " in\n"
        << out_;
  }
  EXPECT_NE(std::string::npos, part.find("(0 of 5000")) << part;  // missing
  for (const char* word : {"orrupt", "error", "Error", "failed", "ERROR"}) {
    EXPECT_EQ(std::string::npos, out_.find(word)) << out_;
  }
  const std::string magic("\x3b\xeb\x01\xd9\x43\x2d\xae\x56", 8);
  const std::vector<std::string> magics = Magics("part");
  EXPECT_FALSE(magics.empty());
  for (const std::string& m : magics) EXPECT_EQ(magic, m);
}

}  // namespace
}  // namespace varve
