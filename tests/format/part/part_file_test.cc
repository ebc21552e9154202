#include "format/part/part_file.h"

#include <gtest/gtest.h>

#include <string>

#include "format/coding/varint.h"
#include "format/part/part_box.h"
#include "format/part/part_filter.h"
#include "format/part/part_index.h"
#include "format/part/part_stripe.h"

namespace varve {
namespace {

std::string Footer(const PartFooter& footer) {
  std::string bytes(kPartFooterBytes, '\0');
  EXPECT_TRUE(EncodePartFooter(footer, &bytes[0]).ok());
  return bytes;
}

PartFooter Sample() {
  PartFooter footer;
  footer.metaindex = {70000, 90};
  footer.root = {60000, 1000};
  return footer;
}

TEST(PartFooter, RoundTrips) {
  const std::string bytes = "any box" + Footer(Sample());
  PartFooter decoded;
  ASSERT_TRUE(DecodePartFooter(bytes, 100000, &decoded).ok());
  EXPECT_EQ(Sample().metaindex, decoded.metaindex);
  EXPECT_EQ(Sample().root, decoded.root);
}

TEST(PartFooter, EveryChangedByteIsCorruption) {
  for (size_t at = 0; at < kPartFooterBytes; ++at) {
    std::string bytes = Footer(Sample());
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    PartFooter decoded;
    EXPECT_TRUE(DecodePartFooter(bytes, 100000, &decoded).IsCorruption()) << at;
  }
}

TEST(PartFooter, AnotherVersionIsNotSupported) {
  PartFooter footer = Sample();
  footer.part_version = kPartVersion + 1;
  PartFooter decoded;
  const Status s = DecodePartFooter(Footer(footer), 100000, &decoded);
  EXPECT_TRUE(s.IsNotSupported());
  EXPECT_NE(std::string::npos, s.ToString().find("version 2")) << s.ToString();
}

TEST(PartFooter, HandlesMustLieInTheFile) {
  PartFooter decoded;
  EXPECT_TRUE(
      DecodePartFooter(Footer(Sample()), 70000, &decoded).IsCorruption());
  PartFooter footer = Sample();
  footer.root = {UINT64_MAX / 4, 5};
  std::string bytes(kPartFooterBytes, '\0');
  if (EncodePartFooter(footer, &bytes[0]).ok()) {
    EXPECT_TRUE(DecodePartFooter(bytes, 100000, &decoded).IsCorruption());
  }
}

std::string Box(const std::string& payload, BoxTag tag, uint64_t offset) {
  std::string box = payload + std::string(kBoxTrailerBytes, '\0');
  EncodeBoxTrailer(payload, tag, offset, &box[payload.size()]);
  return box;
}

TEST(PartBox, ChecksumCoversPayloadTagAndPlace) {
  const BoxTag tag{BoxKind::kIndex, BoxCompression::kZstd};
  const std::string box = Box("payload", tag, 1234);
  const BoxHandle handle{1234, 7};
  ASSERT_TRUE(VerifyBox(box, handle).ok());
  BoxTag decoded;
  ASSERT_TRUE(DecodeBoxTag(box, handle, &decoded).ok());
  EXPECT_EQ(BoxKind::kIndex, decoded.kind);
  EXPECT_EQ(BoxCompression::kZstd, decoded.compression);
  EXPECT_TRUE(VerifyBox(box, BoxHandle{1235, 7}).IsCorruption());
  for (size_t at = 0; at < box.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = box;
      changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
      EXPECT_TRUE(VerifyBox(changed, handle).IsCorruption()) << at;
    }
  }
}

TEST(PartBox, HandlesBeyondTheFileAreRefused) {
  EXPECT_TRUE(CheckBoxHandle({0, 95}, 100).ok());
  EXPECT_TRUE(CheckBoxHandle({0, 96}, 100).IsCorruption());
  EXPECT_TRUE(CheckBoxHandle({UINT64_MAX, 1}, 100).IsCorruption());
  EXPECT_TRUE(CheckBoxHandle({1, UINT64_MAX}, 100).IsCorruption());
  EXPECT_TRUE(CheckBoxHandle({0, 0}, 4).IsCorruption());
}

TEST(PartBox, PacksWhatGetsSmaller) {
  BoxPacker packer(1);
  BoxCompression compression;
  const std::string dull(10000, 'x');
  const std::string packed = packer.Pack(dull, &compression).ToString();
  ASSERT_EQ(BoxCompression::kZstd, compression);
  EXPECT_LT(packed.size(), 100u);
  size_t bytes = 0;
  ASSERT_TRUE(UnpackedBytes(packed, compression, &bytes).ok());
  std::string unpacked(bytes, '\0');
  ASSERT_TRUE(UnpackInto(packed, compression, &unpacked[0], bytes).ok());
  EXPECT_EQ(dull, unpacked);

  EXPECT_EQ("short", packer.Pack("short", &compression).ToString());
  EXPECT_EQ(BoxCompression::kNone, compression);
  BoxPacker none(0);
  EXPECT_EQ(dull, none.Pack(dull, &compression).ToString());
  EXPECT_EQ(BoxCompression::kNone, compression);
}

TEST(PartBox, FramesThatClaimTooMuchAreCorrupt) {
  // A frame header that claims 1 GiB, and nothing behind it.
  const std::string frame("\x28\xb5\x2f\xfd\xa0\x00\x00\x00\x40", 9);
  size_t bytes = 0;
  EXPECT_TRUE(
      UnpackedBytes(frame, BoxCompression::kZstd, &bytes).IsCorruption());
  EXPECT_TRUE(
      UnpackedBytes("no frame", BoxCompression::kZstd, &bytes).IsCorruption());
}

// Readers allocate up to this before they look: it was 32,769 times the stored
// bytes, though no frame is taken that claims more than 2 GiB.
TEST(PartBox, WhatABoxCanHoldIsBounded) {
  constexpr uint64_t kMost = kBoxCompressBytesMax;
  EXPECT_EQ(0u, UnpackedBytesMax(0));
  EXPECT_EQ(32769u, UnpackedBytesMax(1));
  EXPECT_EQ(100 * 32769u, UnpackedBytesMax(100));
  EXPECT_EQ(kMost, UnpackedBytesMax(70000));
  EXPECT_EQ(kMost, UnpackedBytesMax(kMost));
  EXPECT_EQ(kMost + 1, UnpackedBytesMax(kMost + 1));  // stored as it is
  EXPECT_EQ(UINT64_MAX, UnpackedBytesMax(UINT64_MAX));
}

TEST(PartBox, MetaBlocksAndFiltersAreNeverPacked) {
  for (const BoxKind kind :
       {BoxKind::kMeta, BoxKind::kFilter, BoxKind::kRoot}) {
    const BoxTag packed{kind, BoxCompression::kZstd};
    std::string box = "payload";
    const BoxHandle handle{0, box.size()};
    box.resize(box.size() + kBoxTrailerBytes);
    EncodeBoxTrailer(Slice(box.data(), 7), packed, 0, &box[7]);
    BoxTag tag;
    EXPECT_EQ(kind == BoxKind::kRoot, DecodeBoxTag(box, handle, &tag).ok());
  }
}

// A payload of zeros packs to almost nothing, so its own size bounds nothing.
TEST(PartBox, CountsAreBoundedByTheFile) {
  constexpr uint64_t kFileBytes = 1000;
  const auto count = [](uint64_t n) {
    std::string bytes;
    AppendVarint(&bytes, n);
    return bytes;
  };
  const std::string zeros(1 << 20, '\0');
  StripeFront front;
  const BoxHandle headers{100, 50};
  Status s = DecodeStripeFront(count(201) + zeros, headers, kFileBytes, &front);
  EXPECT_NE(std::string::npos, s.ToString().find("count of boxes"))
      << s.ToString();
  EXPECT_LE(front.own.capacity(), kFileBytes);
  s = DecodeStripeFront(count(0) + count(21) + zeros, headers, kFileBytes,
                        &front);
  EXPECT_NE(std::string::npos, s.ToString().find("count of shared"))
      << s.ToString();
  PartRoot root;
  root.rows_end = 0;
  root.filter = {201, 1, 1};
  std::string bytes;
  AppendRootFront(root, &bytes);
  EXPECT_TRUE(DecodeRoot(bytes + zeros, kFileBytes, &root).IsCorruption());
  EXPECT_TRUE(root.filter_shards.empty());
}

TEST(PartBox, LeavesLieOneBehindTheOther) {
  for (const uint64_t second : {20u, 24u, 25u, 40u}) {
    PartRoot root;
    std::string bytes, value;
    AppendRootFront(root, &bytes);
    EntryListBuilder list(1);
    AppendBoxHandle({10, 10}, &value);
    list.Add("a", value, Slice());
    value.clear();
    AppendBoxHandle({second, 10}, &value);
    list.Add("b", value, "a");
    const Slice leaves = list.Finish();
    bytes.append(leaves.data(), leaves.size());
    EXPECT_EQ(second >= 25, DecodeRoot(bytes, 1000, &root).ok()) << second;
  }
}

TEST(PartFilter, HoldsItsKeysAndFewOthers) {
  for (size_t count : {1u, 100u, 100000u}) {
    FilterBuilder builder(10);
    for (size_t i = 0; i < count; ++i) {
      builder.Add(HashWholeKey("key" + std::to_string(i)));
    }
    std::string bits;
    const FilterShape shape = builder.Finish(&bits);
    ASSERT_EQ(bits.size(), shape.shard_count * shape.shard_bytes());
    ASSERT_LE(shape.shard_bytes(), kFilterShardBytesMax);
    const auto may_hold = [&](uint64_t hash) {
      const size_t bytes = static_cast<size_t>(shape.shard_bytes());
      const Slice shard(bits.data() + shape.shard_of(hash) * bytes, bytes);
      return FilterMayHold(shape, shard, hash);
    };
    for (size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(may_hold(HashWholeKey("key" + std::to_string(i))));
    }
    size_t wrong = 0;
    for (size_t i = 0; i < 100000; ++i) {
      wrong += may_hold(HashWholeKey("other" + std::to_string(i)));
    }
    EXPECT_LT(wrong, 1500u) << count;  // 1 % and a little
  }
}

TEST(PartFilter, RowPrefixEndsBehindTheTerminator) {
  const std::string bucket(8, '\x80');
  const std::string key = std::string("series\0\1", 8) + bucket;
  Slice prefix;
  ASSERT_TRUE(RowPrefix(key, &prefix));
  EXPECT_EQ(std::string("series\0\1", 8), prefix.ToString());
  EXPECT_FALSE(RowPrefix("series" + bucket, &prefix));
  EXPECT_FALSE(RowPrefix(bucket, &prefix));
  EXPECT_FALSE(RowPrefix(std::string("\0\1", 2) + bucket, &prefix));
}

}  // namespace
}  // namespace varve
