// What Varve's RocksDB objects share: a LivePolicy whose fields are options
// of the object itself,
//
//   merge_operator={id=VarveSampleMerge;downsampling_period=30d:5m;...}
//
// RocksDB hands the fields of a string over one by one and in hash order, so
// that the steps between may be invalid; here they are one change. SetOptions
// may change all but bucket, partition and window, and what it hands over is a
// proposal until RocksDB has accepted it (set_options_call.h).
//
// Base is one of RocksDB's Customizable classes.
#pragma once

#include <string>
#include <unordered_map>

#include "compaction/kept_table.h"
#include "compaction/live_policy.h"
#include "compaction/policy_agreement.h"
#include "compaction/set_options_call.h"
#include "rocksdb/convenience.h"
#include "rocksdb/options.h"

namespace varve {

template <typename Base>
class PolicyObject : public Base {
 public:
  Status PrepareOptions(const rocksdb::ConfigOptions& options) override {
    policy_.AdoptClock(options.env);
    if (!policy_.configured()) {
      return Status::InvalidArgument(
          std::string(this->Name()) +
          " has no policy: give it the same fields as merge_operator has, as "
          "{id=" +
          this->Name() + ";downsampling_period=30d:5m;retention_period=1y}");
    }
    Status status = Base::PrepareOptions(options);
    if (status.ok())
      status = SetOptionsCall::Prepare(options, &policy_, where_);
    return status;
  }

  // A database is about to be opened with this object. Compares the copies of
  // the policy in the column family's objects.
  Status ValidateOptions(
      const rocksdb::DBOptions& db_options,
      const rocksdb::ColumnFamilyOptions& cf_options) const override {
    SetOptionsCall::Ended();
    Status status = Base::ValidateOptions(db_options, cf_options);
    // Those that keep the shape alone never change.
    if (status.ok() && policy_.keeps_all()) {
      status = policy_.users().RefuseNewUser(where_);
    }
    if (status.ok()) status = CheckPolicyAgreement(db_options, cf_options);
    return status;
  }

  bool AreEquivalent(const rocksdb::ConfigOptions& options,
                     const rocksdb::Configurable* other,
                     std::string* mismatch) const override {
    if (!Base::AreEquivalent(options, other, mismatch)) return false;
    const LivePolicy* const theirs =
        other == nullptr || other == this
            ? nullptr
            : other->template GetOptions<LivePolicy>(kLivePolicyName);
    if (theirs == nullptr ||
        SetOptionsCall::Compare(options, policy_, theirs->Get())) {
      return true;
    }
    *mismatch = kLivePolicyName;
    return false;
  }

 protected:
  // `where`: the option of a column family that holds the object.
  PolicyObject(PolicyUse use, PolicyText text, const char* where)
      : where_(where), policy_(use, text) {
    this->RegisterOptions(&policy_, LivePolicy::TypeMap(use));
  }

  const LivePolicy& policy() const { return policy_; }

  Status ConfigureOptions(
      const rocksdb::ConfigOptions& options,
      const std::unordered_map<std::string, std::string>& options_map,
      std::unordered_map<std::string, std::string>* unused) override {
    LivePolicy::Fields fields;
    std::unordered_map<std::string, std::string> rest;
    for (const auto& option : options_map) {
      const std::string name = this->GetOptionName(option.first);
      if (LivePolicy::TypeMap(PolicyUse::kAll)->count(name) > 0) {
        fields[name] = Unescape(options, option.second);
      } else {
        rest.insert(option);
      }
    }
    // What is unknown is refused before anything changes, by RocksDB's lenient
    // reading of a newer file too: a policy less a field drops other samples.
    rocksdb::ConfigOptions later = options;
    later.ignore_unknown_options = false;
    later.invoke_prepare_options = false;
    Status status = Base::ConfigureOptions(later, rest, unused);
    if (status.IsNotFound()) return UnknownField(rest);
    if (status.ok() && !fields.empty()) status = Set(options, fields);
    if (status.ok() && options.invoke_prepare_options) {
      status = PrepareOptions(options);
    }
    return status;
  }

  // One field: SetOptions({{"merge_operator.retention_period", "2y"}}).
  Status ParseOption(const rocksdb::ConfigOptions& options,
                     const rocksdb::OptionTypeInfo& info,
                     const std::string& name, const std::string& value,
                     void* address) override {
    if (address != &policy_) {
      return Base::ParseOption(options, info, name, value, address);
    }
    return Set(options, {{name, Unescape(options, value)}});
  }

  std::string SerializeOptions(const rocksdb::ConfigOptions& options,
                               const std::string& header) const override {
    SetOptionsCall::Print(options, policy_);
    KeptTable::PolicyIsPrinted(options);
    return Base::SerializeOptions(options, header);
  }

 private:
  Status Set(const rocksdb::ConfigOptions& options,
             const LivePolicy::Fields& fields) {
    if (SetOptionsCall::Is(options)) {
      return SetOptionsCall::Propose(options, &policy_, where_, fields);
    }
    return policy_.Change(fields, options.mutable_options_only
                                      ? LivePolicy::Scope::kAllButShape
                                      : LivePolicy::Scope::kAll);
  }

  // RocksDB takes NotFound to be of the object's own option, and goes on.
  Status UnknownField(
      const std::unordered_map<std::string, std::string>& options) const {
    std::string known;
    for (const std::string& name : PolicyFieldNames()) known += " " + name;
    return Status::InvalidArgument(std::string(this->Name()) +
                                   " has no field '" + options.begin()->first +
                                   "'; known are" + known);
  }

  // RocksDB escapes ':' and '#' in some of its own texts.
  static std::string Unescape(const rocksdb::ConfigOptions& options,
                              const std::string& value) {
    if (!options.input_strings_escaped) return value;
    std::string plain;
    for (size_t i = 0; i < value.size(); ++i) {
      const bool escape = value[i] == '\\' && i + 1 < value.size() &&
                          (value[i + 1] == ':' || value[i + 1] == '#');
      if (!escape) plain += value[i];
    }
    return plain;
  }

  const char* const where_;
  LivePolicy policy_;
};

}  // namespace varve
