// docs/plain-operand-vectors.json, which writers in other languages test
// themselves against: it says what the code does. `plain_vectors_test
// --rewrite` writes it anew.
#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>

#include "format/coding/value_bits.h"
#include "format/row/row_key.h"
#include "tests/format/row/golden_blocks.h"

namespace varve {
namespace {

using block_cases::EncodePlain;
using block_cases::FromRun;
using block_cases::kLeapDay;
using block_cases::Samples;

constexpr char kFile[] = VARVE_SOURCE_DIR "/docs/plain-operand-vectors.json";

constexpr char kAbout[] =
    "Row keys and merge operands in the plain form, to test writers in any "
    "language with; format/row/FORMAT.md describes both. A row's operand is "
    "merged under the key of its series and bucket. value_bits are the "
    "float64's 64 bits, most significant digit first; keys, series and "
    "operands are bytes in hex.";

struct OperandVector {
  const char* name;
  Samples samples;
};

struct RefusedVector {
  const char* name;
  std::string operand;
};

struct KeyVector {
  const char* bucket;
  int64_t bucket_width_ms;
  const char* partition_name;
  Partition partition;
  const char* window_name;
  WindowRule window;
  std::string series;
  int64_t timestamp_ms;
};

std::vector<OperandVector> Operands() {
  std::vector<OperandVector> vectors(6);
  vectors[0].name = "one sample";
  vectors[0].samples.Add(kLeapDay, BitsOf(42));
  vectors[1].name = "out of order, and two writes at one time: the last wins";
  vectors[1].samples.Add(kLeapDay + 15000, BitsOf(1.5));
  vectors[1].samples.Add(kLeapDay, BitsOf(-2.25));
  vectors[1].samples.Add(kLeapDay + 15000, BitsOf(0.1));
  vectors[2].name = "a stale marker: a NaN whose bits must be kept";
  vectors[2].samples.Add(kLeapDay + 1, 0x7ff0000000000002);
  vectors[3].name = "zero, minus zero, infinities, NaN, denormal, largest";
  vectors[4].name = "the first valid timestamp";
  vectors[4].samples.Add(kTimestampMin, BitsOf(1));
  vectors[5].name = "the last valid timestamp";
  vectors[5].samples.Add(kTimestampMax, BitsOf(1));
  // What is published; tests/odd_values.h may grow.
  for (const uint64_t bits : std::vector<uint64_t>{
           0x0000000000000000,  // +0
           0x8000000000000000,  // -0
           0x7ff0000000000000,  // +Inf
           0xfff0000000000000,  // -Inf
           0x7ff8000000000000,  // the usual NaN
           0xfff8000000000000,  // and with its sign
           0x7ff0000000000002,  // Prometheus' stale marker, a signalling NaN
           0x7ff0000000000001,  // the smallest signalling NaN
           0x7fffffffffffffff,  // every payload bit
           0xffffffffffffffff,
           0x0000000000000001,  // the smallest denormal
           0x800fffffffffffff,  // the largest, negative
           0x0010000000000000,  // the smallest normal
           0x7fefffffffffffff,  // the largest
           0x3ff0000000000000,  // 1
           0x3ff0000000000001,  // and its neighbour
           0x4340000000000001,  // beyond 2^53
           0x3fb999999999999a,  // 0.1
       }) {
    vectors[3].samples.Add(
        kLeapDay + static_cast<int64_t>(vectors[3].samples.size()) * 1000,
        bits);
  }
  return vectors;
}

std::vector<RefusedVector> RefusedOperands() {
  Samples samples;
  samples.Add(kLeapDay, BitsOf(42));
  const std::string good = EncodePlain(samples);
  Samples early;
  early.Add(-1, BitsOf(42));
  Samples late;
  late.Add(kTimestampMax + 1, BitsOf(42));
  return {{"no sample", good.substr(0, kBlockTagBytes)},
          {"cut off", good.substr(0, good.size() - 1)},
          {"a byte too many", good + '\0'},
          {"before 1970", EncodePlain(early)},
          {"after 9999", EncodePlain(late)}};
}

std::vector<KeyVector> Keys() {
  const int64_t t = kLeapDay + 45296789;
  const std::string zeros("a\0b\0\1\xff", 6);
  const auto kFloor = WindowRule::kFloor;
  const auto kCeil = WindowRule::kCeil;
  const int64_t day = kMillisPerDay;
  return {
      {"1d", day, "month", Partition::kMonth, "floor", kFloor, "cpu", t},
      {"1d", day, "month", Partition::kMonth, "floor", kFloor, zeros, t},
      {"1h", kMillisPerHour, "day", Partition::kDay, "floor", kFloor, "7", t},
      {"7d", 7 * day, "none", Partition::kNone, "floor", kFloor, "cpu", t},
      {"7d", 7 * day, "week", Partition::kWeek, "ceil", kCeil, "cpu", t},
      {"1d", day, "month", Partition::kMonth, "ceil", kCeil, "cpu", kLeapDay},
      {"1d", day, "month", Partition::kMonth, "ceil", kCeil, "cpu", 0},
      {"1d", day, "none", Partition::kNone, "floor", kFloor, "cpu",
       kTimestampMax},
  };
}

std::string KeyOf(const KeyVector& vector) {
  RowShape shape;
  shape.bucket_width_ms = vector.bucket_width_ms;
  shape.partition = vector.partition;
  shape.window = vector.window;
  std::string key;
  AppendRowKey(shape, vector.series, shape.BucketStart(vector.timestamp_ms),
               &key);
  return key;
}

std::string Hex(const std::string& bytes) {
  return Slice(bytes).ToString(/*hex=*/true);
}

std::string Quoted(const std::string& name, const std::string& value) {
  return "\"" + name + "\": \"" + value + "\"";
}

std::string OperandJson(const OperandVector& vector) {
  std::string json =
      "    {" + Quoted("name", vector.name) + ",\n     \"samples\": [";
  for (size_t i = 0; i < vector.samples.size(); ++i) {
    char bits[17];
    snprintf(bits, sizeof bits, "%016" PRIX64, vector.samples.value_bits[i]);
    if (i > 0) json += ",";
    json += "\n       {\"timestamp_ms\": " +
            std::to_string(vector.samples.timestamps[i]) + ", " +
            Quoted("value_bits", bits) + "}";
  }
  return json + "],\n     " +
         Quoted("operand", Hex(EncodePlain(vector.samples))) + "}";
}

std::string RefusedJson(const RefusedVector& vector) {
  return "    {" + Quoted("name", vector.name) + ", " +
         Quoted("operand", Hex(vector.operand)) + "}";
}

std::string KeyJson(const KeyVector& vector) {
  return "    {" + Quoted("bucket", vector.bucket) + ", " +
         Quoted("partition", vector.partition_name) + ", " +
         Quoted("window", vector.window_name) + ",\n     " +
         Quoted("series", Hex(vector.series)) +
         ", \"timestamp_ms\": " + std::to_string(vector.timestamp_ms) +
         ",\n     " + Quoted("key", Hex(KeyOf(vector))) + "}";
}

template <typename Vectors, typename ToJson>
std::string List(const char* name, const Vectors& vectors,
                 const ToJson& to_json) {
  std::string json = std::string("  \"") + name + "\": [";
  const char* separator = "\n";
  for (const auto& vector : vectors) {
    json += separator + to_json(vector);
    separator = ",\n";
  }
  return json + "]";
}

std::string Document() {
  return "{\n  " + Quoted("about", kAbout) + ",\n" +
         List("row_keys", Keys(), KeyJson) + ",\n" +
         List("operands", Operands(), OperandJson) + ",\n" +
         List("refused_operands", RefusedOperands(), RefusedJson) + "\n}\n";
}

TEST(PlainVectors, DocumentSaysWhatTheCodeDoes) {
  EXPECT_EQ(ReadFile(kFile), Document());
}

TEST(PlainVectors, OperandsDecodeToTheirSamples) {
  for (const OperandVector& vector : Operands()) {
    SampleRun run;
    ASSERT_TRUE(BlockDecoder().Decode(EncodePlain(vector.samples), &run).ok());
    EXPECT_TRUE(FromRun(run) == vector.samples) << vector.name;
  }
}

TEST(PlainVectors, RefusedOperandsAreCorruption) {
  for (const RefusedVector& vector : RefusedOperands()) {
    BlockHeader header;
    EXPECT_TRUE(PeekBlock(vector.operand, &header).IsCorruption())
        << vector.name;
  }
}

int Rewrite() {
  std::ofstream out(kFile, std::ios::binary);
  out << Document();
  return out.flush() ? 0 : 1;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  return varve::RunTestsOrRewrite(argc, argv, varve::Rewrite);
}
