// See index_merge_operator.h.
#include "compaction/index_merge_operator.h"

#include <exception>
#include <vector>

#include "format/coding/varint.h"
#include "format/index/index_form.h"
#include "format/index/index_row.h"

namespace varve {
namespace {

using rocksdb::Slice;

// When memory runs out in a merge: all entries as they are.
bool KeepAll(const std::vector<Slice>& entries, std::string* value) {
  try {
    value->assign(1, static_cast<char>(IndexForm::kContainer));
    for (const Slice& entry : entries) {
      AppendVarint(value, entry.size());
      value->append(entry.data(), entry.size());
    }
    return true;
  } catch (const std::exception&) {
    return false;  // nothing can be made of it without memory
  }
}

}  // namespace

bool IndexMergeOperator::FullMergeV2(const MergeOperationInput& in,
                                     MergeOperationOutput* out) const {
  std::vector<Slice> entries;
  try {
    if (in.existing_value != nullptr) entries.push_back(*in.existing_value);
    entries.insert(entries.end(), in.operand_list.begin(),
                   in.operand_list.end());
    if (entries.empty()) return true;
    UniteIndexRow(in.key, entries.data(), entries.size(), &out->new_value);
    return true;
  } catch (const std::exception&) {
    return KeepAll(entries, &out->new_value);
  }
}

bool IndexMergeOperator::PartialMergeMulti(const Slice& key,
                                           const std::deque<Slice>& operands,
                                           std::string* new_value,
                                           rocksdb::Logger* /*logger*/) const {
  if (operands.empty()) return false;
  try {
    const std::vector<Slice> entries(operands.begin(), operands.end());
    UniteIndexRow(key, entries.data(), entries.size(), new_value);
    return true;
  } catch (const std::exception&) {
    new_value->clear();
    return false;  // RocksDB keeps the operands as they are
  }
}

}  // namespace varve
