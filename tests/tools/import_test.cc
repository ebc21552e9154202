// varve import as a user runs it.
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "rocksdb/db.h"
#include "tests/tools/tool_run.h"
#include "varve/varve.h"

namespace varve {
namespace {

const char kNow[] = "1728000000000";
const char kHeader[] = "series,timestamp_ms,value\n";

using ImportTest = ToolTest;

std::string Compressed(const std::string& text) {
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  bytes.resize(ZSTD_compress(&bytes[0], bytes.size(), text.data(), text.size(),
                             /*compressionLevel=*/1));
  return bytes;
}

TEST_F(ImportTest, TheLastWriteWinsOverFilesAndRuns) {
  const std::string a = WriteFile(
      "a.csv", std::string(kHeader) + "cpu,2000,1\ncpu,1000,2\ncpu,2000,3\n");
  const std::string b =
      WriteFile("b.csv", std::string(kHeader) + "mem,5,-0\ncpu,1000,4\n");
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=", "--now", kNow, a, b});
  EXPECT_EQ(out.find("imported 5 samples from 5 lines in "), 0u) << out;
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) + "cpu,1000,4\ncpu,2000,3\nmem,5,-0\n");
  Out({"import", "--db=" + db_, "-"}, std::string(kHeader) + "cpu,1000,5\n");
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) + "cpu,1000,5\ncpu,2000,3\nmem,5,-0\n");
}

TEST_F(ImportTest, ReadsLabelledLines) {
  Import(db_, "",
         "{\"metric\":{\"job\":\"b\",\"__name__\":\"up\",\"x\":\"\\\"\"},"
         "\"values\":[1,\"inf\",null],\"timestamps\":[30,20,10]}\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) +
                "\"up{job=\"\"b\"\",x=\"\"\\\"\"\"\"}\",10,"
                "nan:0x7ff8000000000000\n"
                "\"up{job=\"\"b\"\",x=\"\"\\\"\"\"\"}\",20,inf\n"
                "\"up{job=\"\"b\"\",x=\"\"\\\"\"\"\"}\",30,1\n");
}

TEST_F(ImportTest, KnowsZstdByItsContent) {
  const std::string file =
      WriteFile("samples", Compressed(std::string(kHeader) + "a,1,1\n") +
                               Compressed("a,2,2\n"));
  Out({"import", "--db=" + db_, "--policy=", "--now", kNow, file});
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,1\na,2,2\n");
}

std::string Gzipped(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(&in[0]);
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(&bytes[0]);
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

TEST_F(ImportTest, KnowsGzipByItsContentAndThatItIsCutShort) {
  const std::string bytes =
      Gzipped(std::string(kHeader) + "a,1,1\n") + Gzipped("a,2,2\n");
  Out({"import", "--db=" + db_, "--policy=", "--now", kNow,
       WriteFile("samples", bytes)});
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,1\na,2,2\n");
  const ChildResult cut =
      Varve({"import", "--db=" + db_, "--now", kNow,
             WriteFile("cut.gz", bytes.substr(0, bytes.size() - 10))});
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_NE(cut.err.find("cut.gz: gzip: cut short"), std::string::npos)
      << cut.err;
  const ChildResult odd = Varve({"import", "--db=" + db_, "--now", kNow,
                                 WriteFile("odd.gz", bytes + "tail")});
  EXPECT_EQ(odd.exit_code, 1);
  EXPECT_NE(odd.err.find("odd.gz: gzip: "), std::string::npos) << odd.err;
}

TEST_F(ImportTest, SaysThatACompressedFileIsCutShort) {
  std::string lines = kHeader;
  for (int i = 0; i < 100000; ++i) {
    lines +=
        "a," + std::to_string(i) + "," + std::to_string(i * 7919 % 1001) + "\n";
  }
  const std::string bytes = Compressed(lines);
  const std::string file =
      WriteFile("cut.zst", bytes.substr(0, bytes.size() - 10));
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow, file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("cut.zst: zstd: cut short"), std::string::npos)
      << result.err;
}

