// Blocks of Prometheus: those that it made itself, by its own account of them;
// and small ones of ours, with whatever can be in them, damaged everywhere.
// moving/make_prometheus_block.sh made the first kind.
#include "tools/tsdb_source.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/random_source.h"
#include "tests/tools/read_source.h"
#include "tests/tools/tool_run.h"
#include "tests/tools/tsdb_writer.h"
#include "tools/crc32c.h"
#include "tools/exposition_line.h"
#include "tools/tsdb_chunk.h"

namespace varve::tools {
namespace {

const char kMoving[] = VARVE_SOURCE_DIR "/tests/tools/moving/";
constexpr int64_t kStartMs = 1700000000000;
constexpr uint64_t kStaleBits = 0x7ff0000000000002;

class TsdbSourceTest : public ToolTest {
 protected:
  TsdbTestBlock Block(char last, int64_t min_time_ms,
                      const std::vector<Sample>& samples) {
    TsdbTestBlock block;
    block.ulid = TestUlid(last);
    block.min_time_ms = min_time_ms;
    block.series = {{{{"__name__", "m"}, {"a", "b"}}, {XorChunk(samples)}}};
    return block;
  }

  const std::string data_ = dir_ / "data";
};

std::vector<Sample> Ramp(int64_t first, int64_t last, double base) {
  std::vector<Sample> samples;
  for (int64_t i = first; i <= last; ++i) {
    samples.push_back({kStartMs + 15000 * i, base + static_cast<double>(i)});
  }
  return samples;
}

// Value by value, of three versions, against what promtool prints of them.
TEST_F(TsdbSourceTest, ReadsWhatPrometheusWroteAsPrometheusDoes) {
  std::map<std::string, std::map<int64_t, uint64_t>> expected;
  std::ifstream dump(kMoving + std::string("prometheus-dump.txt"));
  size_t lines = 0;
  for (std::string line; std::getline(dump, line); ++lines) {
    TimeUnit unit = TimeUnit::kMillis;
    std::string series, error;
    Sample sample;
    ASSERT_TRUE(ParseExpositionLine(line, &unit, &series, &sample, &error))
        << line << ": " << error;
    expected[series][sample.timestamp_ms] = BitsOf(sample.value);
  }
  ASSERT_EQ(lines, 359u);
  // It prints every NaN alike. The one at 8 s was written as a stale marker.
  auto& odd = expected["odd{text=\"a \\\"quote\\\" \\\\ and\\nline é\"}"];
  ASSERT_EQ(odd.size(), 11u);
  odd[kStartMs + 8000] = kStaleBits;
  for (const char* const version : {"2.42.0", "2.53.3", "3.5.3"}) {
    SCOPED_TRACE(version);
    const ReadSource read =
        ReadAll(kMoving + std::string("prometheus-") + version);
    EXPECT_TRUE(read.status.ok()) << read.status.ToString();
    EXPECT_EQ(read.bad_lines, std::vector<std::string>());
    EXPECT_EQ(read.series, expected);
    EXPECT_EQ(read.samples, lines);
    EXPECT_EQ(read.Remarked("tombstones"), 114u);
    EXPECT_EQ(read.Remarked("native histograms"), 5u);
    EXPECT_EQ(read.warning, "");
  }
}

TEST_F(TsdbSourceTest, ImportsAndImportsInBulkAlike) {
  const std::string now = "--now=1796000000000";
  const std::string from = kMoving + std::string("prometheus-3.5.3");
  const std::string out =
      Out({"import", "--db=" + db_, "--policy=", now, from});
  EXPECT_EQ(out.find("imported 359 samples from 5 chunks in "), 0u) << out;
  EXPECT_NE(out.find("\nsamples of native histograms left out: a sample is a "
                     "number: 5, the first at " +
                     from),
            std::string::npos)
      << out;
  const std::string other = dir_ / "bulk";
  Out({"import", "--db=" + other, "--policy=", now, "--bulk", from});
  EXPECT_EQ(Export(other, "1796000000000"), Export(db_, "1796000000000"));
}

TEST(TsdbChunk, ReadsWhatIsWrittenBitForBit) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (int round = 0; round < 500; ++round) {
    std::vector<Sample> samples;
    int64_t time = random.Between(-5, kStartMs);
    for (uint64_t n = random.Below(60); n > 0; --n) {
      time += random.Between(0, int64_t{1} << random.Below(42));
      const bool same = !samples.empty() && random.OneIn(3);
      samples.push_back(
          {time, same ? samples.back().value : ValueOf(random.ValueBits())});
    }
    const std::string data = XorChunk(samples).data;
    EXPECT_EQ(TsdbSampleCount(data), samples.size());
    std::vector<Sample> read;
    std::string error;
    ASSERT_TRUE(DecodeXorChunk(data, &read, &error)) << error;
    ASSERT_EQ(read.size(), samples.size());
    for (size_t i = 0; i < read.size(); ++i) {
      ASSERT_EQ(read[i].timestamp_ms, samples[i].timestamp_ms);
      ASSERT_EQ(BitsOf(read[i].value), BitsOf(samples[i].value));
    }
    // Cut short anywhere, or any bits behind a count.
    for (size_t i = 0; i < data.size(); i += 1 + i / 8) {
      EXPECT_FALSE(DecodeXorChunk(data.substr(0, i), &read, &error) &&
                   read.size() == samples.size() && !samples.empty());
    }
    std::string noise = data;
    for (char& c : noise) c = static_cast<char>(random.Bits());
    DecodeXorChunk(noise, &read, &error);
  }
}

TEST(TsdbChunk, ItsChecksumIsCastagnolis) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  const std::string text = "a text of some more bytes than eight";
  EXPECT_EQ(Crc32c(text.substr(5), Crc32c(text.substr(0, 5))), Crc32c(text));
}

