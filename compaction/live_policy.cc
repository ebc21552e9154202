// See live_policy.h.
#include "compaction/live_policy.h"

#include <utility>

#include "compaction/set_options_call.h"

namespace varve {
namespace {

using rocksdb::ConfigOptions;
using rocksdb::OptionTypeInfo;

bool IsShapeField(const std::string& field) {
  return field == "bucket" || field == "partition" || field == "window";
}

bool Keeps(PolicyUse use, const std::string& field) {
  return use == PolicyUse::kAll || IsShapeField(field);
}

Status ShapeIsFixed(const Policy& now, const Policy& wanted) {
  return Status::InvalidArgument(
      now.Difference(wanted, "in this column family",
                     "in the change: bucket, partition and window are fixed "
                     "when a column family is created"));
}

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

}  // namespace

LivePolicy::LivePolicy(PolicyUse use, PolicyText text)
    : use_(use), id_(NextId()), configured_(text == PolicyText::kOptional) {
  policies_.push_back(std::make_unique<const Policy>());
  clocks_.push_back(rocksdb::SystemClock::Default());
  current_ = policies_.back().get();
  clock_ = clocks_.back().get();
}

Status LivePolicy::Swap(const Policy& policy) {
  const Status status = policy.Validate();
  if (!status.ok()) return status;
  Policy next;
  if (use_ == PolicyUse::kAll) {
    next = policy;
  } else {
    next.shape = policy.shape;
  }
  if (next != Get()) {
    policies_.push_back(std::make_unique<const Policy>(next));
    current_.store(policies_.back().get(), std::memory_order_release);
  }
  configured_.store(true, std::memory_order_release);
  return Status::OK();
}

Status LivePolicy::Changed(const Fields& fields, Scope scope,
                           Policy* policy) const {
  const Policy& now = Get();
  *policy = now;
  for (const auto& field : fields) {
    const Status status = policy->Set(field.first, field.second);
    if (!status.ok()) return status;
  }
  if (scope == Scope::kAllButShape && policy->shape != now.shape) {
    Policy other = now;
    other.shape = policy->shape;
    return ShapeIsFixed(now, other);
  }
  return Status::OK();
}

Status LivePolicy::Change(const Fields& fields, Scope scope) {
  std::lock_guard<std::mutex> lock(mutex_);
  Policy policy;
  const Status status = Changed(fields, scope, &policy);
  return status.ok() ? Swap(policy) : status;
}

Status LivePolicy::Replace(const Policy& policy) {
  std::lock_guard<std::mutex> lock(mutex_);
  return Swap(policy);
}

std::unique_lock<std::mutex> LivePolicy::OneMoment() {
  static auto* const mutex = new std::mutex;  // outlives all databases
  return std::unique_lock<std::mutex>(*mutex);
}

bool LivePolicy::TakeTurnToWarn() const {
  const Policy* const now = &Get();
  return warned_of_.exchange(now) != now;
}

int64_t LivePolicy::NowMs() const {
  rocksdb::SystemClock* const clock = clock_.load(std::memory_order_acquire);
  return static_cast<int64_t>(clock->NowMicros() / 1000);
}

int64_t LivePolicy::SteadyMs() const {
  rocksdb::SystemClock* const clock = clock_.load(std::memory_order_acquire);
  return static_cast<int64_t>(clock->NowNanos() / 1000000);
}

void LivePolicy::SetClock(std::shared_ptr<rocksdb::SystemClock> clock) {
  std::lock_guard<std::mutex> lock(mutex_);
  clock_given_ = clock != nullptr;
  if (clock == nullptr) clock = rocksdb::SystemClock::Default();
  clocks_.push_back(std::move(clock));
  clock_.store(clocks_.back().get(), std::memory_order_release);
}

void LivePolicy::AdoptClock(rocksdb::Env* env) {
  if (env == nullptr || env == rocksdb::Env::Default()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  if (clock_given_ || clocks_.back() == env->GetSystemClock()) return;
  clocks_.push_back(env->GetSystemClock());
  clock_.store(clocks_.back().get(), std::memory_order_release);
}

OptionTypeInfo LivePolicy::TypeInfo(PolicyUse use, const std::string& field) {
  return OptionTypeInfo(
      0, rocksdb::OptionType::kUnknown,
      rocksdb::OptionVerificationType::kNormal,
      rocksdb::OptionTypeFlags::kMutable,
      [](const ConfigOptions& /*options*/, const std::string& name,
         const std::string& value, void* address) {
        return static_cast<LivePolicy*>(address)->Change({{name, value}},
                                                         Scope::kAll);
      },
      // RocksDB leaves out what prints as nothing.
      [use, field](const ConfigOptions& options, const std::string& /*name*/,
                   const void* address, std::string* value) {
        const auto* const live = static_cast<const LivePolicy*>(address);
        const bool shown = live->configured() && Keeps(use, field);
        *value = shown ? SetOptionsCall::Shown(options, *live).Get(field) : "";
        return Status::OK();
      },
      [use, field](const ConfigOptions& options, const std::string& /*name*/,
                   const void* address, const void* other,
                   std::string* mismatch) {
        const Policy mine = SetOptionsCall::Shown(
            options, *static_cast<const LivePolicy*>(address));
        const Policy& theirs = static_cast<const LivePolicy*>(other)->Get();
        if (!Keeps(use, field) || mine.Get(field) == theirs.Get(field)) {
          return true;
        }
        *mismatch = field;
        return false;
      });
}

const std::unordered_map<std::string, OptionTypeInfo>* LivePolicy::TypeMap(
    PolicyUse use) {
  using Map = std::unordered_map<std::string, OptionTypeInfo>;
  const auto make = [](PolicyUse of) {
    auto* const map = new Map;
    for (const std::string& field : PolicyFieldNames()) {
      map->emplace(field, TypeInfo(of, field));
    }
    return map;
  };
  static const Map* const all = make(PolicyUse::kAll);
  static const Map* const shape = make(PolicyUse::kShape);
  return use == PolicyUse::kAll ? all : shape;
}

}  // namespace varve
