// See selection.h.
#include "index/selection.h"

#include <algorithm>

#include "format/index/index_row.h"

namespace varve {
namespace {

constexpr uint64_t kDayMax = kTimestampMax / kMillisPerDay;

// As many bytes of the value as the bound has.
Slice Front(const Slice& value, const std::string& bound) {
  return {value.data(), std::min(value.size(), bound.size())};
}

// The largest first, so that few remain early.
bool RunsBefore(const ValueMatcher& a, const ValueMatcher& b) {
  const auto cost = [](const ValueMatcher& matcher) {
    return (matcher.MatchesAbsent() ? 2 : 0) +
           (matcher.picked() == nullptr ? 1 : 0);
  };
  return cost(a) < cost(b);
}

}  // namespace

Status Selection::WalkValues(const std::string& name,
                             const ValueMatcher* matcher,
                             const OnValue& on_value) {
  std::string low;
  std::string high = "\xff";
  if (matcher != nullptr) matcher->Bounds(&low, &high);
  const std::string prefix = PairKey(name, "");
  for (rows_->Seek(PairKey(name, low));
       rows_->Valid() && rows_->key().starts_with(prefix); rows_->Next()) {
    Slice value = rows_->key();
    value.remove_prefix(prefix.size());
    if (Front(value, high).compare(high) > 0) break;
    if (matcher != nullptr && !matcher->Picks(value)) continue;
    uint64_t pair;
    const Status status = DecodeNumber(rows_->value(), &pair);
    if (!status.ok()) return IndexReader::BadRow(rows_->key(), status);
    if (dead_->pairs.Contains(pair)) continue;
    if (!on_value(value, pair)) break;
  }
  return rows_->status();
}

Status Selection::ReadPosting(uint64_t pair, IdSet* ids) {
  const Status status = IndexReader::ReadIds(
      OwnerPrefix(IndexRowKind::kPosting, pair), rows_.get(), ids);
  if (status.ok()) ids->Subtract(dead_->series);
  return status;
}

// From the newest ids on, since what lives is there.
Status Selection::IsEmptyPosting(uint64_t pair, const IdSet& but, bool* empty) {
  const std::string prefix = OwnerPrefix(IndexRowKind::kPosting, pair);
  *empty = false;
  for (rows_->SeekForPrev(OwnerPrefix(IndexRowKind::kPosting, pair + 1));
       rows_->Valid() && rows_->key().starts_with(prefix); rows_->Prev()) {
    IndexKey key;
    if (!ParseIndexKey(rows_->key(), &key)) continue;
    IdChunk chunk;
    const Status status = chunk.Add(rows_->value());
    if (!status.ok()) return IndexReader::BadRow(rows_->key(), status);
    for (const IdSet* const gone : {&dead_->series, &but}) {
      const IdChunk* const ids = gone->Find(key.chunk);
      if (ids != nullptr) chunk.Subtract(*ids);
    }
    if (!chunk.empty()) return Status::OK();
  }
  *empty = true;
  return rows_->status();
}

Status Selection::ReadPicked(const ValueMatcher& matcher, IdSet* ids) {
  std::vector<uint64_t> pairs;
  Status status;
  if (const std::vector<std::string>* const values = matcher.picked()) {
    std::vector<std::string> keys;
    for (const std::string& value : *values) {
      keys.push_back(PairKey(matcher.name(), value));
    }
    status = reader_.ReadNumbers(keys, &pairs);
  } else {
    status =
        WalkValues(matcher.name(), &matcher, [&](const Slice&, uint64_t pair) {
          pairs.push_back(pair);
          return true;
        });
  }
  std::sort(pairs.begin(), pairs.end());
  for (const uint64_t pair : pairs) {
    if (!status.ok()) return status;
    if (pair == kNoId || dead_->pairs.Contains(pair)) continue;
    status = IndexReader::ReadIds(OwnerPrefix(IndexRowKind::kPosting, pair),
                                  rows_.get(), ids);
  }
  return status;
}

Status Selection::Match(const std::vector<Matcher>& matchers, IdSet* ids) {
  std::vector<std::unique_ptr<ValueMatcher>> made(matchers.size());
  Status status;
  for (size_t i = 0; i < matchers.size(); ++i) {
    status = ValueMatcher::Make(matchers[i], core_->options, &made[i]);
    if (!status.ok()) return status;
  }
  std::stable_sort(made.begin(), made.end(), [](const auto& a, const auto& b) {
    return RunsBefore(*a, *b);
  });
  bool first = true;
  for (const auto& matcher : made) {
    if (matcher->MatchesAbsent() && first) {
      status = IndexReader::ReadIds(
          OwnerPrefix(IndexRowKind::kPosting, kEverySeries), rows_.get(), ids);
      first = false;
    }
    if (!status.ok() || (!first && ids->empty())) return status;
    IdSet picked;
    status = ReadPicked(*matcher, &picked);
    if (!status.ok()) return status;
    if (matcher->MatchesAbsent()) {
      ids->Subtract(picked);
    } else if (first) {
      *ids = std::move(picked);
    } else {
      ids->IntersectWith(picked);
    }
    first = false;
  }
  if (first) {
    status = IndexReader::ReadIds(
        OwnerPrefix(IndexRowKind::kPosting, kEverySeries), rows_.get(), ids);
  }
  return status;
}

Status Selection::KeepDay(uint64_t day, IdSet* rest, IdSet* found) {
  IdSet hit;
  std::vector<std::string> keys;
  for (const IdSet::Part& part : rest->parts()) {
    keys.push_back(OwnedChunkKey(IndexRowKind::kDay, day, part.chunk));
  }
  std::vector<IdChunk> chunks;
  const Status status = reader_.ReadChunks(keys, &chunks);
  if (!status.ok()) return status;
  for (size_t i = 0; i < chunks.size(); ++i) {
    chunks[i].IntersectWith(rest->parts()[i].ids);
    hit.Add(rest->parts()[i].chunk, std::move(chunks[i]));
  }
  rest->Subtract(hit);
  found->UniteWith(hit);
  return status;
}

// From the last day on: what lives is there.
Status Selection::KeepDays(uint64_t first, uint64_t last, IdSet* ids) {
  IdSet rest = std::move(*ids);
  *ids = IdSet();
  rows_->SeekForPrev(OwnerPrefix(IndexRowKind::kDay, last + 1));
  while (!rest.empty() && rows_->Valid()) {
    IndexKey key;
    if (!ParseIndexKey(rows_->key(), &key)) {
      rows_->Prev();
      continue;
    }
    if (key.kind != IndexRowKind::kDay || key.owner < first) break;
    const Status status = KeepDay(key.owner, &rest, ids);
    if (!status.ok()) return status;
    rows_->SeekForPrev(OwnerPrefix(IndexRowKind::kDay, key.owner));
  }
  return rows_->status();
}

bool Selection::IsEverything(const std::vector<Matcher>& matchers,
                             const TimeRange& range) const {
  return matchers.empty() && core_->age->retention_ms == 0 &&
         range.start_ms <= kTimestampMin && range.end_ms >= kTimestampMax;
}

Status Selection::Select(const std::vector<Matcher>& matchers,
                         const TimeRange& range, int64_t now_ms, IdSet* ids) {
  *ids = IdSet();
  Status status = Match(matchers, ids);
  if (!status.ok()) return status;
  ids->Subtract(dead_->series);
  if (IsEverything({}, range)) return status;
  if (range.end_ms < kTimestampMin || range.start_ms > range.end_ms) {
    *ids = IdSet();
    return status;
  }
  const int64_t now = now_ms < 0 ? core_->age->NowMs() : now_ms;
  const uint64_t first =
      std::max(static_cast<uint64_t>(std::max(range.start_ms, kTimestampMin) /
                                     kMillisPerDay),
               core_->age->FirstDaySeen(now));
  const uint64_t last =
      std::min(static_cast<uint64_t>(range.end_ms / kMillisPerDay), kDayMax);
  return KeepDays(first, last, ids);
}

}  // namespace varve