// What promtool 2.42.0 and 3.5.3 show of two blocks in each of these orders.
TEST_F(TsdbSourceTest, OfTwoBlocksTheOneThatBeginsLaterWins) {
  const std::vector<Sample> a = Ramp(0, 5, 100), b = Ramp(2, 6, 200);
  for (const bool a_is_first : {true, false}) {
    std::filesystem::remove_all(data_);
    WriteTsdbBlock(data_, Block(a_is_first ? '1' : '2', kStartMs, a));
    WriteTsdbBlock(data_, Block(a_is_first ? '2' : '1', kStartMs + 30000, b));
    const ReadSource read = ReadAll(data_);
    const auto& series = read.series.at("m{a=\"b\"}");
    EXPECT_EQ(series.size(), 7u);
    EXPECT_EQ(ValueOf(series.at(kStartMs + 15000)), 101);
    EXPECT_EQ(ValueOf(series.at(kStartMs + 30000)), 202);
    EXPECT_EQ(ValueOf(series.at(kStartMs + 75000)), 205);
  }
  // Of blocks that begin together, the one that was made later.
  WriteTsdbBlock(data_, Block('3', kStartMs, Ramp(0, 3, 300)));
  EXPECT_EQ(ValueOf(ReadAll(data_).series.at("m{a=\"b\"}").at(kStartMs)), 300);
}

TEST_F(TsdbSourceTest, LeavesOutBlocksThatAnotherOneWasMadeOf) {
  WriteTsdbBlock(data_, Block('1', kStartMs, Ramp(0, 3, 100)));
  TsdbTestBlock whole = Block('0', kStartMs, Ramp(0, 9, 200));
  whole.more_meta = "\"compaction\":{\"level\":2,\"parents\":[{\"ulid\":\"" +
                    TestUlid('1') + "\"}]},";
  WriteTsdbBlock(data_, whole);
  TsdbTestBlock empty = Block('2', kStartMs, Ramp(0, 1, 300));
  empty.more_meta = "\"compaction\":{\"deletable\":true},";
  WriteTsdbBlock(data_, empty);
  const ReadSource read = ReadAll(data_);
  EXPECT_EQ(read.samples, 10u);
  EXPECT_EQ(read.Remarked("compacted into another one"), 2u);
  EXPECT_EQ(ValueOf(read.series.at("m{a=\"b\"}").at(kStartMs)), 200);
}

