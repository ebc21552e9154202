// What Varve's RocksDB objects share: a LivePolicy whose fields are options
// of the object itself,
//
//   merge_operator={id=VarveSampleMerge;downsampling_period=30d:5m;...}
//
// RocksDB hands the fields of a string over one by one and in hash order, so
// that the steps between may be invalid; here they are one change. SetOptions
// may change all but bucket, partition and window.
//
// Base is one of RocksDB's Customizable classes.
#pragma once

#include <string>
#include <unordered_map>

#include "compaction/live_policy.h"
#include "rocksdb/convenience.h"

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
    return Base::PrepareOptions(options);
  }

 protected:
  PolicyObject(PolicyUse use, PolicyText text) : policy_(use, text) {
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
    // What is unknown is refused before anything changes.
    rocksdb::ConfigOptions later = options;
    later.invoke_prepare_options = false;
    Status status = Base::ConfigureOptions(later, rest, unused);
    if (status.IsNotFound()) return UnknownField(rest);
    if (status.ok() && !fields.empty()) {
      status = policy_.Change(fields, ScopeOf(options));
    }
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
    return policy_.Change({{name, Unescape(options, value)}}, ScopeOf(options));
  }

 private:
  static LivePolicy::Scope ScopeOf(const rocksdb::ConfigOptions& options) {
    return options.mutable_options_only ? LivePolicy::Scope::kAllButShape
                                        : LivePolicy::Scope::kAll;
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

  LivePolicy policy_;
};

}  // namespace varve
