// Containers keep what they are given, byte for byte and in order.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "format/row/sample_block.h"
#include "tests/format/row/block_cases.h"

namespace varve {
namespace {

using block_cases::EncodeContainer;

std::vector<std::string> Entries(const std::string& container) {
  std::vector<std::string> entries;
  ContainerReader reader(container);
  Slice entry;
  while (reader.Next(&entry)) entries.push_back(entry.ToString());
  return entries;
}

size_t PeekedEntries(const std::string& container) {
  BlockHeader header;
  const Status status = PeekBlock(container, &header);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(header.form, BlockForm::kContainer);
  return header.entry_count;
}

TEST(Container, KeepsEntriesVerbatimAndInOrder) {
  const std::vector<std::string> entries = {"garbage",
                                            "",
                                            std::string(1, '\0'),
                                            "\xa7",
                                            "\xa7\x09 of a newer one",
                                            std::string(300, 'x'),
                                            "",
                                            "garbage"};
  const std::string container = EncodeContainer(entries);
  EXPECT_EQ(PeekedEntries(container), entries.size());
  EXPECT_EQ(Entries(container), entries);
}

TEST(Container, MayBeEmpty) {
  const std::string container = EncodeContainer({});
  EXPECT_EQ(container.size(), kBlockTagBytes);
  EXPECT_EQ(PeekedEntries(container), 0u);
  EXPECT_TRUE(Entries(container).empty());
}

TEST(Container, WriterIsEmptyAfterFinishAndAppends) {
  ContainerWriter writer;
  writer.Add("one");
  EXPECT_EQ(writer.entry_count(), 1u);
  std::string out = "before";
  writer.Finish(&out);
  EXPECT_EQ(writer.entry_count(), 0u);
  EXPECT_EQ(out, "before" + EncodeContainer({"one"}));
  std::string second;
  writer.Add("two");
  writer.Finish(&second);
  EXPECT_EQ(second, EncodeContainer({"two"}));
}

// What unpacks a nested container (a merge) gets the inner ones verbatim, so
// that walking them depth first gives every write in its order.
TEST(Container, NestsAndFlattensInWriteOrder) {
  const std::string inner = EncodeContainer({"2", "3"});
  const std::string outer =
      EncodeContainer({"1", inner, EncodeContainer({}), "4"});
  std::vector<std::string> flat;
  for (const std::string& entry : Entries(outer)) {
    BlockHeader header;
    if (PeekBlock(entry, &header).ok() &&
        header.form == BlockForm::kContainer) {
      for (const std::string& nested : Entries(entry)) flat.push_back(nested);
    } else {
      flat.push_back(entry);
    }
  }
  EXPECT_EQ(flat, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST(Container, EveryTruncationIsCorruptionOrFewerEntries) {
  const std::vector<std::string> entries = {"first", std::string(200, 'y'),
                                            "last"};
  const std::string container = EncodeContainer(entries);
  for (size_t bytes = 0; bytes < container.size(); ++bytes) {
    const std::string cut = container.substr(0, bytes);
    BlockHeader header;
    const Status status = PeekBlock(cut, &header);
    if (!status.ok()) {
      EXPECT_TRUE(status.IsCorruption());
      continue;
    }
    const std::vector<std::string> left = Entries(cut);
    ASSERT_LT(left.size(), entries.size());
    EXPECT_EQ(left, std::vector<std::string>(entries.begin(),
                                             entries.begin() + left.size()));
  }
}

TEST(Container, HasNoColumnsToDecode) {
  SampleRun run;
  EXPECT_TRUE(
      BlockDecoder().Decode(EncodeContainer({"x"}), &run).IsInvalidArgument());
  EXPECT_TRUE(run.empty());
}

TEST(Container, EntrySizeBeyondTheEndIsCorruption) {
  BlockHeader header;
  const std::string tag = "\xa7\x03";
  EXPECT_TRUE(PeekBlock(tag + "\x01", &header).IsCorruption());
  EXPECT_TRUE(PeekBlock(tag + "\x80", &header).IsCorruption());
  EXPECT_TRUE(
      PeekBlock(tag + std::string(9, '\xff') + "\x01", &header).IsCorruption());
}

RC_GTEST_PROP(Container, RoundTripsAnyEntries,
              (const std::vector<std::string>& entries)) {
  const std::string container = EncodeContainer(entries);
  RC_ASSERT(PeekedEntries(container) == entries.size());
  RC_ASSERT(Entries(container) == entries);
}

}  // namespace
}  // namespace varve
