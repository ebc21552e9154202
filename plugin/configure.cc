// Setting up and checking a column family's objects: see varve.h. Changing
// them is in set_policy.cc.
#include <algorithm>
#include <cinttypes>
#include <memory>
#include <unordered_map>
#include <utility>

#include "compaction/policy_agreement.h"
#include "compaction/sample_merge_operator.h"
#include "compaction/sample_properties_collector.h"
#include "compaction/set_options_call.h"
#include "compaction/tier_filter_factory.h"
#include "compaction/time_partitioner.h"
#include "plugin/ageing/tier_scheduler.h"
#include "plugin/host/no_throw.h"
#include "plugin/host/open_family.h"
#include "plugin/host/rocksdb_match.h"
#include "plugin/part_table/part_table_factory.h"
#include "plugin/registration.h"
#include "plugin/samples/live_column_family.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::ColumnFamilyOptions;
using rocksdb::DB;

template <typename Object>
LivePolicy* MutableLivePolicy(const std::shared_ptr<Object>& object) {
  return object == nullptr
             ? nullptr
             : object->template GetOptions<LivePolicy>(kLivePolicyName);
}

std::vector<LivePolicy*> LivePolicies(const ColumnFamilyOptions& options) {
  std::vector<LivePolicy*> policies = {
      MutableLivePolicy(options.merge_operator),
      MutableLivePolicy(options.compaction_filter_factory),
      MutableLivePolicy(options.sst_partitioner_factory)};
  for (const auto& factory : options.table_properties_collector_factories) {
    policies.push_back(MutableLivePolicy(factory));
  }
  policies.erase(std::remove(policies.begin(), policies.end(), nullptr),
                 policies.end());
  return policies;
}

// The properties of a few files: those around the smallest key of the newest
// file, which is one file a level and all of level 0 at most.
Status SomeFiles(DB* db, ColumnFamilyHandle* cf,
                 rocksdb::TablePropertiesCollection* files) {
  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(cf, &metadata);
  const rocksdb::SstFileMetaData* newest = nullptr;
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      if (newest == nullptr || file.file_number > newest->file_number) {
        newest = &file;
      }
    }
  }
  if (newest == nullptr) return Status::OK();
  const rocksdb::Range point(newest->smallestkey, newest->smallestkey);
  return db->GetPropertiesOfTablesInRange(cf, &point, 1, files);
}

// Compares the policy's shape and clock with what files were written with.
Status CheckFiles(DB* db, ColumnFamilyHandle* cf, const LivePolicy& live,
                  const std::shared_ptr<rocksdb::Logger>& log) {
  rocksdb::TablePropertiesCollection files;
  Status status = SomeFiles(db, cf, &files);
  if (!status.ok()) return status;
  const Policy& policy = live.Get();
  const int64_t now_ms = live.NowMs();
  for (const auto& file : files) {
    SampleProperties properties;
    status = ParseSampleProperties(file.second->user_collected_properties,
                                   &properties);
    // Without samples of its own shape a file's label says only under which
    // policy somebody compacted it.
    if (!status.ok() || properties.samples == 0) continue;
    const std::string name = file.first.substr(file.first.rfind('/') + 1);
    if (properties.shape != policy.shape) {
      Policy there = policy;
      there.shape = properties.shape;
      return Status::InvalidArgument(
          "column family '" + cf->GetName() + "': " +
          policy.Difference(there, "in its options", "in its file ") + name +
          ": bucket, partition and window are fixed when a column family is "
          "created");
    }
    if (properties.now_ms - now_ms > policy.safety_lag_ms && log != nullptr) {
      rocksdb::Warn(
          log,
          "Varve: the clock is at %" PRId64
          " ms, %s behind the one that %s "
          "was written by, which is more than safety_lag: samples that had "
          "expired or been thinned by then are not seen again",
          now_ms, FormatDuration(properties.now_ms - now_ms).c_str(),
          name.c_str());
    }
  }
  return Status::OK();
}

// A part table around the service's BlockBasedTable; one that is there is told
// the format. Any other table was chosen by the service and stays. So does any
// under FIFO compaction, which expires data by ttl: RocksDB has ttl and
// periodic compaction for its own table only and refuses them for others,
// whoever set them, its own defaults in an OPTIONS file included. Elsewhere
// ageing does their work.
Status SetTable(FileFormat format, ColumnFamilyOptions* options) {
  if (options->compaction_style == rocksdb::kCompactionStyleFIFO) {
    return Status::OK();
  }
  const bool part = format == FileFormat::kPart;
  auto& table = options->table_factory;
  if (table->IsInstanceOf(rocksdb::TableFactory::kBlockBasedTableName())) {
    table = NewPartTableFactoryAround(
        table, part ? PartWriteFormat::kPart : PartWriteFormat::kBlockBased);
  } else if (table->IsInstanceOf(kPartTableId)) {
    const Status status =
        table->ConfigureOption(rocksdb::ConfigOptions(), "write_format",
                               part ? "part" : "block_based");
    if (!status.ok()) return status;
  } else {
    return Status::OK();
  }
  options->ttl = 0;
  options->periodic_compaction_seconds = 0;
  return Status::OK();
}

}  // namespace

