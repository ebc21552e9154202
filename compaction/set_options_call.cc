// See set_options_call.h.
#include "compaction/set_options_call.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compaction/live_policy.h"
#include "compaction/object_ids.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/utilities/object_registry.h"

namespace varve {
namespace {

using rocksdb::ConfigOptions;
using Registry = std::shared_ptr<rocksdb::ObjectRegistry>;

enum class State { kConfiguring, kUndecided, kAccepted };

// What one object has been told.
struct Change {
  LivePolicy* live;  // may be gone; another may lie there
  uint64_t live_id;  // no other object ever has the same
  const char* option;
  SetOptionsCall::Fields fields;
  std::shared_ptr<const PolicyUser> user;
  OptionsStamp before;
  bool prepared = false;
  bool compared = false;
};

// An object that has prepared: it lives as long as the call configures.
struct Seen {
  const char* option;
  const LivePolicy* live;
};

// Each ConfigOptions that RocksDB makes has a registry of its own, which all
// copies share and nobody else: it tells one call from another, and one
// OPTIONS file from another.
struct Call {
  std::weak_ptr<rocksdb::ObjectRegistry> config;
  std::weak_ptr<rocksdb::ObjectRegistry> file;
  bool printed = false;
  State state = State::kConfiguring;
  std::vector<Change> changes;
  std::vector<Seen> seen;  // while objects prepare

  bool IsOf(const Registry& registry) const {
    return registry != nullptr && config.lock() == registry;
  }
  bool IsPrintedInto(const Registry& registry) const {
    return registry != nullptr && printed && file.lock() == registry;
  }
  Change* Find(const LivePolicy& live) {
    for (Change& change : changes) {
      if (change.live_id == live.id()) return &change;
    }
    return nullptr;
  }
  // What the object's policy will be.
  Status Outcome(const LivePolicy& live, Policy* policy) {
    const Change* const change = Find(live);
    return live.Changed(
        change == nullptr ? SetOptionsCall::Fields() : change->fields,
        LivePolicy::Scope::kAllButShape, policy);
  }
};

// RocksDB sets options of several column families in one call: then several
// wait for the OPTIONS file.
thread_local std::vector<std::shared_ptr<Call>> thread_calls;
// Whether one of the thread's calls has come into force.
thread_local bool thread_changed = false;

template <typename Condition>
void DropCalls(const Condition& condition) {
  thread_calls.erase(
      std::remove_if(thread_calls.begin(), thread_calls.end(),
                     [&](const auto& call) { return condition(*call); }),
      thread_calls.end());
}

Call* FindCall(const Registry& registry) {
  for (const auto& call : thread_calls) {
    if (call->state == State::kConfiguring && call->IsOf(registry)) {
      return call.get();
    }
  }
  return nullptr;
}

State Verdict(const Call& call, bool* refused) {
  State state = State::kUndecided;
  *refused = call.changes.empty();
  for (const Change& change : call.changes) {
    if (!change.prepared) *refused = true;
    if (change.before.empty()) continue;
    const OptionsStamp after = change.user->Stamp();
    if (after.empty()) continue;
    state = State::kAccepted;
    if (after == change.before) *refused = true;
  }
  return state;
}

// Goes with the registry of the call's ConfigOptions, which RocksDB has on its
// stack: while it leaves ColumnFamilyData::SetOptions, under the database's
// mutex, before anybody else can change the column family's options.
class EndOfCall {
 public:
  explicit EndOfCall(const std::shared_ptr<Call>& call) : call_(call) {}
  ~EndOfCall() {
    const auto call = call_.lock();
    if (call == nullptr) return;
    // Nobody but RocksDB's own code decides, on the thread of the call.
    if (std::find(thread_calls.begin(), thread_calls.end(), call) ==
        thread_calls.end()) {
      return;
    }
    bool refused = false;
    call->state = Verdict(*call, &refused);
    if (refused) {
      DropCalls([&](const Call& other) { return &other == call.get(); });
    }
  }
  EndOfCall(const EndOfCall&) = delete;
  EndOfCall& operator=(const EndOfCall&) = delete;

 private:
  const std::weak_ptr<Call> call_;
};

void TellOfTheEnd(const std::shared_ptr<Call>& call, const Registry& registry) {
  const auto end = std::make_shared<EndOfCall>(call);
  registry->AddLibrary("varve-set-options")
      ->AddFactory<rocksdb::MergeOperator>(
          "varve-set-options",
          [end](const std::string&, std::unique_ptr<rocksdb::MergeOperator>*,
                std::string*) -> rocksdb::MergeOperator* { return nullptr; });
}

// All objects are there: they have just been compared.
bool ComeIntoForce(const std::vector<Change>& changes) {
  const auto moment = LivePolicy::OneMoment();
  return std::all_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.live->Change(change.fields, LivePolicy::Scope::kAllButShape)
        .ok();
  });
}

Status Disagreement(Call* call, const Seen& a, const Seen& b) {
  const bool in_order = std::strcmp(a.option, kMergeOption) == 0;
  const Seen& first = in_order ? a : b;
  const Seen& second = in_order ? b : a;
  Policy one;
  Policy other;
  Status status = call->Outcome(*first.live, &one);
  if (status.ok()) status = call->Outcome(*second.live, &other);
  if (!status.ok()) return status;
  const std::string here = std::string("in ") + first.option;
  const std::string there = std::string("in ") + second.option;
  const std::string difference =
      one.Difference(other, here.c_str(), there.c_str());
  if (difference.empty()) return Status::OK();
  return Status::InvalidArgument(
      difference +
      " after this change: change both in one call of SetOptions, as "
      "varve::SetPolicy does");
}

}  // namespace

