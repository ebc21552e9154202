// See row_spans.h.
#include "plugin/memtable/row_spans.h"

#include <algorithm>

namespace varve::memtable {
namespace {

// Rows with fewer records in complete chunks are read as they are.
constexpr uint32_t kRecordsMin = 64;

EntryReach ReachOf(const OperandChunk& chunk, RowReach* reach) {
  EntryReach all;
  RecordWalk records(chunk);
  for (uint32_t left = chunk.extent().count; left > 0; --left) {
    all.Join(reach->OfOperand(records.Next().value));
  }
  return all;
}

// Appends them, newest first.
void AllParts(const OperandChunk& newest, ChunkPart::Known known,
              std::vector<ChunkPart>* parts) {
  for (const OperandChunk* chunk = &newest; chunk != nullptr;
       chunk = chunk->older) {
    parts->push_back({chunk, chunk->extent().count, known});
  }
}

}  // namespace

void RowSpans::Extend(const OperandChunk* newest_complete, RowReach* reach,
                      Spans* spans) {
  const OperandChunk* const known =
      spans->empty() ? nullptr : spans->back().chunk;
  const size_t first = spans->size();
  for (const OperandChunk* chunk = newest_complete;
       chunk != nullptr && chunk != known; chunk = chunk->older) {
    spans->push_back({chunk, ReachOf(*chunk, reach), 0});
  }
  std::reverse(spans->begin() + static_cast<ptrdiff_t>(first), spans->end());
  for (size_t i = first; i < spans->size(); ++i) {
    Span& span = (*spans)[i];
    span.last_ms_to_here = span.reach.last_ms;
    if (i > 0) {
      span.last_ms_to_here =
          std::max(span.last_ms_to_here, (*spans)[i - 1].last_ms_to_here);
    }
  }
}

void RowSpans::Find(const SampleRow& row, int64_t from_ms, int64_t to_ms,
                    RowReach* reach, std::vector<ChunkPart>* parts) {
  parts->clear();
  const OperandChunk* const newest = row.newest();
  if (newest->first_index < kRecordsMin) {
    return AllParts(*newest, ChunkPart::Known::kNothing, parts);
  }
  parts->push_back({newest, newest->extent().count});
  Shard& shard = shards_[reinterpret_cast<uintptr_t>(&row) / 64 % kLocks];
  std::lock_guard<std::mutex> guard(shard.mutex);
  Spans& spans = shard.rows[&row];
  // Another reader may know of chunks that are newer than this one's newest.
  if (spans.empty() || spans.back().chunk->first_index < newest->first_index) {
    Extend(newest->older, reach, &spans);
  }
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    if (span->last_ms_to_here < from_ms) break;
    if (span->chunk->first_index >= newest->first_index) continue;
    if (!span->reach.Meets(from_ms, to_ms)) continue;
    const bool within =
        span->reach.first_ms >= from_ms && span->reach.last_ms <= to_ms;
    parts->push_back(
        {span->chunk, span->chunk->extent().count,
         within ? ChunkPart::Known::kAllMeet : ChunkPart::Known::kNothing});
  }
}

void PickOperands(const SampleRow& row, const ReadHint& hint, RowSpans* spans,
                  std::vector<Operand>* operands) {
  const RowShape shape = hint.shape() == nullptr ? RowShape() : *hint.shape();
  RowReach reach(shape, row.user_key());
  const bool all = hint.shape() == nullptr || reach.foreign();
  std::vector<ChunkPart> parts;
  if (all) {
    AllParts(*row.newest(), ChunkPart::Known::kAllMeet, &parts);
  } else {
    spans->Find(row, hint.from_ms(), hint.to_ms(), &reach, &parts);
  }
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    const bool takes_all = part->known == ChunkPart::Known::kAllMeet;
    RecordWalk records(*part->chunk);
    for (uint32_t left = part->count; left > 0; --left) {
      const Operand operand = records.Next();
      if (takes_all ||
          reach.OfOperand(operand.value).Meets(hint.from_ms(), hint.to_ms())) {
        operands->push_back(operand);
      }
    }
  }
}

}  // namespace varve::memtable