Status Options::Parse(const std::string& text, Options* options) {
  return NoThrow([&]() -> Status {
    std::vector<std::pair<std::string, std::string>> fields;
    Status status = SplitPolicyText(text, &fields);
    Options result;
    std::string policy_text;
    for (const auto& field : fields) {
      if (!status.ok()) return status;
      if (field.first == "compaction") {
        status = ParseCompactionPreset(field.second, &result.compaction);
      } else {
        policy_text += field.first + "=" + field.second + ";";
      }
    }
    if (status.ok()) status = Policy::Parse(policy_text, &result.policy);
    if (!status.ok()) return status;
    result.clock = options->clock;
    result.file_format = options->file_format;
    *options = std::move(result);
    return status;
  });
}

Status ConfigureColumnFamily(const Options& options,
                             ColumnFamilyOptions* cf_options) {
  return NoThrow([&]() -> Status {
    Status status = CheckRocksDB();
    if (status.ok()) status = options.policy.Validate();
    if (!status.ok()) return status;
    // Keeps the registration in a program that links the static library, for
    // the OPTIONS file that this column family is going to write.
    RegisterObjects(rocksdb::ObjectLibrary::Default().get());

    ColumnFamilyOptions result = *cf_options;
    result.merge_operator = std::make_shared<SampleMergeOperator>();
    result.compaction_filter_factory = std::make_shared<TierFilterFactory>();
    result.sst_partitioner_factory = std::make_shared<TimePartitionerFactory>();
    status = SetTable(options.file_format, &result);
    if (!status.ok()) return status;
    auto& collectors = result.table_properties_collector_factories;
    collectors.erase(std::remove_if(collectors.begin(), collectors.end(),
                                    [](const auto& factory) {
                                      return FindLivePolicy(factory.get()) !=
                                             nullptr;
                                    }),
                     collectors.end());
    collectors.push_back(std::make_shared<SamplePropertiesFactory>());
    status = ApplyCompactionPreset(options.compaction, &result);
    if (!status.ok()) return status;
    // All else stays: compression and buffers are the service's choice,
    // RocksDB's defaults suit rows of some kilobytes, and none of them loses
    // or slows anything that could be known here.
    for (LivePolicy* const policy : LivePolicies(result)) {
      const Status replaced = policy->Replace(options.policy);
      if (!replaced.ok()) return replaced;
    }
    if (options.clock != nullptr) SetClock(result, options.clock);
    *cf_options = std::move(result);
    return Status::OK();
  });
}

Status ConfigureDB(const Options& /*options*/, rocksdb::DBOptions* db_options) {
  return NoThrow([&]() -> Status {
    RegisterObjects(rocksdb::ObjectLibrary::Default().get());
    for (const auto& listener : db_options->listeners) {
      if (listener->IsInstanceOf(kTierSchedulerId)) return Status::OK();
    }
    db_options->listeners.push_back(std::make_shared<TierScheduler>());
    return Status::OK();
  });
}

Status CheckColumnFamily(DB* db, ColumnFamilyHandle* cf) {
  return NoThrow([&]() -> Status {
    const rocksdb::Options options = db->GetOptions(cf);
    SetOptionsCall::Ended();
    const LivePolicy* const policy =
        FindLivePolicy(options.merge_operator.get());
    if (policy == nullptr) return NoSamples(cf, options);
    Status status = CheckPolicyAgreement(options, options);
    if (status.ok()) {
      status =
          RefuseSharedObjects(db, cf, options, PolicyUsers::Others::kEarlier);
      // Both are to know of each other.
      if (!status.ok()) Attach(db);
    }
    return status.ok() ? CheckFiles(db, cf, *policy, options.info_log) : status;
  });
}

void SetClock(const ColumnFamilyOptions& cf_options,
              std::shared_ptr<rocksdb::SystemClock> clock) {
  for (LivePolicy* const policy : LivePolicies(cf_options)) {
    policy->SetClock(clock);
  }
}

Status GetCounters(DB* db, ColumnFamilyHandle* cf, Counters* counters) {
  return NoThrow([&]() -> Status {
    const ColumnFamilyOptions options = db->GetOptions(cf);
    if (FindLivePolicy(options.merge_operator.get()) == nullptr) {
      return NoSamples(cf, options);
    }
    *counters =
        options.merge_operator->GetOptions<AtomicCounters>(kCountersName)
            ->Read();
    const auto& filter = options.compaction_filter_factory;
    if (FindLivePolicy(filter.get()) != nullptr) {
      counters->Add(filter->GetOptions<AtomicCounters>(kCountersName)->Read());
    }
    return Status::OK();
  });
}

}  // namespace varve
