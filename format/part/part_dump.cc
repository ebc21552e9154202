// See part_dump.h.
#include "format/part/part_dump.h"

#include <algorithm>
#include <string>
#include <vector>

#include "format/coding/hex_lines.h"
#include "format/part/entry_list_dump.h"
#include "format/part/part_box.h"
#include "format/part/part_file.h"
#include "format/part/part_index.h"
#include "format/part/part_stripe.h"

namespace varve {

namespace {

const char* KindText(BoxKind kind) {
  switch (kind) {
    case BoxKind::kRows:
      return "rows";
    case BoxKind::kIndex:
      return "index leaf";
    case BoxKind::kRoot:
      return "root";
    case BoxKind::kFilter:
      return "filter shard";
    case BoxKind::kMeta:
      return "meta block";
    case BoxKind::kHeaders:
      return "headers";
    case BoxKind::kTimestamps:
      return "timestamp columns";
    case BoxKind::kValues:
      return "value columns";
  }
  return "?";
}

struct OpenBox {
  BoxKind kind = BoxKind::kRows;
  std::string payload;  // unpacked
};

class PartDumper {
 public:
  PartDumper(const PartDumpFile& file, const PartDumpLimits& limits,
             const std::function<Status(const std::string&)>& write)
      : file_(file), limits_(limits), write_(write) {}

  Status Run();

 private:
  // What the metaindex leads to: the root and the names of meta blocks.
  Status FindBoxes();
  Status DumpRows();
  Status DumpStripe(const BoxHandle& handle);
  Status DumpTail();
  Status DumpFooter();

  Status Open(const BoxHandle& handle, std::string* stored, OpenBox* box);
  // Shows one box; *box, which may be null, is what it holds.
  Status Dump(const BoxHandle& handle, const std::string& name, OpenBox* box);
  std::string Content(const OpenBox& box, const std::string& name,
                      uint64_t offset) const;
  void Gap(uint64_t end, std::string* text) const;

  struct Extent {
    BoxHandle handle;
    std::string name;
  };

