// Which of a row's chunks a read of a span of time needs: what the chunks
// that are complete reach (compaction/entry_reach.h), remembered from one read
// to the next. Nothing is kept for rows of a few chunks, nor for rows that
// nobody read. Says nothing of single records: see PickOperands.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "compaction/entry_reach.h"
#include "compaction/read_hint.h"
#include "plugin/memtable/sample_row.h"

namespace varve::memtable {

// The first `count` records of a chunk.
struct ChunkPart {
  // What is known of them.
  enum class Known { kNothing, kAllMeet };

  const OperandChunk* chunk;
  uint32_t count;
  Known known = Known::kNothing;
};

class RowSpans {
 public:
  // Sets *parts to those chunks of the row that may hold an operand which
  // meets the span, newest first. `reach` is the row's; with another shape
  // than an earlier one of the memtable the answer is of either. Thread-safe.
  void Find(const SampleRow& row, int64_t from_ms, int64_t to_ms,
            RowReach* reach, std::vector<ChunkPart>* parts);

 private:
  static constexpr size_t kLocks = 16;

  struct Span {
    const OperandChunk* chunk;
    EntryReach reach;
    int64_t last_ms_to_here;  // of it and all older ones
  };
  using Spans = std::vector<Span>;  // of complete chunks, oldest first
  struct Shard {
    std::mutex mutex;
    std::unordered_map<const SampleRow*, Spans> rows;
  };

  static void Extend(const OperandChunk* newest_complete, RowReach* reach,
                     Spans* spans);

  std::array<Shard, kLocks> shards_;
};

// Appends to *operands, oldest first, those of the row that a merge under the
// hint may pick: all, if the hint has no shape or the key is of no row. They
// point into the memtable.
void PickOperands(const SampleRow& row, const ReadHint& hint, RowSpans* spans,
                  std::vector<Operand>* operands);

}  // namespace varve::memtable
