// RocksDB's own sst_dump, and ldb's dump_live_files, with the library
// preloaded: part files and block-based ones side by side in one database.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "tests/process/child_process.h"
#include "tests/temp_dir.h"
#include "varve/varve.h"

namespace varve {
namespace {

constexpr int64_t kStartMs = 1728000000000;
constexpr int kSeries = 12;
constexpr int kSamples = 300;

std::string SeriesName(int i) { return "series" + std::to_string(i); }

class SstDumpTest : public testing::Test {
 protected:
  // One file in each format: samples of the same scrapes, and foreign rows.
  void SetUp() override {
    WriteOneFile(FileFormat::kPart);
    WriteOneFile(FileFormat::kBlockBased);
    std::vector<rocksdb::LiveFileMetaData> files = Files();
    ASSERT_EQ(2u, files.size());
    part_ = dir_ / "db" + files[0].name;
    stock_ = dir_ / "db" + files[1].name;
  }

  std::unique_ptr<rocksdb::DB> Open(FileFormat format) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.disable_auto_compactions = true;
    Options varve_options;
    varve_options.file_format = format;
    EXPECT_TRUE(
        Policy::Parse("dedup_interval=15s;bucket=1h", &varve_options.policy)
            .ok());
    EXPECT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
    rocksdb::DB* db = nullptr;
    const Status s = rocksdb::DB::Open(options, dir_ / "db", &db);
    EXPECT_TRUE(s.ok()) << s.ToString();
    return std::unique_ptr<rocksdb::DB>(db);
  }

  void WriteOneFile(FileFormat format) {
    std::unique_ptr<rocksdb::DB> db = Open(format);
    std::unique_ptr<SampleWriter> writer;
    ASSERT_TRUE(
        SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer).ok());
    for (int s = 0; s < kSeries; ++s) {
      std::vector<Sample> samples;
      for (int i = 0; i < kSamples; ++i) {
        samples.push_back({kStartMs + i * 15000, s + i * 0.25});
      }
      rocksdb::WriteBatch batch;
      ASSERT_TRUE(
          writer->Add(SeriesName(s), samples.data(), samples.size(), &batch)
              .ok());
      ASSERT_TRUE(db->Write({}, &batch).ok());
    }
    ASSERT_TRUE(db->Put({}, "\xffzebra", "stripes").ok());  // the last key
    ASSERT_TRUE(db->Flush({}).ok());
  }

  std::vector<rocksdb::LiveFileMetaData> Files() {
    std::unique_ptr<rocksdb::DB> db = Open(FileFormat::kPart);
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
      return a.file_number < b.file_number;
    });
    return files;
  }

  static std::string Run(std::vector<std::string> command) {
    ChildOptions options;
    options.environment = {"LD_PRELOAD=" VARVE_LIBRARY_FILE};
    const ChildResult result = RunChild(command, options);
    EXPECT_EQ(0, result.exit_code) << result.ToString();
    return result.out + result.err;
  }
  static std::string SstDump(const std::string& file,
                             const std::vector<std::string>& words) {
    std::vector<std::string> command = {VARVE_SST_DUMP_FILE, "--file=" + file};
    command.insert(command.end(), words.begin(), words.end());
    return Run(command);
  }

  // What sst_dump prints of a file's rows, without its first line of fields.
  static std::string Rows(const std::string& out) {
    std::string rows;
    for (size_t start = 0; start < out.size();) {
      const size_t end = std::min(out.find('\n', start), out.size());
      const std::string line = out.substr(start, end - start);
      if (line.find(" => ") != std::string::npos) rows += line + "\n";
      start = end + 1;
    }
    return rows;
  }
  static void ExpectText(const std::string& out, const std::string& text) {
    EXPECT_NE(std::string::npos, out.find(text)) << text << " in\n" << out;
  }

  TempDir dir_;
  std::string part_, stock_;
};

