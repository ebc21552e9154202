// See index_filter_factory.h.
#include "compaction/index_filter_factory.h"

#include <exception>
#include <string>
#include <unordered_map>
#include <utility>

#include "format/index/index_row.h"
#include "rocksdb/utilities/options_type.h"
#include "varve/policy.h"

namespace varve {
namespace {

using rocksdb::ConfigOptions;
using rocksdb::OptionTypeInfo;
using rocksdb::Slice;

class IndexFilter : public rocksdb::CompactionFilter {
 public:
  IndexFilter(std::shared_ptr<const DeadIds> dead, uint64_t first_day)
      : dead_(std::move(dead)), first_day_(first_day) {}

  const char* Name() const override { return kIndexFilterId; }

  Decision FilterV2(int /*level*/, const Slice& key, ValueType type,
                    const Slice& value, std::string* new_value,
                    std::string* /*skip_until*/) const override {
    if (type != ValueType::kValue && type != ValueType::kMergeOperand) {
      return Decision::kKeep;
    }
    try {
      switch (PruneIndexRow(key, value, *dead_, first_day_, new_value)) {
        case Pruned::kKept:
          return Decision::kKeep;
        case Pruned::kChanged:
          return Decision::kChangeValue;
        case Pruned::kRemoved:
          return Decision::kRemove;
      }
    } catch (const std::exception&) {
      // Out of memory: another compaction will do it.
    }
    return Decision::kKeep;
  }

 private:
  const std::shared_ptr<const DeadIds> dead_;
  const uint64_t first_day_;
};

OptionTypeInfo Duration(int64_t IndexAge::*field) {
  return OptionTypeInfo(
      0, rocksdb::OptionType::kUnknown,
      rocksdb::OptionVerificationType::kNormal, rocksdb::OptionTypeFlags::kNone,
      [field](const ConfigOptions&, const std::string&,
              const std::string& value, void* address) {
        return ParseDuration(value, &(static_cast<IndexAge*>(address)->*field));
      },
      [field](const ConfigOptions&, const std::string&, const void* address,
              std::string* value) {
        *value = FormatDuration(static_cast<const IndexAge*>(address)->*field);
        return Status::OK();
      },
      [field](const ConfigOptions&, const std::string& name,
              const void* address, const void* other, std::string* mismatch) {
        if (static_cast<const IndexAge*>(address)->*field ==
            static_cast<const IndexAge*>(other)->*field) {
          return true;
        }
        *mismatch = name;
        return false;
      });
}

const std::unordered_map<std::string, OptionTypeInfo>* TypeMap() {
  static const auto* const map =
      new std::unordered_map<std::string, OptionTypeInfo>{
          {"retention_period", Duration(&IndexAge::retention_ms)},
          {"safety_lag", Duration(&IndexAge::safety_lag_ms)}};
  return map;
}

}  // namespace

IndexFilterFactory::IndexFilterFactory() {
  RegisterOptions(kIndexAgeName, &age_, TypeMap());
}

std::unique_ptr<rocksdb::CompactionFilter>
IndexFilterFactory::CreateCompactionFilter(
    const rocksdb::CompactionFilter::Context& /*context*/) {
  std::shared_ptr<const DeadIds> dead = age_.dead();
  const uint64_t first_day = age_.FirstDayKept(age_.NowMs());
  if (dead->series.empty() && dead->pairs.empty() && first_day == 0) {
    return nullptr;
  }
  return std::make_unique<IndexFilter>(std::move(dead), first_day);
}

}  // namespace varve
