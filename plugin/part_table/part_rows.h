// The rows of one box as they were given: opaque ones where they lie, blocks
// of samples put together again from the columns of their stripe.
#pragma once

#include <memory>
#include <vector>

#include "format/part/entry_list.h"
#include "format/part/part_stripe.h"
#include "plugin/part_table/part_box_source.h"

namespace varve {

class PartTableReader;
class PartReadahead;

class PartRows {
 public:
  explicit PartRows(const PartTableReader& table);

  // Opens the box at `handle`, with the cursor before its first row.
  Status Open(const BoxHandle& handle, const BoxRequest& request);
  // The same from a box that is already loaded.
  Status Open(const BoxHandle& handle, BoxRef box);
  // Shared timestamp boxes are kept: the next stripe likely needs them too.
  void Close();

  EntryListCursor& cursor() { return cursor_; }
  const EntryListCursor& cursor() const { return cursor_; }
  const BoxHandle& handle() const { return handle_; }
  // Keeps opaque rows and keys alive.
  BoxRef& box() { return box_; }
  bool has_columns() const { return has_columns_; }

  // REQUIRES: cursor().Valid() below.
  // The row has to be put together: its bytes are not in the box.
  Status Decode(StripeRecord* record) const;
  // `record` comes from Decode. Reads the columns that it needs and writes its
  // row_bytes() to out. `readahead` may be null.
  Status Stitch(const StripeRecord& record, const BoxRequest& request,
                PartReadahead* readahead, char* out);

 private:
  struct Shared {
    uint64_t offset;
    BoxRef ref;
  };
  Status OpenFront();
  // A box of the stripe's own.
  struct Columns {
    uint64_t offset = UINT64_MAX;
    BoxRef ref;
  };
  // nullptr: the stripe has no such box. Decode sees to it that a record has
  // those that it needs.
  const BoxHandle* OwnBox(uint64_t box, BoxKind kind) const;
  const BoxHandle* TimestampsOf(const StripeRecord& record) const;
  Status LoadColumns(const BoxHandle& handle, BoxKind kind,
                     const BoxRequest& request, PartReadahead* readahead,
                     Columns* columns) const;
  Status LoadTimestamps(const StripeRecord& record, const BoxRequest& request,
                        PartReadahead* readahead, Slice* payload);
  Status LoadShared(const BoxHandle& handle, const BoxRequest& request,
                    const BoxRef** ref);
  Status BadRecord() const;

  const PartTableReader& table_;
  EntryListCursor cursor_;
  BoxHandle handle_;
  BoxRef box_;
  bool has_columns_ = false;
  StripeFront front_;
  Columns values_;  // the last one used
  Columns timestamps_;
  std::vector<Shared> shared_;  // most recently used last
};

}  // namespace varve
