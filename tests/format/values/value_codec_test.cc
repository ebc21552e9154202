// The value codec keeps every bit, on every kernel level, whatever it is
// given to encode, and survives whatever it is given to decode.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "bench/value_sets.h"
#include "format/values/value_constants.h"
#include "tests/format/values/value_cases.h"

namespace varve {
namespace {

using value_cases::Kind;
using value_cases::kKinds;
using value_cases::Make;
using value_cases::Words;

constexpr Profile kProfiles[] = {Profile::kFast, Profile::kCompact,
                                 Profile::kSmallest};

std::vector<CpuLevel> Levels() {
  std::vector<CpuLevel> levels;
  for (int i = 0; i <= static_cast<int>(BestCpuLevel()); ++i) {
    levels.push_back(static_cast<CpuLevel>(i));
  }
  return levels;
}

std::string Encode(const Words& words, Profile profile,
                   CpuLevel level = BestCpuLevel()) {
  std::string column;
  ValueEncoder(level).Encode(words.data(), words.size(), profile, &column);
  return column;
}

// Decodes on every level into memory of just the right size.
void ExpectDecodes(const std::string& column, const Words& words) {
  for (CpuLevel level : Levels()) {
    ValueDecoder decoder(level);
    Words decoded(words.size(), 1);
    const Status status =
        decoder.Decode(column, decoded.size(), decoded.data());
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(decoded, words) << "level " << static_cast<int>(level);
    uint64_t last = 0;
    ASSERT_TRUE(decoder.DecodeLast(column, words.size(), &last).ok());
    ASSERT_EQ(last, words.back());
  }
}

void ExpectRoundTrip(const Words& words, Profile profile) {
  const std::string column = Encode(words, profile);
  for (CpuLevel level : Levels()) {
    ASSERT_EQ(Encode(words, profile, level), column)
        << "level " << static_cast<int>(level);
  }
  ASSERT_LE(column.size(), 1 + words.size() * kWordBytes);
  ExpectDecodes(column, words);
}

TEST(ValueCodec, KeepsEachOddValueAlone) {
  for (uint64_t word : OddValueBits()) {
    for (Profile profile : kProfiles) {
      ExpectRoundTrip({word}, profile);
      ExpectRoundTrip(Words(100, word), profile);
    }
  }
}

TEST(ValueCodec, KeepsOddValuesAmongOthers) {
  for (uint64_t word : OddValueBits()) {
    for (size_t at : {size_t{0}, size_t{70}, size_t{199}}) {
      Words words = Make(value_cases::kGauge, 200, at);
      words[at] = word;
      for (Profile profile : kProfiles) ExpectRoundTrip(words, profile);
    }
  }
}

TEST(ValueCodec, KeepsEveryKindAtEverySize) {
  for (int kind = 0; kind < kKinds; ++kind) {
    SCOPED_TRACE("kind " + std::to_string(kind));
    for (size_t count :
         {1,   2,   3,   4,   5,    7,    8,    9,    15,   16,   17,  24,  48,
          49,  63,  64,  65,  127,  128,  129,  130,  131,  240,  255, 256, 257,
          511, 513, 767, 769, 1000, 2047, 2048, 2049, 4999, 8191, 8192}) {
      SCOPED_TRACE("count " + std::to_string(count));
      const Words words = Make(static_cast<Kind>(kind), count, count);
      ExpectRoundTrip(words, Profile::kFast);
      ExpectRoundTrip(words, Profile::kCompact);
      if (count < 300) ExpectRoundTrip(words, Profile::kSmallest);
      if (HasFatalFailure()) return;
    }
  }
}

// rapidcheck prints the seed of a failure; RC_PARAMS="seed=..." replays it.
RC_GTEST_PROP(ValueCodec, KeepsAnyMixtureOfKinds, ()) {
  Words words;
  const size_t runs = *rc::gen::inRange<size_t>(1, 5);
  for (size_t i = 0; i < runs; ++i) {
    const int kind = *rc::gen::inRange(0, static_cast<int>(kKinds));
    const size_t count = *rc::gen::inRange<size_t>(1, 600);
    const Words run =
        Make(static_cast<Kind>(kind), count, *rc::gen::arbitrary<uint32_t>());
    words.insert(words.end(), run.begin(), run.end());
  }
  const Profile profile = *rc::gen::element(Profile::kFast, Profile::kCompact);
  ExpectRoundTrip(words, profile);
  RC_ASSERT(!::testing::Test::HasFatalFailure());
}

RC_GTEST_PROP(ValueCodec, KeepsAnyWords, (const std::vector<uint64_t>& words)) {
  RC_PRE(!words.empty());
  for (Profile profile : kProfiles) ExpectRoundTrip(words, profile);
  RC_ASSERT(!::testing::Test::HasFatalFailure());
}

TEST(ValueCodec, AnEncoderHasNoMemoryOfColumnsBefore) {
  ValueEncoder encoder;
  for (int round = 0; round < 2; ++round) {
    for (int kind = 0; kind < kKinds; ++kind) {
      const Words words = Make(static_cast<Kind>(kind), 900, 3);
      for (Profile profile : kProfiles) {
        std::string column = "before";
        encoder.Encode(words.data(), words.size(), profile, &column);
        EXPECT_EQ(column, "before" + Encode(words, profile));
      }
    }
  }
}

// What an operand holds: the exponent is not the first value's, corrections
// and exceptions are not lost, and binary fractions are shorter as words.
TEST(ValueCodec, FewDecimalsAreOneColumn) {
  const auto source_of = [](const Words& words) {
    ExpectRoundTrip(words, Profile::kFast);
    return static_cast<uint8_t>(Encode(words, Profile::kFast)[0]);
  };
  Words words;
  for (const double value : {7.0, 7.1, 7.13, 6.999, 7.25, 123456.789}) {
    words.push_back(BitsOf(value));
  }
  EXPECT_EQ(source_of(words), kColumn + 3);
  EXPECT_LE(Encode(words, Profile::kFast).size(), 26u);
  for (const uint64_t odd :
       {words[2] + 1, BitsOf(1e-9), uint64_t{0x7ff8000000000001}}) {
    Words with_odd = words;
    with_odd[4] = odd;
    ExpectRoundTrip(with_odd, Profile::kFast);
    EXPECT_NE(source_of(with_odd), kColumn + 3);
  }
  Words eighths;
  for (int i = 0; i < 16; ++i) eighths.push_back(BitsOf(42 + i % 5 / 8.));
  EXPECT_EQ(source_of(eighths), kColumn + kWords);
}

TEST(ValueCodec, PeeksAtConstants) {
  uint64_t word = 0;
  for (uint64_t odd : OddValueBits()) {
    EXPECT_TRUE(ValueDecoder::PeekConstant(
        Encode(Words(9, odd), Profile::kFast), &word));
    EXPECT_EQ(word, odd);
  }
  EXPECT_FALSE(ValueDecoder::PeekConstant(
      Encode({BitsOf(1), BitsOf(2)}, Profile::kFast), &word));
  EXPECT_FALSE(ValueDecoder::PeekConstant("", &word));
}

TEST(ValueCodec, EncodesASingleValueWithoutTheHeap) {
  ValueEncoder encoder;
  std::string column;
  column.reserve(16);
  const char* const room = column.data();
  const uint64_t word = BitsOf(1234.5);
  encoder.Encode(&word, 1, Profile::kFast, &column);
  EXPECT_EQ(column.data(), room);
  EXPECT_EQ(column.size(), 3u);
}

// The encodings of constant decimals beyond 10^22 were Corruption, though
// their numbers are free, as FORMAT-values.md has it: a newer version's column
// would have looked damaged. Here are all of the document's numbers.
TEST(ValueCodec, EveryFreeEncodingIsANewerVersions) {
  const auto source = [](int s) { return s <= 22 || s == 30 || s == 31; };
  ValueDecoder decoder;
  Words out(3);
  for (int encoding = 0; encoding < 256; ++encoding) {
    const int low = encoding & 0x1f;
    const bool known =
        encoding == 0x00 || encoding == 0x01 || encoding == 0x03 ||
        (encoding >> 5 == 1 && low <= 22) ||
        ((encoding >> 5 == 2 || encoding >> 5 == 3) && source(low));
    for (const size_t bytes : {0, 1, 8, 9, 24}) {
      const std::string column =
          std::string(1, static_cast<char>(encoding)) + std::string(bytes, 1);
      const Status status = decoder.Decode(column, 3, out.data());
      EXPECT_EQ(status.IsNotSupported(), !known)
          << encoding << ": " << status.ToString();
      uint64_t last = 0;
      EXPECT_EQ(decoder.DecodeLast(column, 3, &last).IsNotSupported(), !known)
          << encoding;
      if (known) continue;
      EXPECT_TRUE(decoder.DecodeRange(column, 3, {1, 2}, nullptr, &last)
                      .IsNotSupported())
          << encoding;
    }
  }
}

TEST(ValueCodec, RefusesWhatIsNoColumn) {
  ValueDecoder decoder;
  Words out(10);
  EXPECT_TRUE(decoder.Decode("", 1, out.data()).IsCorruption());
  EXPECT_TRUE(decoder.Decode("x", 0, out.data()).IsCorruption());
  for (int encoding :
       {int{kInt64}, 0x04, 0x1f, 0x40 + 23, 0x60 + 29, 0x80, 0xff}) {
    const std::string column =
        std::string(1, static_cast<char>(encoding)) + std::string(8, '\0');
    EXPECT_TRUE(decoder.Decode(column, 3, out.data()).IsNotSupported())
        << encoding;
  }
  EXPECT_FALSE(decoder
                   .Decode(Encode(Words(3, 5), Profile::kFast) + "12345678", 3,
                           out.data())
                   .ok());
}

// The sizes that format/values/FORMAT-values.md and the benchmark claim.
TEST(ValueCodec, RealDataTakesTheBitsThatItShould) {
  const std::string folder = FindDataFolder();
  if (folder.empty()) GTEST_SKIP() << "no data sets; set VARVE_DATA";
  const std::pair<const char*, double> at_most[] = {
      {"node_exporter", 2.07},     {"NAB", 19.4},
      {"Microsoft", 13.0},         {"Nezha", 32.4},
      {"PetShop", 28.4},           {"AMPds", 2.21},
      {"city_temperature_f", 6.6}, {"food_prices", 10.5}};
  for (const ValueSet& set : LoadKnownSets(folder)) {
    for (const auto& [name, bits_max] : at_most) {
      if (set.name != name) continue;
      size_t bytes = 0, values = 0;
      for (const auto& column : set.columns) {
        for (size_t at = 0; at < column.size(); at += kPieceSamplesMax) {
          const size_t n = std::min(kPieceSamplesMax, column.size() - at);
          std::string encoded;
          ValueEncoder().Encode(column.data() + at, n, Profile::kCompact,
                                &encoded);
          bytes += encoded.size();
          values += n;
        }
      }
      EXPECT_LE(static_cast<double>(bytes) * 8,
                bits_max * static_cast<double>(values))
          << name;
    }
  }
}

}  // namespace
}  // namespace varve