TEST_F(SstDumpTest, ScansThePartAsTheSameRowsInTheStockFormat) {
  const std::string part = SstDump(part_, {"--command=scan", "--output_hex"});
  const std::string stock = SstDump(stock_, {"--command=scan", "--output_hex"});
  ExpectText(part, "Sst file format: Varve part");
  ExpectText(stock, "Sst file format: block-based");
  const std::string rows = Rows(part);
  EXPECT_EQ(2 * kSeries + 1, std::count(rows.begin(), rows.end(), '\n'));
  // The same but for sequence numbers.
  const auto without_sequences = [](std::string text) {
    for (size_t at = 0; (at = text.find(" seq:", at)) != std::string::npos;) {
      text.erase(at, text.find(',', at) - at);
    }
    return text;
  };
  EXPECT_EQ(without_sequences(Rows(stock)), without_sequences(rows));
}

TEST_F(SstDumpTest, ChecksAndVerifies) {
  SstDump(part_, {"--command=check", "--verify_checksum"});
  ExpectText(SstDump(part_, {"--command=verify"}), "The file is ok");
  ExpectText(SstDump(part_, {"--command=identify"}), "is a valid SST file");
  ExpectText(SstDump(dir_ / "db", {"--command=verify"}), "The file is ok");
  SstDump(part_, {"--command=recompress", "--compression_types=kZSTD"});

  std::string bytes;
  {
    std::ifstream in(part_, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  std::ofstream(part_, std::ios::binary) << bytes;
  ExpectText(SstDump(part_, {"--command=verify"}), "is corrupted: Corruption");
}

TEST_F(SstDumpTest, ShowsProperties) {
  const std::string out =
      SstDump(part_, {"--show_properties", "--command=none"});
  ExpectText(out, "# entries: " + std::to_string(2 * kSeries + 1));
  ExpectText(out, "filter policy name: varve.LineBloom");
  for (const char* name : {"varve.samples: ", "varve.timestamps_ms: ",
                           "varve.resolution.raw: ", "varve.part.columns: "}) {
    ExpectText(out, std::string("# ") + name);
  }
}

TEST_F(SstDumpTest, DumpsTheAnnotatedLayout) {
  SstDump(part_, {"--command=raw"});
  std::string file = part_;
  file.replace(file.rfind(".sst"), 4, "_dump.txt");
  std::ifstream in(file, std::ios::binary);
  const std::string dump((std::istreambuf_iterator<char>(in)), {});
  const uint64_t samples = uint64_t{kSeries} * kSamples;
  ExpectText(dump, "varve.samples: " + std::to_string(samples));
  ExpectText(dump, "varve.timestamps_ms: " + std::to_string(kStartMs) + "," +
                       std::to_string(kStartMs + (kSamples - 1) * 15000));
  ExpectText(dump,
             "varve.resolution.raw: samples=" + std::to_string(samples) + ",");
  // Columns count from their bucket: every regular scrape has the same.
  ExpectText(dump, "varve.part.columns: rows=" + std::to_string(2 * kSeries) +
                       ",header_bytes=");
  ExpectText(dump, ",shared_timestamps=" + std::to_string(2 * kSeries - 1));
  for (const char* text :
       {"-- headers", "-- value columns", "-- timestamp columns",
        "-- filter shard", "-- index leaf", "-- root",
        "-- meta block, rocksdb.properties", "-- meta block, metaindex",
        "-- footer", "in columns", "magic number"}) {
    ExpectText(dump, text);
  }
}

TEST_F(SstDumpTest, LdbDumpsAllLiveFiles) {
  const std::string out =
      Run({VARVE_LDB_FILE, "--db=" + (dir_ / "db"), "dump_live_files"});
  size_t foreign = 0;
  for (size_t at = 0; (at = out.find("stripes", at)) != std::string::npos;
       ++at) {
    ++foreign;
  }
  EXPECT_EQ(2u, foreign) << out;
  ExpectText(out, "Sst file format: Varve part");
  ExpectText(out, "Sst file format: block-based");
  ExpectText(out, "Manifest File");
}

TEST_F(SstDumpTest, WithoutTheLibraryItRefuses) {
  const ChildResult result =
      RunChild({VARVE_SST_DUMP_FILE, "--file=" + part_, "--command=scan"});
  ExpectText(result.out + result.err, "magic number");
}

}  // namespace
}  // namespace varve
