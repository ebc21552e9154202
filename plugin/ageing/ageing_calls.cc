// PlanAgeing, AgeNow, GetAgeingStatus and Attach of varve.h.
#include <algorithm>
#include <utility>

#include "compaction/policy_agreement.h"
#include "compaction/policy_change.h"
#include "plugin/ageing/ageing_files.h"
#include "plugin/ageing/tier_scheduler.h"
#include "plugin/host/column_family_handles.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/first_sequence.h"
#include "plugin/samples/live_column_family.h"
#include "varve/varve.h"

namespace varve {
namespace {

std::shared_ptr<rocksdb::EventListener> FindScheduler(rocksdb::DB* db) {
  for (const auto& listener : db->GetDBOptions().listeners) {
    if (listener->IsInstanceOf(kTierSchedulerId)) return listener;
  }
  return nullptr;
}

TierScheduler* AsScheduler(rocksdb::EventListener* listener) {
  return static_cast<TierScheduler*>(listener);
}

}  // namespace

Status PlanAgeing(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                  const AgeingPlanOptions& options, AgeingPlan* plan) {
  return NoThrow([&]() -> Status {
    LiveColumnFamily live;
    Status status = OpenLive(db, cf, &live);
    if (!status.ok()) return status;
    AgeingInput input;
    input.policy = live.policy->Get();
    std::vector<std::pair<std::string, std::string>> fields;
    status = SplitPolicyText(options.changes, &fields);
    for (const auto& field : fields) {
      if (status.ok()) status = input.policy.Set(field.first, field.second);
    }
    if (status.IsNotFound())
      status = Status::InvalidArgument(status.getState());
    if (status.ok()) status = input.policy.Validate();
    if (!status.ok()) return status;
    const Policy& in_force = live.policy->Get();
    if (input.policy.shape != in_force.shape) {
      Policy other = in_force;
      other.shape = input.policy.shape;
      return Status::InvalidArgument(
          in_force.Difference(other, "in this column family",
                              "in the changes: bucket, partition and window "
                              "are fixed when a column family is created"));
    }
    input.now_ms = options.now_ms < 0 ? live.policy->NowMs() : options.now_ms;
    const auto scheduler = FindScheduler(db);
    if (options.limits != nullptr) {
      input.limits = *options.limits;
    } else if (scheduler != nullptr) {
      input.limits = AsScheduler(scheduler.get())->ageing_options().limits;
    }
    const auto worker = scheduler == nullptr
                            ? nullptr
                            : AsScheduler(scheduler.get())->Find(RootOf(db));
    const rocksdb::Options cf_options = db->GetOptions(cf);
    input.left_alone_why = WhyNotAged(cf_options);
    AgeingFiles files;
    status = worker == nullptr ? files.Read(db, cf, cf_options, &input)
                               : worker->ReadFiles(cf, cf_options, &input);
    if (!status.ok()) return status;
    *plan = PlanAgeing(input);
    for (const std::string& warning : PolicyWarnings(cf_options)) {
      const auto& said = plan->warnings;
      if (std::find(said.begin(), said.end(), warning) == said.end()) {
        plan->warnings.push_back(warning);
      }
    }
    for (const std::string& lost : LostByChange(in_force, input.policy)) {
      plan->warnings.push_back(lost);
    }
    if (scheduler == nullptr && input.policy.ThinsOrDrops()) {
      plan->warnings.push_back(
          std::string("no ") + kTierSchedulerId +
          " is among the database's listeners: files age only when RocksDB "
          "compacts them");
    }
    return status;
  });
}

Status AgeNow(rocksdb::DB* db) {
  return NoThrow([&]() -> Status {
    const auto scheduler = FindScheduler(db);
    if (scheduler == nullptr) {
      return Status::InvalidArgument(std::string("set listeners={id=") +
                                     kTierSchedulerId +
                                     "}: the database has no scheduler");
    }
    if (IsReadOnly(db)) return Status::NotSupported("opened read-only");
    const auto worker = AsScheduler(scheduler.get())->Attach(RootOf(db));
    if (worker == nullptr) {
      return Status::ShutdownInProgress("closing, or no memory for it");
    }
    size_t jobs = 0;
    return worker->Pass(/*paced=*/false, &jobs);
  });
}

Status GetAgeingStatus(rocksdb::DB* db, AgeingStatus* status) {
  return NoThrow([&]() -> Status {
    *status = AgeingStatus();
    const auto scheduler = FindScheduler(db);
    if (scheduler == nullptr || IsReadOnly(db)) return Status::OK();
    const auto worker = AsScheduler(scheduler.get())->Attach(RootOf(db));
    if (worker != nullptr) *status = worker->status();
    return Status::OK();
  });
}

void Attach(rocksdb::DB* db) {
  NoThrow([&]() -> Status {
    RaiseFirstSequence({}, db, db->DefaultColumnFamily())
        .PermitUncheckedError();
    const auto scheduler = FindScheduler(db);
    if (scheduler != nullptr && !IsReadOnly(db)) {
      const auto worker = AsScheduler(scheduler.get())->Attach(RootOf(db));
      // There may be column families that it has not met.
      if (worker != nullptr) worker->MeetFamilies();
    }
    return Status::OK();
  }).PermitUncheckedError();
}

}  // namespace varve