bool SetOptionsCall::Is(const ConfigOptions& config) {
  // What is configured by itself prepares by itself.
  return config.mutable_options_only && !config.invoke_prepare_options &&
         config.registry != nullptr;
}

Status SetOptionsCall::Propose(const ConfigOptions& config, LivePolicy* live,
                               const char* option, const Fields& fields) {
  Call* call = FindCall(config.registry);
  if (config.ignore_unknown_options) {
    // RocksDB has refused a part of the call and puts back what it was told
    // before.
    if (call != nullptr) {
      call->changes.erase(
          std::remove_if(call->changes.begin(), call->changes.end(),
                         [&](const Change& change) {
                           return change.live_id == live->id();
                         }),
          call->changes.end());
    }
    return Status::OK();
  }
  Policy next;
  const Status status =
      live->Changed(fields, LivePolicy::Scope::kAllButShape, &next);
  if (!status.ok()) return status;
  if (!live->keeps_all()) return next.Validate();
  const Status shared = live->users().RefuseSharedChange(option);
  if (!shared.ok()) return shared;
  if (call == nullptr) {
    const auto made = std::make_shared<Call>();
    made->config = config.registry;
    thread_calls.push_back(made);
    TellOfTheEnd(made, config.registry);
    call = made.get();
  }
  Change* change = call->Find(*live);
  if (change == nullptr) {
    Change made{live, live->id(), option, {}, live->users().OpenUser(), {}};
    if (made.user != nullptr) made.before = made.user->Stamp();
    call->changes.push_back(std::move(made));
    change = &call->changes.back();
  }
  for (const auto& field : fields) change->fields[field.first] = field.second;
  return status;
}

Status SetOptionsCall::Prepare(const ConfigOptions& config, LivePolicy* live,
                               const char* option) {
  Call* const call = FindCall(config.registry);
  if (call == nullptr || call->changes.empty() || !live->keeps_all()) {
    return Status::OK();
  }
  // Another thread's change may come into force meanwhile: RocksDB writes its
  // OPTIONS file without the database's mutex.
  const auto moment = LivePolicy::OneMoment();
  if (Change* const change = call->Find(*live)) {
    Policy outcome;
    Status status = call->Outcome(*live, &outcome);
    if (status.ok()) status = outcome.Validate();
    if (!status.ok()) return status;
    change->prepared = true;
  }
  const Seen mine{option, live};
  for (const Seen& other : call->seen) {
    if (std::strcmp(other.option, option) == 0) continue;
    const Status status = Disagreement(call, mine, other);
    if (!status.ok()) return status;
  }
  call->seen.push_back(mine);
  return Status::OK();
}

void SetOptionsCall::Print(const ConfigOptions& config,
                           const LivePolicy& live) {
  const Registry& registry = config.registry;
  if (config.mutable_options_only) {
    // Another SetOptions begins. What still waits has been accepted with this
    // one's call, of another column family, or been refused.
    DropCalls([&](Call& call) {
      return !call.IsOf(registry) &&
             (call.state != State::kAccepted || call.Find(live) != nullptr);
    });
    return;
  }
  live.users().Printed(registry);
  DropCalls([&](const Call& call) {
    return call.printed && !call.IsPrintedInto(registry);
  });
  for (const auto& call : thread_calls) {
    if (call->state == State::kConfiguring) continue;
    call->file = registry;
    call->printed = true;
  }
}

Policy SetOptionsCall::Shown(const ConfigOptions& config,
                             const LivePolicy& live) {
  Policy policy = live.Get();
  for (const auto& call : thread_calls) {
    if (!call->IsPrintedInto(config.registry)) continue;
    const Change* const change = call->Find(live);
    if (change == nullptr) continue;
    Policy next;
    if (live.Changed(change->fields, LivePolicy::Scope::kAllButShape, &next)
            .ok()) {
      policy = next;
    }
  }
  return policy;
}

bool SetOptionsCall::Compare(const ConfigOptions& config,
                             const LivePolicy& live, const Policy& read_back) {
  live.users().Compared(config.registry);
  for (const auto& call : thread_calls) {
    if (!call->IsPrintedInto(config.registry)) continue;
    Change* const change = call->Find(live);
    if (change == nullptr) continue;
    if (Shown(config, live) != read_back) return false;
    change->compared = true;
    const auto& changes = call->changes;
    if (!std::all_of(changes.begin(), changes.end(),
                     [](const Change& each) { return each.compared; })) {
      return true;
    }
    const bool changed = ComeIntoForce(changes);
    const Call* const done = call.get();
    DropCalls([&](const Call& each) { return &each == done; });
    thread_changed = thread_changed || changed;
    return changed;
  }
  return true;
}

void SetOptionsCall::Refused() {
  DropCalls([](const Call& call) { return call.state != State::kAccepted; });
}

bool SetOptionsCall::Ended() {
  thread_calls.clear();
  return std::exchange(thread_changed, false);
}

}  // namespace varve
