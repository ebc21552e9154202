// Whether a zstd dictionary would make a part smaller: every box of its rows
// packed with and without one, which is trained on that very part, so that a
// real one could only do worse. The dictionary's own bytes count.
//
//   part_dictionary_bench <part>...
//
// `part_size_bench --keep=FOLDER` leaves parts of samples. A box is stored
// packed when that saves an eighth, as the table does it.
#include <zdict.h>
#include <zstd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "bench/check.h"
#include "format/part/entry_list.h"
#include "format/part/part_box.h"
#include "format/part/part_file.h"
#include "format/part/part_index.h"
#include "format/part/part_stripe.h"

namespace varve {
namespace {

constexpr int kLevel = 3;
constexpr size_t kTrainingPieceBytes = 1024;

using Boxes = std::map<BoxKind, std::vector<std::string>>;

// The boxes of rows and columns of one part, unpacked.
class PartBoxes {
 public:
  PartBoxes(const std::string& part, Boxes* boxes) : part_(part) {
    PartFooter footer;
    Check(DecodePartFooter(part, part.size(), &footer));
    PartRoot root;
    const std::string payload = Open(footer.root);
    Check(DecodeRoot(payload, footer.root.offset, &root));
    for (const PartRoot::Leaf& leaf : root.leaves) {
      const std::string index = Open(leaf.handle);
      bool internal_keys;
      Slice entries;
      Check(SplitIndexLeaf(index, &internal_keys, &entries));
      EntryListCursor cursor;
      cursor.Open(entries, 0);
      for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
        BoxHandle rows;
        const char* value = cursor.value().data();
        DecodeBoxHandle(value, value + cursor.value().size(), &rows);
        Check(CheckBoxHandle(rows, root.rows_end));
        AddRows(rows, root.rows_end, boxes);
      }
    }
  }

 private:
  std::string Open(const BoxHandle& handle, BoxTag* tag) const {
    const Slice box(part_.data() + handle.offset,
                    static_cast<size_t>(handle.bytes) + kBoxTrailerBytes);
    const Slice stored(box.data(), static_cast<size_t>(handle.bytes));
    Check(VerifyBox(box, handle));
    Check(DecodeBoxTag(box, handle, tag));
    size_t bytes;
    Check(UnpackedBytes(stored, tag->compression, &bytes));
    std::string payload(bytes, '\0');
    Check(UnpackInto(stored, tag->compression, payload.data(), bytes));
    return payload;
  }
  std::string Open(const BoxHandle& handle) const {
    BoxTag tag;
    return Open(handle, &tag);
  }
  void AddRows(const BoxHandle& rows, uint64_t rows_end, Boxes* boxes) const {
    BoxTag tag;
    std::string payload = Open(rows, &tag);
    if (tag.kind == BoxKind::kHeaders) {
      StripeFront front;
      Check(DecodeStripeFront(payload, rows, rows_end, &front));
      for (const StripeFront::Own& own : front.own) {
        (*boxes)[own.kind].push_back(Open(own.handle));
      }
    }
    (*boxes)[tag.kind].push_back(std::move(payload));
  }

  const std::string& part_;
};

std::string Train(const std::vector<std::string>& boxes, size_t bytes) {
  std::string samples;
  std::vector<size_t> sizes;
  for (const std::string& box : boxes) {
    for (size_t at = 0; at < box.size(); at += kTrainingPieceBytes) {
      sizes.push_back(std::min(kTrainingPieceBytes, box.size() - at));
    }
    samples += box;
  }
  std::string dictionary(bytes, '\0');
  const size_t made =
      ZDICT_trainFromBuffer(dictionary.data(), bytes, samples.data(),
                            sizes.data(), static_cast<unsigned>(sizes.size()));
  dictionary.resize(ZDICT_isError(made) ? 0 : made);
  return dictionary;
}

// An empty dictionary: none.
size_t PackedBytes(const std::vector<std::string>& boxes,
                   const std::string& dictionary) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CDict* const prepared =
      ZSTD_createCDict(dictionary.data(), dictionary.size(), kLevel);
  std::string packed;
  size_t total = dictionary.size();
  for (const std::string& box : boxes) {
    packed.resize(ZSTD_compressBound(box.size()));
    const size_t bytes =
        ZSTD_compress_usingCDict(context, packed.data(), packed.size(),
                                 box.data(), box.size(), prepared);
    total += bytes < box.size() - box.size() / 8 ? bytes : box.size();
  }
  ZSTD_freeCDict(prepared);
  ZSTD_freeCCtx(context);
  return total;
}

void Report(const char* name, const std::vector<std::string>& boxes) {
  size_t raw = 0;
  for (const std::string& box : boxes) raw += box.size();
  const size_t without = PackedBytes(boxes, "");
  std::printf("%-10s %6zu boxes %10zu bytes, packed %9zu", name, boxes.size(),
              raw, without);
  for (const size_t bytes : {4096, 16384, 65536}) {
    const std::string dictionary = Train(boxes, bytes);
    const double with = static_cast<double>(PackedBytes(boxes, dictionary));
    std::printf("; %zu KiB: %+.1f %%", bytes / 1024,
                100 * (with / static_cast<double>(without) - 1));
  }
  std::printf("\n");
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  using namespace varve;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const std::string part((std::istreambuf_iterator<char>(in)), {});
    std::printf("%s\n", argv[i]);
    Boxes boxes;
    PartBoxes(part, &boxes);
    const std::pair<BoxKind, const char*> kinds[] = {
        {BoxKind::kRows, "rows"},
        {BoxKind::kHeaders, "headers"},
        {BoxKind::kTimestamps, "timestamps"},
        {BoxKind::kValues, "values"}};
    for (const auto& [kind, name] : kinds) {
      if (!boxes[kind].empty()) Report(name, boxes[kind]);
    }
  }
  return argc > 1 ? 0 : 2;
}