TEST_F(ImportTest, TakesAByteOrderMarkCrLfAndQuotedHeaders) {
  Import(db_, "", "\xEF\xBB\xBF\"series\",timestamp_ms,value\r\na,1,2\r\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,2\n");
}

TEST_F(ImportTest, ReadsPrometheusText) {
  Import(db_, "",
         "# HELP up of a target\n# TYPE up gauge\n"
         "up{job=\"b\",instance=\"a:1\"} 1 1727999999000\n\n"
         "up{instance=\"a:1\",job=\"b\"} +Inf 1727999999500\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) +
                "\"up{instance=\"\"a:1\"\",job=\"\"b\"\"}\",1727999999000,1\n"
                "\"up{instance=\"\"a:1\"\",job=\"\"b\"\"}\",1727999999500,"
                "inf\n");
}

TEST_F(ImportTest, ReadsOpenMetrics) {
  Import(db_, "",
         "# TYPE a counter\na_total 5 1727999999.123 # {id=\"x\"} 1 2\n"
         "{\"b c\",d=\"e\"} NaN 1727999999\n# EOF\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) +
                                   "a_total,1727999999123,5\n"
                                   "\"b c{d=\"\"e\"\"}\",1727999999000,"
                                   "nan:0x7ff8000000000000\n");
}

TEST_F(ImportTest, TheFormatCanBeSaid) {
  Out({"import", "--db=" + db_, "--policy=", "--now", kNow,
       "--input_format=prometheus", "-"},
      "a 1 1000\n");
  Out({"import", "--db=" + db_, "--now", kNow, "--input_format=openmetrics",
       "-"},
      "b 1 1000\n");
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) + "a,1000,1\nb,1000000,1\n");
}

TEST_F(ImportTest, AMetricWithoutATimestampIsABadLine) {
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--skip_bad_lines", "-"},
            "a 1\nb x 2\nc{ 1 2\nd 1 2 3\ne{x=\"1\",x=\"2\"} 1 2\nf 1 1e\n");
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_NE(result.err.find("standard input:1: no timestamp behind the value"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.out.find("skipped 6 bad lines\n"), std::string::npos)
      << result.ToString();
}

TEST_F(ImportTest, PrintsJsonForScripts) {
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=", "--now", kNow, "--json", "-"},
          std::string(kHeader) + "a,1,1\nb,2,2\n");
  EXPECT_EQ(out.find("{\"samples\":2,\"lines\":2,\"expired_samples\":0,"
                     "\"bad_lines\":0,\"seconds\":"),
            0u)
      << out;
}

TEST_F(ImportTest, AnEmptyFileHoldsNothing) {
  Import(db_, "", "", kNow);
  EXPECT_EQ(Export(db_, kNow), kHeader);
}

TEST_F(ImportTest, RefusesAFileInNoKnownFormat) {
  const std::string file = WriteFile("odd", "time,name\n1,2\n");
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "varve: " + file +
                ":1: in no format that import reads; nearest is CSV: its first "
                "line 'time,name' is not the header series,timestamp_ms,value: "
                "put that header there, and no other columns\n");
  EXPECT_FALSE(std::filesystem::exists(db_));
}

// A file whose first line was bad was said to be neither CSV nor Prometheus'
// text, whatever came behind it.
TEST_F(ImportTest, ABadFirstLineIsABadLineOfItsFormat) {
  const std::string lines =
      "a{x=\"1\",x=\"2\"} 1 1727999999000\nb 2 1727999999000\n";
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow, "-"}, lines);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "varve: standard input:1: label 'x' is given twice: the lines "
            "before it are imported; --skip_bad_lines goes on\n");
  const ChildResult skipped =
      Varve({"import", "--db=" + db_, "--now", kNow, "--skip_bad_lines", "-"},
            "\n" + lines);
  EXPECT_EQ(skipped.exit_code, 0) << skipped.ToString();
  EXPECT_EQ(skipped.err,
            "varve: standard input:2: label 'x' is given twice (skipped)\n");
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "b,1727999999000,2\n");
}

