// See policy_agreement.h.
#include "compaction/policy_agreement.h"

#include <algorithm>

#include "rocksdb/compaction_filter.h"
#include "rocksdb/comparator.h"
#include "rocksdb/listener.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/sst_partitioner.h"
#include "rocksdb/table_properties.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyOptions;

// One object of a column family, and the option that holds it.
struct Holder {
  const char* option;
  PolicyUse use;
  const LivePolicy* live;
};

std::vector<Holder> OtherHolders(const ColumnFamilyOptions& options) {
  std::vector<Holder> holders = {
      {kFilterOption, PolicyUse::kAll,
       FindLivePolicy(options.compaction_filter_factory.get())},
      {kPartitionerOption, PolicyUse::kShape,
       FindLivePolicy(options.sst_partitioner_factory.get())}};
  for (const auto& factory : options.table_properties_collector_factories) {
    holders.push_back(
        {kCollectorOption, PolicyUse::kShape, FindLivePolicy(factory.get())});
  }
  return holders;
}

Status NoMergeOperator(const ColumnFamilyOptions& options, const char* option) {
  const std::string present = options.merge_operator == nullptr
                                  ? "not set"
                                  : options.merge_operator->Name();
  return Status::InvalidArgument(
      std::string(option) + " is Varve's, but merge_operator is " + present +
      ": set merge_operator={id=" + kSampleMergeId +
      ";...} with the same fields");
}

Status CheckHolder(const LivePolicy& merge, const Holder& holder) {
  if (!holder.live->configured()) {
    return Status::InvalidArgument(
        std::string(holder.option) +
        " has no policy: give it the same fields as merge_operator has");
  }
  Policy expected = merge.Get();
  if (holder.use == PolicyUse::kShape) {
    expected = Policy();
    expected.shape = merge.Get().shape;
  }
  const std::string there = std::string("in ") + holder.option;
  const std::string difference = expected.Difference(
      holder.live->Get(), "in merge_operator", there.c_str());
  if (difference.empty()) return Status::OK();
  return Status::InvalidArgument(
      difference + ": give all objects of a column family the same policy");
}

}  // namespace

const LivePolicy* FindLivePolicy(const rocksdb::Customizable* object) {
  return object == nullptr ? nullptr
                           : object->GetOptions<LivePolicy>(kLivePolicyName);
}

bool HasScheduler(const rocksdb::DBOptions& options) {
  return std::any_of(options.listeners.begin(), options.listeners.end(),
                     [](const auto& listener) {
                       return listener->IsInstanceOf(kTierSchedulerId);
                     });
}

Status CheckPolicyAgreement(const rocksdb::DBOptions& db_options,
                            const ColumnFamilyOptions& cf_options) {
  const LivePolicy* const merge =
      FindLivePolicy(cf_options.merge_operator.get());
  auto moment = LivePolicy::OneMoment();
  for (const Holder& holder : OtherHolders(cf_options)) {
    if (holder.live == nullptr) continue;
    if (merge == nullptr) return NoMergeOperator(cf_options, holder.option);
    const Status status = CheckHolder(*merge, holder);
    if (!status.ok()) return status;
  }
  moment.unlock();
  if (merge == nullptr) return Status::OK();
  if (cf_options.comparator != rocksdb::BytewiseComparator()) {
    return Status::InvalidArgument(
        std::string("comparator is ") + cf_options.comparator->Name() +
        ": rows of samples are in order of time only under " +
        rocksdb::BytewiseComparator()->Name());
  }
  if (db_options.info_log != nullptr && merge->TakeTurnToWarn()) {
    for (const std::string& warning : PolicyWarnings(cf_options)) {
      rocksdb::Warn(db_options.info_log, "Varve: %s", warning.c_str());
    }
    if (merge->Get().ThinsOrDrops() && !HasScheduler(db_options)) {
      rocksdb::Warn(db_options.info_log,
                    "Varve: the policy thins or drops, but no %s is among the "
                    "database's listeners: files age only when RocksDB happens "
                    "to compact them",
                    kTierSchedulerId);
    }
  }
  return Status::OK();
}

std::string WhyNotAged(const ColumnFamilyOptions& options) {
  switch (options.compaction_style) {
    case rocksdb::kCompactionStyleLevel:
    case rocksdb::kCompactionStyleUniversal:
      return "";
    case rocksdb::kCompactionStyleFIFO:
      return "under compaction_style=kCompactionStyleFIFO RocksDB drops whole "
             "files by its own rules: no file is aged";
    default:
      return "without RocksDB's compactions (compaction_style="
             "kCompactionStyleNone) no file is aged";
  }
}

std::vector<std::string> PolicyWarnings(const ColumnFamilyOptions& options) {
  const LivePolicy* const merge = FindLivePolicy(options.merge_operator.get());
  if (merge == nullptr) return {};
  const Policy policy = merge->Get();
  std::vector<std::string> warnings = policy.Warnings();
  if (policy.ThinsOrDrops()) {
    if (FindLivePolicy(options.compaction_filter_factory.get()) == nullptr) {
      warnings.push_back(std::string("the policy thins or drops, but "
                                     "compaction_filter_factory is not ") +
                         kTierFilterId +
                         ": rows that are alone stay as they were written");
    } else if (options.compaction_filter != nullptr) {
      warnings.push_back(
          "compaction_filter is set, so that RocksDB does not use "
          "compaction_filter_factory: rows that are alone stay as they were "
          "written");
    }
  }
  if (policy.ThinsOrDrops()) {
    const std::string why = WhyNotAged(options);
    if (!why.empty()) warnings.push_back(why);
    if (options.enable_blob_files) {
      warnings.push_back(
          "enable_blob_files is set: rows in blob files age only when RocksDB "
          "happens to compact them, and the files that point to them are "
          "never dropped whole");
    }
  }
  if (policy.shape.partition != Partition::kNone &&
      FindLivePolicy(options.sst_partitioner_factory.get()) == nullptr) {
    warnings.push_back(std::string("rows have partitions, but "
                                   "sst_partitioner_factory is not ") +
                       kTimePartitionerId + ": old and new rows share files");
  }
  return warnings;
}

}  // namespace varve
