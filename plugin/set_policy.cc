// GetPolicy and SetPolicy of varve.h. A change is in force when RocksDB has
// accepted it and written it into an OPTIONS file, in all objects of the
// column family at once; otherwise what was in force stays so.
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compaction/policy_agreement.h"
#include "compaction/policy_change.h"
#include "compaction/set_options_call.h"
#include "plugin/ageing/earlier_policy.h"
#include "plugin/host/column_family_handles.h"
#include "plugin/host/no_throw.h"
#include "plugin/host/open_family.h"
#include "plugin/samples/live_column_family.h"
#include "rocksdb/compaction_filter.h"
#include "varve/varve.h"

namespace varve {
namespace {

using rocksdb::ColumnFamilyHandle;
using rocksdb::ColumnFamilyOptions;
using rocksdb::DB;

using PolicyFields = std::vector<std::pair<std::string, std::string>>;

Status Changed(const Policy& before, const PolicyFields& fields,
               Policy* after) {
  *after = before;
  for (const auto& field : fields) {
    const Status status = after->Set(field.first, field.second);
    if (status.IsNotFound()) return Status::InvalidArgument(status.getState());
    if (!status.ok()) return status;
  }
  return after->Validate();
}

// One map of one call: RocksDB sets and persists all of it, or nothing. Sets
// *done when the change has come into force.
Status SetOptions(DB* db, ColumnFamilyHandle* cf,
                  const ColumnFamilyOptions& options,
                  const PolicyFields& fields, bool* done) {
  std::string text;
  for (const auto& field : fields) {
    text += field.first + "=" + field.second + ";";
  }
  std::unordered_map<std::string, std::string> map;
  map[kMergeOption] = "{id=" + std::string(kSampleMergeId) + ";" + text + "}";
  if (FindLivePolicy(options.compaction_filter_factory.get()) != nullptr) {
    map[kFilterOption] = "{id=" + std::string(kTierFilterId) + ";" + text + "}";
  }
  // For this long the objects know the column family, and so see for
  // themselves whether RocksDB accepts the change.
  std::shared_ptr<OpenFamily> family;
  if (auto handle = OwnHandleOf(RootOf(db), cf)) {
    family = std::make_shared<OpenFamily>(RootOf(db), std::move(handle));
    AddUser(options, family);
  }
  const Status status = db->SetOptions(cf, map);
  *done = SetOptionsCall::Ended();
  return status;
}

bool HasFields(const Policy& policy, const PolicyFields& fields,
               const Policy& wanted) {
  for (const auto& field : fields) {
    if (policy.Get(field.first) != wanted.Get(field.first)) return false;
  }
  return true;
}

// RocksDB renames its OPTIONS file when the change is in force already: what
// the next start would not find is to be taken back. (An error may have come
// from elsewhere, and the file be there.) What another thread has changed
// since is that one's: it is in force before it is in the file, so the file is
// read first.
bool IsToBeTakenBack(DB* db, ColumnFamilyHandle* cf, const LivePolicy& live,
                     const PolicyFields& fields, const Policy& after) {
  Policy persisted;
  const Status status = PersistedPolicy(db, cf->GetName(), &persisted);
  return status.ok() && !HasFields(persisted, fields, after) &&
         HasFields(live.Get(), fields, after);
}

void PutBack(const ColumnFamilyOptions& options, const PolicyFields& fields,
             const Policy& before) {
  LivePolicy::Fields old;
  for (const auto& field : fields) old[field.first] = before.Get(field.first);
  const auto moment = LivePolicy::OneMoment();
  for (rocksdb::Customizable* const object :
       {static_cast<rocksdb::Customizable*>(options.merge_operator.get()),
        static_cast<rocksdb::Customizable*>(
            options.compaction_filter_factory.get())}) {
    if (FindLivePolicy(object) == nullptr) continue;
    object->GetOptions<LivePolicy>(kLivePolicyName)
        ->Change(old, LivePolicy::Scope::kAllButShape)
        .PermitUncheckedError();
  }
}

Status SetFields(DB* db, ColumnFamilyHandle* cf,
                 const ColumnFamilyOptions& options, const LivePolicy& live,
                 const PolicyFields& fields) {
  const Policy before = live.Get();
  Policy after;
  Status status = Changed(before, fields, &after);
  if (!status.ok() || after == before) return status;
  if (IsReadOnly(db)) return Status::NotSupported("opened read-only");
  status = RefuseSharedObjects(db, cf, options, PolicyUsers::Others::kAny);
  if (!status.ok()) {
    Attach(db);  // both are to know of each other
    return status;
  }
  bool done = false;
  status = SetOptions(db, cf, options, fields, &done);
  if (done && IsToBeTakenBack(db, cf, live, fields, after)) {
    PutBack(options, fields, before);
    done = false;
  }
  if (!status.ok()) return status;
  if (!done) {
    return Status::IOError(
        "column family '" + cf->GetName() +
            "': the policy has not been changed",
        "RocksDB could not write its OPTIONS file: see the database's LOG");
  }
  const rocksdb::DBOptions db_options = db->GetDBOptions();
  // A scheduler says so itself, however the policy is changed.
  if (HasScheduler(db_options)) return status;
  for (const std::string& lost : LostByChange(before, after)) {
    rocksdb::Warn(db_options.info_log,
                  "Varve: [%s]: the policy has been changed: %s",
                  cf->GetName().c_str(), lost.c_str());
  }
  return status;
}

}  // namespace

Status GetPolicy(DB* db, ColumnFamilyHandle* cf, Policy* policy) {
  return NoThrow([&]() -> Status {
    SetOptionsCall::Ended();
    const ColumnFamilyOptions options = db->GetOptions(cf);
    const LivePolicy* const live = FindLivePolicy(options.merge_operator.get());
    if (live == nullptr) return NoSamples(cf, options);
    *policy = live->Get();
    return Status::OK();
  });
}

Status SetPolicy(DB* db, ColumnFamilyHandle* cf, const std::string& changes) {
  return NoThrow([&]() -> Status {
    SetOptionsCall::Ended();
    const ColumnFamilyOptions options = db->GetOptions(cf);
    const LivePolicy* const live = FindLivePolicy(options.merge_operator.get());
    if (live == nullptr) return NoSamples(cf, options);
    PolicyFields fields;
    const Status status = SplitPolicyText(changes, &fields);
    return status.ok() ? SetFields(db, cf, options, *live, fields) : status;
  });
}

}  // namespace varve