// Nothing but its first line says what a file is: what begins as no format
// does creates no database, also with --skip_bad_lines, and says how to go on.
TEST_F(ImportTest, AFirstLineThatIsInDoubtIsForTheUserToName) {
  const std::string lines = "\nb x 2\nc 3 1727999999000\n";
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow,
             "--skip_bad_lines", WriteFile("odd", lines)});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("odd:2: in no format that import reads; nearest is "
                            "Prometheus' text: value 'x' is not a number: mend "
                            "the line, or name the format by "
                            "--input_format=prometheus or openmetrics\n"),
            std::string::npos)
      << result.err;
  EXPECT_FALSE(std::filesystem::exists(db_));
  const ChildResult named =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow,
             "--skip_bad_lines", "--input_format=prometheus", "-"},
            lines);
  EXPECT_EQ(named.exit_code, 0) << named.ToString();
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "c,1727999999000,3\n");
}

// What VictoriaMetrics 1.79.5 printed, but for the times.
TEST_F(ImportTest, ReadsWhatOlderVersionsOfVictoriaMetricsExport) {
  Import(db_, "",
         "{\"metric\":{\"__name__\":\"rw\",\"c\":\"lead\"},"
         "\"values\":[NaN,1,2],\"timestamps\":[1,2,3]}\n"
         "{\"metric\":{\"__name__\":\"rw\",\"c\":\"infs\"},"
         "\"values\":[+Inf,1,-Inf],\"timestamps\":[1,2,3]}\n"
         "{\"metric\":{\"__name__\":\"rw\",\"c\":\"midinf\"},"
         "\"values\":[1,null,+Inf],\"timestamps\":[1,2,3]}\n",
         kNow);
  EXPECT_EQ(Export(db_, kNow),
            std::string(kHeader) +
                "\"rw{c=\"\"infs\"\"}\",1,inf\n"
                "\"rw{c=\"\"infs\"\"}\",2,1\n"
                "\"rw{c=\"\"infs\"\"}\",3,-inf\n"
                "\"rw{c=\"\"lead\"\"}\",1,nan:0x7ff8000000000000\n"
                "\"rw{c=\"\"lead\"\"}\",2,1\n"
                "\"rw{c=\"\"lead\"\"}\",3,2\n"
                "\"rw{c=\"\"midinf\"\"}\",1,1\n"
                "\"rw{c=\"\"midinf\"\"}\",2,nan:0x7ff8000000000000\n"
                "\"rw{c=\"\"midinf\"\"}\",3,inf\n");
}

// Every way in which a line can be bad; lines 2 and 11 are good.
const char kBadLines[] =
    "series,timestamp_ms,value\n"
    "good,1,1\n"
    "few,1\n"
    "t,1.5,1\n"
    "v,1,one\n"
    ",1,1\n"
    "early,-1,1\n"
    "seconds as ns,1728000000000000000,1\n"
    "future,1728345600000,1\n"
    "quo\"te,1,1\n"
    "good,2,2\n";

TEST_F(ImportTest, StopsAtABadLineAndNamesIt) {
  const std::string file = WriteFile("bad.csv", kBadLines);
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow, file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "varve: " + file +
                ":3: 2 fields, not 3 (series,timestamp_ms,value): the lines "
                "before it are imported; --skip_bad_lines goes on\n");
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "good,1,1\n");
}

TEST_F(ImportTest, SkipsBadLinesByFlagAndCountsThem) {
  const std::string file = WriteFile("bad.csv", kBadLines);
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow,
             "--skip_bad_lines", file});
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_NE(result.out.find("skipped 8 bad lines\n"), std::string::npos)
      << result.out;
  for (int line = 3; line <= 10; ++line) {
    EXPECT_NE(result.err.find(file + ":" + std::to_string(line) + ": "),
              std::string::npos)
        << line << "\n"
        << result.err;
  }
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "good,1,1\ngood,2,2\n");
}

