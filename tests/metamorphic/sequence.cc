// See sequence.h. Steps that write are in sequence_writes.cc,
// those that ingest in sequence_ingest.cc.
#include "tests/metamorphic/sequence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "tests/compaction/changed_policy.h"
#include "tests/policy_generator.h"

namespace varve {
namespace {

constexpr int64_t kBackMaxMs = 10 * kMillisPerDay;

}  // namespace

Sequence::Sequence(uint64_t seed, StepLog log)
    : random_(seed),
      log_(log),
      policy_(DrawPolicyOfClass(seed % PolicyClasses().size(), &random_)),
      policies_({policy_}),
      model_(policy_),
      subject_(policy_, &random_),
      check_(&subject_, &random_),
      latest_now_ms_(kTestNowMs) {}

void Sequence::Run() {
  Log("policy " + policy_.ToString());
  AssertOk(subject_.Open());
  if (random_.OneIn(3)) IngestIntoEmpty();
  const uint64_t steps = 8 + random_.Below(18);
  for (uint64_t i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
    Step();
    if (!testing::Test::HasFatalFailure()) Verify();
  }
  ReleaseSnapshots();
}

void Sequence::Log(const std::string& step) {
  if (log_ == StepLog::kOn) std::fprintf(stderr, "  %s\n", step.c_str());
}

void Sequence::Step() {
  struct Choice {
    unsigned weight;
    const char* name;
    void (Sequence::*run)();
  };
  static const Choice kChoices[] = {
      {30, "write", &Sequence::Write},
      {8, "raw merge", &Sequence::RawMerge},
      {5, "put row", &Sequence::PutRow},
      {4, "delete row", &Sequence::DeleteRow},
      {3, "delete range", &Sequence::DeleteRange},
      {2, "delete series", &Sequence::DeleteWholeSeries},
      {4, "garbage", &Sequence::WriteGarbage},
      {4, "foreign", &Sequence::WriteForeign},
      {14, "flush", &Sequence::Flush},
      {8, "compact range", &Sequence::CompactRange},
      {8, "compact all", &Sequence::CompactAll},
      {8, "compact files", &Sequence::CompactFiles},
      {14, "age", &Sequence::Age},
      {5, "ingest", &Sequence::Ingest},
      {4, "ingest beside writes", &Sequence::IngestBesideWrites},
      {4, "compact level 0", &Sequence::CompactLevel0},
      {5, "snapshot", &Sequence::TakeSnapshot},
      {6, "reopen", &Sequence::Reopen},
      {12, "clock", &Sequence::MoveClock},
      {6, "policy", &Sequence::ChangePolicy},
      {4, "refused options", &Sequence::RefuseOptions},
      {2, "options of one object", &Sequence::RefuseOptionsOfOneObject},
      {2, "shared objects", &Sequence::ShareObjects},
  };
  unsigned sum = 0;
  for (const Choice& choice : kChoices) sum += choice.weight;
  auto at = static_cast<unsigned>(random_.Below(sum));
  for (const Choice& choice : kChoices) {
    if (at < choice.weight) {
      Log(choice.name);
      return (this->*choice.run)();
    }
    at -= choice.weight;
  }
}

void Sequence::Flush() { AssertOk(subject_.Flush()); }
void Sequence::Age() {
  const Status status =
      subject_.Age(!subject_.db()->GetOptions().disable_auto_compactions);
  // Jobs that RocksDB's own compactions got in the way of.
  ASSERT_TRUE(
      status.ok() ||
      (!subject_.db()->GetOptions().disable_auto_compactions &&
       (status.IsAborted() || status.IsBusy() || status.IsInvalidArgument())))
      << status.ToString();
}
void Sequence::CompactRange() { AssertOk(subject_.CompactSomeRange()); }
void Sequence::CompactAll() {
  AssertOk(subject_.CompactAll());
  if (held_.empty() && Now() == latest_now_ms_) {
    check_.Disk(model_, Now() - policy_.safety_lag_ms);
  }
}
void Sequence::CompactFiles() { AssertOk(subject_.CompactSomeFiles()); }

void Sequence::TakeSnapshot() {
  if (held_.size() >= 3) ReleaseSnapshots();
  held_.push_back({subject_.db()->GetSnapshot(), model_});
}

void Sequence::ReleaseSnapshots() {
  for (const Held& held : held_) {
    subject_.db()->ReleaseSnapshot(held.snapshot);
  }
  held_.clear();
}

void Sequence::Reopen() {
  ReleaseSnapshots();
  subject_.Close();
  AssertOk(subject_.Open());
}

// Forward by anything up to weeks; then, at times, back by less than the
// safety lag, as a replica's clock may be.
void Sequence::MoveClock() {
  static const std::vector<int64_t> kSteps = {
      1000, kMillisPerHour, kMillisPerDay, 20 * kMillisPerDay};
  latest_now_ms_ += random_.Between(0, random_.Pick(kSteps));
  int64_t now = latest_now_ms_;
  if (random_.OneIn(3)) now -= random_.Between(0, BackMs());
  subject_.clock()->SetMs(now);
}

// How far a clock may be behind the latest. What one policy leaves to the
// other's safety lag is used up by a change (policy_change.h).
int64_t Sequence::BackMs() const {
  return model_.changed() ? 0 : std::min(policy_.safety_lag_ms, kBackMaxMs);
}

// While the database runs, in one way or the other, or by another start.
void Sequence::ChangePolicy() {
  const Policy after = ChangedPolicy(policy_, &random_);
  Log("policy " + after.ToString());
  subject_.clock()->SetMs(latest_now_ms_);
  if (random_.OneIn(3)) {
    AssertOk(subject_.SetPolicy(after));
  } else if (random_.OneIn(2)) {
    SetOptions(after);
  } else {
    ReleaseSnapshots();
    subject_.Close();
    AssertOk(subject_.OpenWith(after));
  }
  // A compaction that began under the policy before may still take what the
  // new one shows. Two reads are compared: it must not end between them.
  AssertOk(subject_.db()->PauseBackgroundWork());
  AssertOk(subject_.db()->ContinueBackgroundWork());
  policy_ = after;
  policies_.push_back(after);
  model_.ChangePolicy(after, latest_now_ms_);
  for (Held& held : held_) held.model.ChangePolicy(after, latest_now_ms_);
}

void Sequence::Verify() {
  // Any time that is not further back than the safety lag.
  int64_t now = Now();
  if (random_.OneIn(3)) {
    now = latest_now_ms_ - random_.Between(0, BackMs());
  } else if (random_.OneIn(3)) {
    now = latest_now_ms_ + random_.Between(0, 100 * kMillisPerDay);
  }
  SampleReadOptions options;
  options.now_ms = now;
  check_.Readers(options, model_);
  for (const Held& held : held_) {
    options.rocksdb.snapshot = held.snapshot;
    check_.Readers(options, held.model);
  }
}

}  // namespace varve
