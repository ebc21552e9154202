// One spelling for every number, and no read beyond the limit.
#include "format/coding/varint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace varve {
namespace {

const char* Decode(const std::string& bytes, uint64_t* v) {
  // On the heap at its exact size, for the address sanitizer.
  static std::vector<char> copy;
  copy = std::vector<char>(bytes.begin(), bytes.end());
  copy.shrink_to_fit();
  const char* const end =
      DecodeVarint(copy.data(), copy.data() + copy.size(), v);
  return end == nullptr ? nullptr : bytes.data() + (end - copy.data());
}

std::string Encode(uint64_t v) {
  std::string bytes;
  AppendVarint(&bytes, v);
  return bytes;
}

std::vector<uint64_t> Edges() {
  std::vector<uint64_t> edges = {0};
  for (unsigned bit = 0; bit < 64; ++bit) {
    const uint64_t power = uint64_t{1} << bit;
    for (const uint64_t v : {power - 1, power, power + 1}) edges.push_back(v);
  }
  edges.push_back(std::numeric_limits<uint64_t>::max());
  return edges;
}

TEST(Varint, RoundTripsAtEveryPowerOfTwo) {
  for (const uint64_t v : Edges()) {
    const std::string bytes = Encode(v);
    EXPECT_EQ(bytes.size(), VarintBytes(v));
    EXPECT_LE(bytes.size(), kVarint64Bytes);
    uint64_t decoded = ~v;
    EXPECT_EQ(Decode(bytes, &decoded), bytes.data() + bytes.size());
    EXPECT_EQ(decoded, v);
  }
}

TEST(Varint, BytesAreLittleEndianGroupsOfSeven) {
  EXPECT_EQ(Encode(0), std::string(1, '\0'));
  EXPECT_EQ(Encode(127), "\x7f");
  EXPECT_EQ(Encode(128), std::string("\x80\x01"));
  EXPECT_EQ(Encode(300), std::string("\xac\x02"));
}

TEST(Varint, EveryTruncationIsRefused) {
  for (const uint64_t v : Edges()) {
    const std::string bytes = Encode(v);
    for (size_t n = 0; n < bytes.size(); ++n) {
      uint64_t decoded = 0;
      EXPECT_EQ(Decode(bytes.substr(0, n), &decoded), nullptr);
    }
  }
}

TEST(Varint, LongerSpellingsAreRefused) {
  for (uint64_t v : Edges()) {
    std::string bytes = Encode(v);
    while (bytes.size() < kVarint64Bytes + 2) {
      bytes.back() = static_cast<char>(bytes.back() | 0x80);
      bytes.push_back('\0');
      uint64_t decoded = 0;
      EXPECT_EQ(Decode(bytes, &decoded), nullptr) << v;
    }
  }
}

TEST(Varint, MoreThan64BitsAreRefused) {
  const std::string nine(9, '\xff');
  uint64_t v = 0;
  EXPECT_NE(Decode(nine + '\x01', &v), nullptr);
  EXPECT_EQ(v, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Decode(nine + '\x02', &v), nullptr);
  EXPECT_EQ(Decode(nine + '\x7f', &v), nullptr);
  EXPECT_EQ(Decode(nine + "\xff\x01", &v), nullptr);
}

RC_GTEST_PROP(Varint, WhatDecodesIsItsOneSpelling, (std::string bytes)) {
  uint64_t v = 0;
  const char* const end = Decode(bytes, &v);
  if (end == nullptr) return;
  RC_ASSERT(Encode(v) ==
            bytes.substr(0, static_cast<size_t>(end - bytes.data())));
}

TEST(Varint, ZigZagRoundTripsAndIsSmallForSmallNumbers) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  EXPECT_EQ(ZigZag(std::numeric_limits<int64_t>::max()), ~uint64_t{1});
  EXPECT_EQ(ZigZag(std::numeric_limits<int64_t>::min()), ~uint64_t{0});
  for (const uint64_t v : Edges()) EXPECT_EQ(ZigZag(UnZigZag(v)), v);
}

TEST(Varint, FixedWidthIntegersHaveTheirByteOrder) {
  char bytes[8];
  StoreLittle64(bytes, 0x0102030405060708);
  EXPECT_EQ(std::string(bytes, 8), "\x08\x07\x06\x05\x04\x03\x02\x01");
  EXPECT_EQ(LoadLittle64(bytes), 0x0102030405060708u);
  StoreBig64(bytes, 0x0102030405060708);
  EXPECT_EQ(std::string(bytes, 8), "\x01\x02\x03\x04\x05\x06\x07\x08");
  EXPECT_EQ(LoadBig64(bytes), 0x0102030405060708u);
  StoreBig32(bytes, 0x01020304);
  EXPECT_EQ(std::string(bytes, 4), "\x01\x02\x03\x04");
  EXPECT_EQ(LoadBig32(bytes), 0x01020304u);
}

}  // namespace
}  // namespace varve