  const PartDumpFile& file_;
  const PartDumpLimits limits_;
  const std::function<Status(const std::string&)>& write_;
  PartFooter footer_;
  OpenBox root_box_;
  PartRoot root_;
  std::vector<Extent> tail_;  // by offset
  uint64_t next_ = 0;         // shown up to here
};

Status PartDumper::Open(const BoxHandle& handle, std::string* stored,
                        OpenBox* box) {
  Status status = CheckBoxHandle(handle, file_.bytes);
  if (status.ok()) {
    status = file_.read(handle.offset,
                        static_cast<size_t>(handle.bytes) + kBoxTrailerBytes,
                        stored);
  }
  BoxTag tag;
  if (status.ok()) status = DecodeBoxTag(*stored, handle, &tag);
  if (!status.ok()) return status;
  box->kind = tag.kind;
  const Slice payload(stored->data(), static_cast<size_t>(handle.bytes));
  size_t bytes = 0;
  status = UnpackedBytes(payload, tag.compression, &bytes);
  if (!status.ok()) return status;
  box->payload.resize(bytes);
  return UnpackInto(payload, tag.compression, &box->payload[0], bytes);
}

std::string PartDumper::Content(const OpenBox& box, const std::string& name,
                                uint64_t offset) const {
  EntryListDump dump(box.payload, offset, limits_.field_bytes_max);
  switch (box.kind) {
    case BoxKind::kRows:
      dump.Entries(ListedEntries::kRows);
      break;
    case BoxKind::kHeaders:
      dump.StripeFront();
      dump.Entries(ListedEntries::kRecords);
      break;
    case BoxKind::kIndex:
      dump.Entries(dump.IndexFlags() ? ListedEntries::kInternalHandles
                                     : ListedEntries::kUserHandles);
      break;
    case BoxKind::kRoot:
      dump.Entries(dump.RootFront() ? ListedEntries::kInternalHandles
                                    : ListedEntries::kUserHandles);
      break;
    case BoxKind::kMeta:
      dump.Entries(name == "metaindex" ? ListedEntries::kUserHandles
                   : name == "rocksdb.range_del"
                       ? ListedEntries::kRangeDeletions
                       : ListedEntries::kProperties);
      break;
    case BoxKind::kFilter:
    case BoxKind::kTimestamps:
    case BoxKind::kValues:
      break;
  }
  dump.Rest(KindText(box.kind));
  return dump.text();
}

Status PartDumper::Dump(const BoxHandle& handle, const std::string& name,
                        OpenBox* box) {
  std::string stored;
  OpenBox own;
  if (box == nullptr) box = &own;
  std::string text;
  Gap(handle.offset, &text);
  const Status opened = Open(handle, &stored, box);
  text += std::string("-- ") + (opened.ok() ? KindText(box->kind) : "box") +
          (name.empty() ? "" : ", " + name) + "\n";
  if (stored.size() < kBoxTrailerBytes) {
    text += opened.ToString() + "\n";
    return write_(text);
  }
  const size_t bytes = stored.size() - kBoxTrailerBytes;
  const Slice payload(stored.data(), bytes);
  BoxTag tag;
  DecodeBoxTag(stored, handle, &tag).PermitUncheckedError();
  if (!opened.ok()) {
    AppendHexLines(payload, handle.offset,
                   {opened.ToString(), 0, limits_.field_bytes_max}, &text);
  } else if (tag.compression == BoxCompression::kNone) {
    if (bytes > 0) text += Content(*box, name, handle.offset);
  } else {
    AppendHexLines(
        payload, handle.offset,
        {"zstd frame of " + std::to_string(box->payload.size()) + " bytes", 0,
         limits_.field_bytes_max},
        &text);
    text += BarredLines(Content(*box, name, 0));
  }
  const Slice trailer(stored.data() + bytes, kBoxTrailerBytes);
  AppendHexLines(Slice(trailer.data(), 1), handle.offset + bytes,
                 {std::string("tag: ") + KindText(tag.kind) +
                  (tag.compression == BoxCompression::kZstd ? ", zstd" : "")},
                 &text);
  if (tag.kind == BoxKind::kMeta) ClearGlobalSequence(&stored, bytes);
  const Status checked = VerifyBox(stored, handle);
  AppendHexLines(Slice(trailer.data() + 1, 4), handle.offset + bytes + 1,
                 {checked.ok() ? "checksum" : checked.ToString()}, &text);
  next_ = handle.end();
  Status status = write_(text);
  return status.ok() ? opened : status;
}

// There is none in a part as we write it.
void PartDumper::Gap(uint64_t end, std::string* text) const {
  if (next_ == end) return;
  *text += "-- " + std::to_string(next_) + " to " + std::to_string(end) +
           (next_ < end ? ": not in any box\n" : ": shown twice\n");
}

Status PartDumper::FindBoxes() {
  std::string stored;
  OpenBox metaindex;
  Status status = Open(footer_.metaindex, &stored, &metaindex);
  if (status.ok()) status = Open(footer_.root, &stored, &root_box_);
  const uint64_t boxes_end = file_.bytes - kPartFooterBytes;
  if (status.ok()) status = DecodeRoot(root_box_.payload, boxes_end, &root_);
  if (!status.ok()) return status;
  tail_ = {{footer_.root, ""}, {footer_.metaindex, "metaindex"}};
  for (const PartRoot::Leaf& leaf : root_.leaves) {
    tail_.push_back({leaf.handle, ""});
  }
  for (const BoxHandle& shard : root_.filter_shards) {
    tail_.push_back({shard, ""});
  }
  EntryListCursor cursor;
  cursor.Open(metaindex.payload, 0);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    Extent extent;
    extent.name = cursor.key().ToString();
    const Slice value = cursor.value();
    if (DecodeBoxHandle(value.data(), value.data() + value.size(),
                        &extent.handle) == nullptr) {
      return Status::Corruption("metaindex: bad handle of " + extent.name);
    }
    tail_.push_back(std::move(extent));
  }
  std::sort(tail_.begin(), tail_.end(), [](const Extent& a, const Extent& b) {
    return a.handle.offset < b.handle.offset;
  });
  return status;
}

Status PartDumper::DumpStripe(const BoxHandle& handle) {
  OpenBox box;
  Status status = Dump(handle, "", &box);
  if (!status.ok() || box.kind != BoxKind::kHeaders) return status;
  StripeFront front;
  status = DecodeStripeFront(box.payload, handle, root_.rows_end, &front);
  for (const StripeFront::Own& own : front.own) {
    if (status.ok()) status = Dump(own.handle, "", nullptr);
  }
  return status;
}

Status PartDumper::DumpRows() {
  std::string stored;
  for (const PartRoot::Leaf& leaf : root_.leaves) {
    OpenBox box;
    Status status = Open(leaf.handle, &stored, &box);
    bool internal_keys = false;
    Slice entries;
    if (status.ok())
      status = SplitIndexLeaf(box.payload, &internal_keys, &entries);
    if (!status.ok()) return status;
    EntryListCursor cursor;
    cursor.Open(entries, 0);
    for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
      BoxHandle handle;
      const Slice value = cursor.value();
      if (DecodeBoxHandle(value.data(), value.data() + value.size(), &handle) ==
          nullptr) {
        return Status::Corruption("index leaf: bad handle");
      }
      // Forward only: else a part could make its dump endless.
      if (handle.offset < next_) {
        return Status::Corruption("index leaf: handles out of order");
      }
      status = DumpStripe(handle);
      if (!status.ok()) return status;
    }
    if (cursor.corrupt()) return Status::Corruption("index leaf: bad entry");
  }
  return Status::OK();
}

Status PartDumper::DumpTail() {
  Status result;
  for (const Extent& extent : tail_) {
    const Status status = Dump(extent.handle, extent.name, nullptr);
    if (result.ok()) result = status;
  }
  return result;
}

Status PartDumper::DumpFooter() {
  if (file_.bytes < kPartFooterBytes) return Status::OK();
  const uint64_t at = file_.bytes - kPartFooterBytes;
  std::string footer;
  Status status = file_.read(at, kPartFooterBytes, &footer);
  if (!status.ok()) return status;
  std::string text;
  Gap(at, &text);
  text += "-- footer\n";
  EntryListDump dump(footer, at, SIZE_MAX);
  dump.Footer();
  return write_(text + dump.text());
}

Status PartDumper::Run() {
  std::string tail;
  const size_t tail_bytes =
      static_cast<size_t>(std::min<uint64_t>(file_.bytes, kPartFooterBytes));
  Status status = file_.read(file_.bytes - tail_bytes, tail_bytes, &tail);
  if (status.ok()) status = DecodePartFooter(tail, file_.bytes, &footer_);
  if (status.ok()) status = FindBoxes();
  if (status.ok()) {
    status = DumpRows();
    const Status tail_status = DumpTail();
    if (status.ok()) status = tail_status;
  }
  const Status footer_status = DumpFooter();
  if (status.ok()) status = footer_status;
  if (!status.ok()) write_(status.ToString() + "\n").PermitUncheckedError();
  return status;
}

}  // namespace

Status DumpPart(const PartDumpFile& file, const PartDumpLimits& limits,
                const std::function<Status(const std::string&)>& write) {
  return PartDumper(file, limits, write).Run();
}

}  // namespace varve
