// The policy inside one RocksDB object (merge operator, filter factory,
// partitioner, properties collector), and the object's clock. Readers see a
// whole policy at any time without a lock; a change is parsed, validated as a
// whole and swapped in, or refused with nothing changed. Every such object
// registers it under kLivePolicyName, so that
// object->GetOptions<LivePolicy>(kLivePolicyName) finds it.
//
// Thread-safe. Writers take a mutex: two databases may share an object, and
// RocksDB's own lock is per database. A column family has several objects,
// which change one after the other: see OneMoment.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "compaction/object_ids.h"
#include "compaction/policy_users.h"
#include "rocksdb/env.h"
#include "rocksdb/system_clock.h"
#include "rocksdb/utilities/options_type.h"
#include "varve/policy.h"

namespace varve {

// What of a policy an object goes by. Objects that only cut or label rows
// accept and check every field, so that one text serves all of a column
// family's objects, but keep and print the shape alone: RocksDB lets no one
// change the tiers of a properties collector while a database runs.
enum class PolicyUse { kAll, kShape };

// Whether an object may do without a policy text: a merge operator with the
// defaults loses nothing, a filter without a policy is a mistake.
enum class PolicyText { kOptional, kRequired };

class LivePolicy {
 public:
  using Fields = std::unordered_map<std::string, std::string>;

  // What a change may touch: everything while options are read, all but the
  // shape in an open database.
  enum class Scope { kAll, kAllButShape };

  static const char* kName() { return kLivePolicyName; }

  LivePolicy(PolicyUse use, PolicyText text);
  LivePolicy(const LivePolicy&) = delete;
  LivePolicy& operator=(const LivePolicy&) = delete;

  // The policy in force. The reference lives as long as this object; take it
  // once for a piece of work that must see one policy throughout.
  const Policy& Get() const {
    return *current_.load(std::memory_order_acquire);
  }

  // Sets the fields, in any order, as one change. InvalidArgument when a
  // value is bad, the result does not validate, or the shape would change
  // outside of `scope`.
  Status Change(const Fields& fields, Scope scope);
  Status Replace(const Policy& policy);

  // What Change would make of the policy in force, whether or not it
  // validates.
  Status Changed(const Fields& fields, Scope scope, Policy* policy) const;

  // Held while several objects change as one, and by who compares the policies
  // of several: without it one may be seen before a change and the next one
  // after it. Taken before any object's own mutex and, by RocksDB's threads,
  // inside of the database's: who holds it calls nothing of RocksDB's.
  static std::unique_lock<std::mutex> OneMoment();

  // A number that no other object of this process has or will have.
  uint64_t id() const { return id_; }
  bool keeps_all() const { return use_ == PolicyUse::kAll; }
  PolicyUsers& users() const { return users_; }

  // False when a policy text is required and none was given.
  bool configured() const {
    return configured_.load(std::memory_order_acquire);
  }

  // True once for each policy in force: for warnings, which people read.
  bool TakeTurnToWarn() const;

  // Milliseconds since 1970 by the object's clock.
  int64_t NowMs() const;
  // Milliseconds of the same clock's NowNanos: for how long something has
  // waited, whatever becomes of the time of day.
  int64_t SteadyMs() const;
  // nullptr: the system's clock.
  void SetClock(std::shared_ptr<rocksdb::SystemClock> clock);
  // Takes the clock of an Env that is not the default one, unless SetClock
  // has been called.
  void AdoptClock(rocksdb::Env* env);

  // The options that RegisterOptions takes for this object. Lives for ever.
  static const std::unordered_map<std::string, rocksdb::OptionTypeInfo>*
  TypeMap(PolicyUse use);

 private:
  Status Swap(const Policy& policy);
  static rocksdb::OptionTypeInfo TypeInfo(PolicyUse use,
                                          const std::string& field);

  const PolicyUse use_;
  const uint64_t id_;
  mutable PolicyUsers users_;
  std::atomic<bool> configured_;
  std::atomic<const Policy*> current_;
  std::atomic<rocksdb::SystemClock*> clock_;
  mutable std::atomic<const Policy*> warned_of_{nullptr};
  std::mutex mutex_;  // guards what follows
  // All that were ever in force: readers may hold references. Changes are
  // made by people; a repeated value adds nothing.
  std::vector<std::unique_ptr<const Policy>> policies_;
  std::vector<std::shared_ptr<rocksdb::SystemClock>> clocks_;
  bool clock_given_ = false;
};

}  // namespace varve