TEST_F(TsdbSourceTest, TombstonesMayOverlapAndStandInAnyOrder) {
  TsdbTestBlock block = Block('1', kStartMs, Ramp(0, 9, 0));
  block.series.push_back({{{"__name__", "n"}}, {XorChunk(Ramp(0, 9, 50))}});
  block.tombstones = {{1, kStartMs, kStartMs},
                      {0, kStartMs + 60000, kStartMs + 75000},
                      {0, kStartMs + 30000, kStartMs + 60000},
                      {0, kStartMs + 135000, INT64_MAX},
                      {0, INT64_MIN, kStartMs - 1}};
  WriteTsdbBlock(data_, block);
  const ReadSource read = ReadAll(data_);
  EXPECT_EQ(read.series.at("m{a=\"b\"}").size(), 5u);
  EXPECT_EQ(read.series.at("m{a=\"b\"}").count(kStartMs + 30000), 0u);
  EXPECT_EQ(read.series.at("m{a=\"b\"}").count(kStartMs + 90000), 1u);
  EXPECT_EQ(read.series.at("n").size(), 9u);
  EXPECT_EQ(read.Remarked("tombstones"), 6u);
}

TEST_F(TsdbSourceTest, LabelsOfThanosAreAddedAndItsAggregatesCounted) {
  TsdbTestBlock block = Block('1', kStartMs, Ramp(0, 1, 0));
  block.series.push_back(
      {{{"__name__", "n"}, {"zone", "inner"}},
       {XorChunk(Ramp(0, 1, 0)), {255, "aggregates"}, {9, ""}}});
  block.more_meta = "\"thanos\":{\"labels\":{\"zone\":\"eu\"}},";
  WriteTsdbBlock(data_, block);
  const ReadSource read = ReadAll(data_ + "/" + block.ulid);
  EXPECT_EQ(read.series.count("m{a=\"b\",zone=\"eu\"}"), 1u);
  EXPECT_EQ(read.series.count("n{zone=\"eu\"}"), 1u);
  EXPECT_EQ(read.Remarked("an encoding that is not read"), 2u);
}

TEST_F(TsdbSourceTest, SaysHowTheHeadBecomesABlock) {
  std::filesystem::create_directories(data_ + "/wal");
  WriteFile("data/wal/00000000", "records");
  const ChildResult none = Varve({"import", "--db=" + db_, "--policy=", data_});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.err.find("no block is there; wal/ is not read"),
            std::string::npos)
      << none.err;
  EXPECT_NE(none.err.find("/api/v1/admin/tsdb/snapshot"), std::string::npos);
  EXPECT_NE(none.err.find("promtool tsdb dump-openmetrics"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(db_));
  WriteTsdbBlock(data_, Block('1', kStartMs, Ramp(0, 5, 100)));
  const ChildResult some = Varve({"import", "--db=" + db_, "--policy=", data_});
  EXPECT_EQ(some.exit_code, 0);
  EXPECT_EQ(some.err.find("varve: " + data_ + ": wal/ is not read: "), 0u)
      << some.err;
  EXPECT_EQ(some.out.find("imported 6 samples from 1 chunk in "), 0u);
}

TEST_F(TsdbSourceTest, RefusesWhatIsNoBlockBeforeADatabaseIsMade) {
  std::filesystem::create_directories(data_);
  const auto refused = [&](const std::string& words,
                           const std::string& format) {
    const ChildResult result =
        Varve({"import", "--db=" + db_, "--policy=", "--input_format=" + format,
               data_});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find(words), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(db_));
  };
  refused("is a directory", "auto");
  refused("no block of Prometheus is there", "tsdb");
  TsdbTestBlock block = Block('1', kStartMs, Ramp(0, 5, 100));
  WriteTsdbBlock(data_, block);
  const std::string path = "data/" + block.ulid;
  std::string index = ReadFile(dir_ / (path + "/index"));
  index[4] = 1;
  WriteFile(path + "/index", index);
  refused("is an index of version 1, and version 2 is read", "tsdb");
  WriteFile(path + "/meta.json", "{\"version\":2}");
  refused("a block of version 2, and version 1 is read", "auto");
  WriteFile(path + "/meta.json", "{\"version\":1");
  refused("meta.json:0: JSON: ", "auto");
}