TEST_F(ImportTest, OneBadSampleMakesALabelledLineBad) {
  const std::string good =
      "{\"metric\":{\"__name__\":\"m\"},\"values\":[1],\"timestamps\":[1]}\n";
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=", "--now", kNow,
             "--skip_bad_lines", "-"},
            good +
                "{\"metric\":{\"__name__\":\"n\"},\"values\":[1,2],"
                "\"timestamps\":[1,-2]}\n"
                "{\"metric\":{},\"values\":[1],\"timestamps\":[1]}\n");
  EXPECT_EQ(result.exit_code, 0) << result.ToString();
  EXPECT_NE(result.err.find("standard input:2: timestamp -2"),
            std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("standard input:3: "), std::string::npos);
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "m,1,1\n");
}

TEST_F(ImportTest, ANewDatabaseNeedsAPolicy) {
  const ChildResult result = Varve({"import", "--db=" + db_, "-"}, kHeader);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "varve: no database in " + db_ + ": --policy='...' creates it\n");
  EXPECT_FALSE(std::filesystem::exists(db_));
}

TEST_F(ImportTest, ABadPolicyCreatesNothing) {
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--policy=bucket=1week", "-"}, kHeader);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("bucket"), std::string::npos) << result.err;
  EXPECT_FALSE(std::filesystem::exists(db_));
}

TEST_F(ImportTest, RefusesAnotherPolicyForAnExistingDatabase) {
  Import(db_, "retention_period=1y", kHeader, kNow);
  Import(db_, "bucket=1d;retention_period=365d", kHeader, kNow);
  const ChildResult result = Varve(
      {"import", "--db=" + db_, "--policy=retention_period=2y", "-"}, kHeader);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "varve: the database has another policy: retention_period is 2y "
            "in --policy and 1y there: leave --policy away to import under "
            "the database's own\n");
}

TEST_F(ImportTest, SaysWhatIsPastTheRetentionAlready) {
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=retention_period=1d", "--now",
           kNow, "-"},
          std::string(kHeader) + "a,1,1\na,1727999999999,1\n");
  EXPECT_NE(out.find("\n1 of them are past the retention already\n"),
            std::string::npos)
      << out;
}

TEST_F(ImportTest, LeavesADirectoryWithOtherFilesAlone) {
  WriteFile("letter.txt", "dear");
  const ChildResult result =
      Varve({"import", "--db=" + dir_.path(), "--policy=", "-"}, kHeader);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("holds files and no database"), std::string::npos);
}

TEST_F(ImportTest, ColumnFamiliesHavePoliciesOfTheirOwn) {
  Import(db_, "", std::string(kHeader) + "a,1,1\n", kNow);
  const ChildResult result =
      Varve({"import", "--db=" + db_, "--column_family=fast", "-"}, kHeader);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("has no column family fast"), std::string::npos);
  Out({"import", "--db=" + db_, "--column_family=fast",
       "--policy=bucket=1h;partition=none", "--now", kNow, "-"},
      std::string(kHeader) + "b,2,2\n");
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,1\n");
  EXPECT_EQ(Export(db_, kNow, {"--column_family=fast"}),
            std::string(kHeader) + "b,2,2\n");
  const std::string out = Out({"compact", "--db=" + db_, "--now", kNow});
  EXPECT_EQ(out.find("default: 1 file "), 0u) << out;
  EXPECT_NE(out.find("\nfast: 1 file "), std::string::npos) << out;
}

TEST_F(ImportTest, ExplainsThatTheDatabaseIsOpenElsewhere) {
  Import(db_, "", std::string(kHeader) + "a,1,1\n", kNow);
  rocksdb::Options options;
  Options varve_options;
  ASSERT_TRUE(Policy::Parse("", &varve_options.policy).ok());
  ASSERT_TRUE(ConfigureColumnFamily(varve_options, &options).ok());
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, db_, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (const char* const command : {"import", "compact"}) {
    std::vector<std::string> words = {command, "--db=" + db_};
    if (words[0] == "import") words.push_back("-");
    const ChildResult result = Varve(words, kHeader);
    EXPECT_EQ(result.exit_code, 1) << result.ToString();
    EXPECT_EQ(
        result.err.find("varve: " + db_ + " is open in another process: "), 0u)
        << result.err;
  }
  EXPECT_EQ(Export(db_, kNow), std::string(kHeader) + "a,1,1\n");
}

}  // namespace
}  // namespace varve
