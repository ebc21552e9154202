// Whatever the bytes of a part, right checksums or wrong: an error or a table
// that keeps its promises. Each input goes through the checks of
// fuzz/part_fuzz.cc, which abort.
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/plugin/part_cases.h"
#include "tests/random_source.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace varve {
namespace {

using part_cases::PartOf;
using part_cases::Shape;
using part_cases::Shapes;

#if defined(VARVE_SANITIZED)
constexpr int kRounds = 100;
constexpr size_t kByteStep = 7;
#else
constexpr int kRounds = 800;
constexpr size_t kByteStep = 1;
#endif

void Try(const std::string& bytes) {
  // An exact-size copy: reading past its end is the sanitizers' to find.
  const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

TEST(PartHostile, RandomChangesUnderRightChecksumsAreErrorsOrRows) {
  RandomSource random(RandomSource::BaseSeed());
  SCOPED_TRACE(random.Trace());
  for (const Shape& shape : Shapes()) {
    SCOPED_TRACE(shape.name);
    const std::string part = PartOf(shape);
    Try(part);
    for (int round = 0; round < kRounds; ++round) {
      std::string changed = part;
      for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
        const char small[] = {0, 1, 2, '\x7f', '\x80', '\xff'};
        changed[random.Below(changed.size())] =
            random.Below(2) == 0 ? static_cast<char>(random.Below(256))
                                 : small[random.Below(sizeof small)];
      }
      Try(changed);
    }
  }
}

TEST(PartHostile, EveryByteOfASmallPart) {
  const std::string part = PartOf(Shapes()[0]);
  for (size_t at = 0; at < part.size(); at += kByteStep) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string changed = part;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      Try(changed);
    }
  }
}

// A row whose record claimed a value of 2^60 bytes made the reader allocate
// that much before it looked at the columns.
TEST(PartHostile, ARowCannotClaimMoreThanItsColumns) {
  std::string part = PartOf(Shapes()[3]);
  const size_t at = part.find(std::string("\xa7\x02", 2));
  ASSERT_NE(std::string::npos, at);
  const size_t header_bytes = static_cast<unsigned char>(part[at - 1]);
  ASSERT_EQ(1, part[at - 2]);  // a row in columns
  const std::string claim("\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x0f", 14);
  // Its six fields take 14 bytes now, eight of them from the header.
  part[at - 1] = static_cast<char>(header_bytes - 8);
  part.replace(at + header_bytes - 8, claim.size(), claim);
  Try(part);
}

}  // namespace
}  // namespace varve
