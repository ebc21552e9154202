// A changed part with right checksums, as far as its boxes can be found: what
// lies behind the checksums can then be tried.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "format/part/entry_list.h"
#include "format/part/part_box.h"
#include "format/part/part_file.h"
#include "format/part/part_index.h"
#include "format/part/part_stripe.h"

namespace varve {

class MendedPart {
 public:
  explicit MendedPart(std::string bytes) : bytes_(std::move(bytes)) {
    if (bytes_.size() < kPartFooterBytes || !MendFooter()) return;
    MendBox(footer_.root);
    MendBox(footer_.metaindex);
    std::string payload;
    if (Open(footer_.metaindex, &payload)) MendHandles(payload, false);
    PartRoot root;
    std::string root_payload;
    if (!Open(footer_.root, &root_payload) ||
        !DecodeRoot(root_payload, bytes_.size() - kPartFooterBytes, &root)
             .ok()) {
      return;
    }
    for (const BoxHandle& shard : root.filter_shards) MendBox(shard);
    for (const PartRoot::Leaf& leaf : root.leaves) {
      MendBox(leaf.handle);
      bool internal_keys = false;
      Slice entries;
      if (Open(leaf.handle, &payload) &&
          SplitIndexLeaf(payload, &internal_keys, &entries).ok()) {
        MendHandles(entries, true);
      }
    }
  }

  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr size_t kHandlesMax = 4096;

  // Whatever its handles say: kept, under a new checksum.
  bool MendFooter() {
    char* p = &bytes_[bytes_.size() - kPartFooterBytes];
    const char* limit = p + 29;
    const char* at = DecodeBoxHandle(p + 1, limit, &footer_.metaindex);
    if (at == nullptr || DecodeBoxHandle(at, limit, &footer_.root) == nullptr ||
        !EncodePartFooter(footer_, p).ok()) {
      return false;
    }
    return Within(footer_.metaindex) && Within(footer_.root);
  }
  bool Within(const BoxHandle& handle) const {
    return CheckBoxHandle(handle, bytes_.size() - kPartFooterBytes).ok();
  }
  Slice Stored(const BoxHandle& handle) const {
    return Slice(bytes_.data() + handle.offset,
                 static_cast<size_t>(handle.bytes) + kBoxTrailerBytes);
  }

  void MendBox(const BoxHandle& handle) {
    if (!Within(handle)) return;
    BoxTag tag;
    if (!DecodeBoxTag(Stored(handle), handle, &tag).ok()) return;
    const size_t bytes = static_cast<size_t>(handle.bytes);
    std::string payload(bytes_, static_cast<size_t>(handle.offset), bytes);
    if (tag.kind == BoxKind::kMeta) ClearGlobalSequence(&payload, bytes);
    EncodeBoxTrailer(payload, tag, handle.offset,
                     &bytes_[static_cast<size_t>(handle.offset) + bytes]);
  }

  bool Open(const BoxHandle& handle, std::string* payload) {
    BoxTag tag;
    if (!Within(handle) || !DecodeBoxTag(Stored(handle), handle, &tag).ok()) {
      return false;
    }
    const Slice stored(Stored(handle).data(),
                       static_cast<size_t>(handle.bytes));
    size_t bytes = 0;
    if (!UnpackedBytes(stored, tag.compression, &bytes).ok()) return false;
    payload->resize(bytes);
    return UnpackInto(stored, tag.compression, &(*payload)[0], bytes).ok();
  }

  void MendHandles(const Slice& entries, bool stripes) {
    std::vector<BoxHandle> handles;
    EntryListCursor cursor;
    cursor.Open(entries, 0);
    for (cursor.SeekToFirst(); cursor.Valid() && handles.size() < kHandlesMax;
         cursor.Next()) {
      BoxHandle handle;
      const Slice value = cursor.value();
      if (DecodeBoxHandle(value.data(), value.data() + value.size(), &handle) !=
          nullptr) {
        handles.push_back(handle);
      }
    }
    for (const BoxHandle& handle : handles) {
      MendBox(handle);
      std::string payload;
      StripeFront front;
      if (!stripes || !Open(handle, &payload) ||
          !DecodeStripeFront(payload, handle, bytes_.size() - kPartFooterBytes,
                             &front)
               .ok()) {
        continue;
      }
      for (const StripeFront::Own& own : front.own) MendBox(own.handle);
      for (const BoxHandle& shared : front.shared) MendBox(shared);
    }
  }

  std::string bytes_;
  PartFooter footer_;
};

}  // namespace varve
