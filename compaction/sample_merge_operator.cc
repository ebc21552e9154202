// See sample_merge_operator.h.
#include "compaction/sample_merge_operator.h"

#include <exception>
#include <functional>
#include <memory>

#include "compaction/entry_reach.h"
#include "compaction/job_counters.h"
#include "compaction/read_hint.h"
#include "compaction/row_merge.h"
#include "format/row/row_entries.h"

namespace varve {
namespace {

// Memory that the merges of one thread reuse.
struct Scratch {
  RowMerger merger;
  std::vector<Slice> entries;
  std::vector<Slice> picked;
  ContainerWriter container;
};

thread_local std::unique_ptr<Scratch> thread_scratch;

Scratch* ThreadScratch() {
  if (thread_scratch == nullptr) thread_scratch = std::make_unique<Scratch>();
  return thread_scratch.get();
}

// Picks the entries of one row that a read of the hint's range needs.
class EntryPicker {
 public:
  EntryPicker(const RowShape& shape, const Slice& key, const ReadHint& hint,
              std::vector<Slice>* picked)
      : reach_(shape, key), hint_(hint), picked_(picked) {
    picked_->clear();
  }

  void Take(const Slice& entry) {
    if (reach_.foreign()) {
      picked_->push_back(entry);
      return;
    }
    entries_.Open(entry);
    while (entries_.Next()) {
      if (reach_.Of(entries_).Meets(hint_.from_ms(), hint_.to_ms())) {
        picked_->push_back(entries_.entry());
      }
    }
  }

 private:
  const RowReach reach_;
  const ReadHint& hint_;
  std::vector<Slice>* const picked_;
  RowEntries entries_;
};

bool LiesWithin(const Slice& entry, const Slice* value) {
  const std::less_equal<const char*> at_most;
  return value != nullptr && at_most(value->data(), entry.data()) &&
         at_most(entry.data(), value->data() + value->size());
}

void PickForRead(const RowShape& shape, const ReadHint& hint,
                 const rocksdb::MergeOperator::MergeOperationInput& in,
                 rocksdb::MergeOperator::MergeOperationOutput* out) {
  Scratch* const scratch = ThreadScratch();
  EntryPicker picker(shape, in.key, hint, &scratch->picked);
  if (in.existing_value != nullptr) picker.Take(*in.existing_value);
  for (const Slice& operand : in.operand_list) picker.Take(operand);
  // An iterator may let go of the base before it looks at the result
  // (DBIter::MergeValuesNewToOld with blob files); operands it keeps.
  if (scratch->picked.size() == 1 &&
      !LiesWithin(scratch->picked[0], in.existing_value)) {
    out->existing_operand = scratch->picked[0];
    return;
  }
  for (const Slice& entry : scratch->picked) scratch->container.Add(entry);
  out->new_value.clear();
  scratch->container.Finish(&out->new_value);
}

// A failure is one of reading the key: flushes and compactions go on, with its
// entries as they were. RocksDB before 7.10 has no such word, and there a
// database stops.
template <typename Output>
auto FailReadsAlone(Output* out, int)
    -> decltype(out->op_failure_scope, void()) {
  out->op_failure_scope = decltype(out->op_failure_scope)::kMustMerge;
}
template <typename Output>
void FailReadsAlone(Output* /*out*/, long) {}

// When memory runs out in a merge: all entries as they are. What the merge
// left in the scratch belongs to no row.
bool KeepAll(const rocksdb::MergeOperator::MergeOperationInput& in,
             rocksdb::MergeOperator::MergeOperationOutput* out) {
  thread_scratch.reset();
  try {
    ContainerWriter container;
    if (in.existing_value != nullptr) container.Add(*in.existing_value);
    for (const Slice& operand : in.operand_list) container.Add(operand);
    out->new_value.clear();
    container.Finish(&out->new_value);
    return true;
  } catch (const std::exception&) {
    FailReadsAlone(out, 0);
    return false;  // nothing can be made of it without memory
  }
}

}  // namespace

SampleMergeOperator::SampleMergeOperator()
    : PolicyObject(PolicyUse::kAll, PolicyText::kOptional, kMergeOption) {
  RegisterOptions(kCountersName, &counters_, nullptr);
}

bool SampleMergeOperator::FullMergeV2(const MergeOperationInput& in,
                                      MergeOperationOutput* out) const {
  try {
    const Policy& now_in_force = policy().Get();
    if (const ReadHint* const hint = ReadHint::Current()) {
      PickForRead(now_in_force.shape, *hint, in, out);
      return true;
    }
    Scratch* const scratch = ThreadScratch();
    scratch->entries.clear();
    if (in.existing_value != nullptr) {
      scratch->entries.push_back(*in.existing_value);
    }
    scratch->entries.insert(scratch->entries.end(), in.operand_list.begin(),
                            in.operand_list.end());
    if (scratch->entries.empty()) return true;
    Counters counters;
    RowMergeResult result{&out->new_value};
    // The result of a full merge has met its base: it is as old and as whole
    // as rows get here, and worth smaller bytes. A lone operand becomes a
    // value by this, once: no compaction merges it again.
    const LoneEntry lone = in.existing_value == nullptr ? LoneEntry::kIsEncoded
                                                        : LoneEntry::kStays;
    scratch->merger.Merge(
        {now_in_force, policy().NowMs(), in.key, scratch->entries.data(),
         scratch->entries.size(), Profile::kCompact, lone},
        &result, &counters);
    if (!result.unchanged.empty()) out->existing_operand = result.unchanged;
    counters_.Add(counters);
    JobCounters::Add(counters);
    return true;
  } catch (const std::exception&) {
    return KeepAll(in, out);
  }
}

bool SampleMergeOperator::PartialMergeMulti(
    const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
    std::string* new_value, rocksdb::Logger* /*logger*/) const {
  if (operands.empty()) return false;
  try {
    Scratch* const scratch = ThreadScratch();
    scratch->entries.assign(operands.begin(), operands.end());
    Counters counters;
    RowMergeResult result{new_value};
    scratch->merger.Merge(
        {policy().Get(), policy().NowMs(), key, scratch->entries.data(),
         scratch->entries.size(), Profile::kFast},
        &result, &counters);
    if (!result.unchanged.empty()) {
      new_value->assign(result.unchanged.data(), result.unchanged.size());
    }
    counters_.Add(counters);
    JobCounters::Add(counters);
    return true;
  } catch (const std::exception&) {
    thread_scratch.reset();
    new_value->clear();
    return false;  // RocksDB keeps the operands as they are
  }
}

}  // namespace varve