// A chunk that cannot be read is a bad line: named, and passed over by flag.
TEST_F(TsdbSourceTest, ADamagedChunkIsABadLine) {
  TsdbTestBlock block = Block('1', kStartMs, Ramp(0, 5, 100));
  block.series.push_back({{{"__name__", "n"}}, {XorChunk(Ramp(0, 9, 50))}});
  WriteTsdbBlock(data_, block);
  const std::string path = "data/" + block.ulid + "/chunks/000001";
  std::string chunks = ReadFile(dir_ / path);
  chunks[12] = static_cast<char>(chunks[12] ^ 1);
  WriteFile(path, chunks);
  const ChildResult stopped =
      Varve({"import", "--db=" + db_, "--policy=", data_});
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_EQ(stopped.err, "varve: " + (dir_ / path) +
                             ":8: the checksum of a chunk: the lines before it "
                             "are imported; --skip_bad_lines goes on\n");
  const ChildResult skipped =
      Varve({"import", "--db=" + db_, "--skip_bad_lines", data_});
  EXPECT_EQ(skipped.exit_code, 0);
  EXPECT_EQ(skipped.out.find("imported 10 samples from 1 chunk in "), 0u)
      << skipped.out;
}

// Each byte of each file with another bit, and each length of it: what is read
// is what was written or less, and less only where something is said.
TEST_F(TsdbSourceTest, NoDamageMakesSamplesThatWereNotThere) {
  TsdbTestBlock block = Block('1', kStartMs, Ramp(0, 5, 100));
  block.series.push_back({{{"__name__", "n"}, {"job", "x"}},
                          {XorChunk(Ramp(0, 9, 50)),
                           XorChunk(Ramp(10, 12, 50)),
                           {2, std::string("\0\5", 2)}}});
  block.tombstones = {{1, kStartMs, kStartMs + 15000}};
  WriteTsdbBlock(data_, block);
  const ReadSource whole = ReadAll(data_);
  ASSERT_TRUE(whole.status.ok()) << whole.status.ToString();
  ASSERT_EQ(whole.samples, 17u);
  size_t checked = 0, silent = 0;
  const auto check = [&](const std::string& path, const std::string& bytes) {
    WriteFile(path, bytes);
    const ReadSource read = ReadAll(data_);
    ++checked;
    for (const auto& [series, samples] : read.series) {
      ASSERT_EQ(whole.series.count(series), 1u) << series;
      for (const auto& sample : samples) {
        ASSERT_EQ(whole.series.at(series).count(sample.first), 1u) << series;
        ASSERT_EQ(whole.series.at(series).at(sample.first), sample.second);
      }
    }
    if (read.status.ok() && read.bad_lines.empty()) {
      ASSERT_EQ(read.series, whole.series) << path;
      ++silent;
    } else if (!read.status.ok()) {
      ASSERT_NE(read.status.ToString().find(data_), std::string::npos);
    }
  };
  for (const char* const name : {"index", "chunks/000001", "tombstones"}) {
    SCOPED_TRACE(name);
    const std::string path = "data/" + block.ulid + "/" + name;
    const std::string bytes = ReadFile(dir_ / path);
    for (size_t i = 0; i < bytes.size(); ++i) {
      SCOPED_TRACE(i);
      for (const int bit : {0, 3, 7}) {
        std::string flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << bit);
        check(path, flipped);
        if (HasFatalFailure()) return;
      }
      check(path, bytes.substr(0, i));
      if (HasFatalFailure()) return;
    }
    WriteFile(path, bytes);
  }
  // Padding, and offsets in the table of contents that nobody follows.
  printf("%zu of %zu damages changed nothing\n", silent, checked);
  EXPECT_LT(silent, checked / 5);
}

}  // namespace
}  // namespace varve::tools
