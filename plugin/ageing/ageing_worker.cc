// See ageing_worker.h. What one job does is in ageing_jobs.cc.
#include "plugin/ageing/ageing_worker.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "compaction/policy_agreement.h"
#include "compaction/policy_change.h"
#include "plugin/ageing/ageing_family.h"
#include "plugin/ageing/earlier_policy.h"
#include "plugin/host/column_family_handles.h"
#include "plugin/host/no_throw.h"
#include "plugin/host/status_text.h"

namespace varve {

using rocksdb::DB;

namespace {

// A pass after which work is left that could not be done now.
constexpr int64_t kPauseMaxMs = 1000 * kMillisPerSecond;

// Ageing has time: whoever serves goes first.
constexpr int kNice = 10;

}  // namespace

AgeingWorker::AgeingWorker(DB* root, const AgeingOptions& options)
    : db_(root),
      options_(options),
      default_handle_(root->DefaultColumnFamily()) {}

void AgeingWorker::Start() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (stopping_ || thread_.joinable() || options_.interval_ms == 0) return;
  thread_ = std::thread([this] { Loop(); });
}

void AgeingWorker::Stop() {
  std::thread thread;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    thread.swap(thread_);
  }
  wake_.notify_all();
  if (thread.joinable()) thread.join();
  std::lock_guard<std::mutex> until_the_pass_ends(pass_mutex_);
  std::map<uint32_t, std::shared_ptr<OpenFamily>> families;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    families.swap(families_);
  }
  for (const auto& family : families) family.second->Close();
}

bool AgeingWorker::Stopping() const {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) return true;
  }
  return IsClosing(db_);
}

bool AgeingWorker::WaitFor(int64_t ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  return !wake_.wait_for(lock, std::chrono::milliseconds(ms),
                         [this] { return stopping_; });
}

void AgeingWorker::Loop() {
  setpriority(PRIO_PROCESS, 0, kNice);  // on Linux: of this thread
  do {
    size_t jobs = 0;
    // What went wrong is in the LOG and the counters.
    NoThrow([&] { return Pass(/*paced=*/true, &jobs); }).PermitUncheckedError();
  } while (WaitFor(options_.interval_ms));
}

AgeingStatus AgeingWorker::status() const {
  std::lock_guard<std::mutex> lock(mutex_);
  AgeingStatus status;
  status.scheduled = true;
  status.counters = counters_;
  for (const auto& file : bad_files_) {
    status.set_aside.push_back(file.first + ": " + file.second.why.ToString());
  }
  return status;
}

bool AgeingWorker::WritesStall() {
  uint64_t stopped = 0;
  uint64_t delayed = 0;
  db_->GetIntProperty(DB::Properties::kIsWriteStopped, &stopped);
  db_->GetIntProperty(DB::Properties::kActualDelayedWriteRate, &delayed);
  return stopped > 0 || delayed > 0;
}

Status AgeingWorker::Pass(bool paced, size_t* jobs) {
  std::lock_guard<std::mutex> one_at_a_time(pass_mutex_);
  *jobs = 0;
  if (Stopping()) return Status::ShutdownInProgress();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ++counters_.passes;
  }
  Failures failures;
  MeetFamilies();
  const ColumnFamilyHandles families = OpenColumnFamilies(db_);
  ForgetAllBut(families);
  for (const auto& cf : families) {
    if (Stopping()) break;
    PassFamily(cf.get(), paced, jobs, &failures);
  }
  if (failures.count < 2) return failures.first;
  return WithText(failures.first,
                  "; " + std::to_string(failures.count - 1) +
                      " more could not be done (see LOG and PlanAgeing)");
}

// Plans anew after each job: files come and go, and a job's own outputs show
// what it left.
void AgeingWorker::PassFamily(rocksdb::ColumnFamilyHandle* cf, bool paced,
                              size_t* jobs, Failures* failures) {
  Family family(db_, cf);
  if (family.live != nullptr) SayWhatAChangeLost(family);
  if (!family.Ages()) return;
  const Retries retries = paced ? Retries::kInTime : Retries::kAtOnce;
  // Every job ends at least one file's turn. What comes in meanwhile has its
  // own in the next pass; no mistake in a plan may make this one endless.
  size_t attempts = 0;
  size_t attempts_max = 1;
  while (!Stopping() && attempts < attempts_max) {
    AgeingPlan plan;
    Failures left;
    const Status planned = Plan(family, retries, &plan, &left);
    if (!planned.ok()) return failures->Add(planned);
    if (plan.jobs.empty()) {
      if (!paced) failures->Add(left);
      return;
    }
    if (attempts++ == 0) attempts_max = 2 * plan.files.size() + 16;
    if (paced && WritesStall()) {
      std::lock_guard<std::mutex> lock(mutex_);
      ++counters_.yields;
      return;
    }
    const AgeingJob& job = plan.jobs.front();
    family.plan = &plan;
    const Status status = job.action == AgeingAction::kDrop
                              ? Drop(family, job)
                              : Rewrite(family, job);
    if (status.ok()) {
      ++*jobs;
      if (paced) Pause(job);
      continue;
    }
    if (status.IsShutdownInProgress() || status.IsColumnFamilyDropped()) return;
    // Set aside or to be tried later, if it has not gone: not in the next plan.
    if (!status.IsTryAgain()) failures->Add(status);
  }
}

void AgeingWorker::Pause(const AgeingJob& job) {
  if (options_.rate == 0 || job.action == AgeingAction::kDrop) return;
  const double ms = 1000.0 * static_cast<double>(job.bytes) /
                    static_cast<double>(options_.rate);
  const int64_t pause_ms =
      static_cast<int64_t>(std::min(ms, static_cast<double>(kPauseMaxMs)));
  {
    std::lock_guard<std::mutex> lock(mutex_);
    counters_.paused_ms += static_cast<uint64_t>(pause_ms);
  }
  WaitFor(pause_ms);
}

// A change while the database runs, or since it was last open.
void AgeingWorker::SayWhatAChangeLost(const Family& family) {
  const auto seen = policies_.find(family.cf->GetID());
  Policy before = family.policy();
  if (seen != policies_.end()) {
    before = seen->second;
  } else {
    EarlierPolicy(db_, family.cf->GetName(), &before).PermitUncheckedError();
  }
  const Policy& after = family.policy();
  policies_[family.cf->GetID()] = after;
  if (before == after || before.shape != after.shape) return;
  for (const std::string& lost : LostByChange(before, after)) {
    Say(family, "the policy has been changed: " + lost, /*warning=*/true);
  }
}

void AgeingWorker::SetAside(int64_t steady_ms, Retries retries,
                            AgeingInput* input) const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (AgeingFile& file : input->files) {
    const auto bad = bad_files_.find(file.name);
    if (bad != bad_files_.end()) {
      file.set_aside = true;
      file.set_aside_why = bad->second.why.ToString();
      continue;
    }
    const auto at = retries_.find(file.name);
    if (at == retries_.end()) continue;
    const Retry& retry = at->second;
    // A clock that goes back is not one to wait by.
    const int64_t waited_ms = steady_ms - retry.failed_at_ms;
    const bool waits = waited_ms >= 0 && waited_ms < retry.wait_ms;
    if (retries == Retries::kInTime ? !waits : retry.pass < counters_.passes) {
      continue;
    }
    file.set_aside = true;
    file.set_aside_why = "to be tried again: " + retry.why;
  }
}

// A file that was due is told from others by the time of what holds it back.
// What failed in this pass has been counted.
void AgeingWorker::CountSetAside(const AgeingPlan& plan,
                                 const AgeingFiles::Faults& unreadable,
                                 Failures* left) const {
  for (const auto& [name, status] : unreadable) {
    left->Add(WithText(status, "; " + name + " is not aged"));
  }
  std::lock_guard<std::mutex> lock(mutex_);
  for (const AgeingFileReport& file : plan.files) {
    const auto bad = bad_files_.find(file.name);
    if (bad == bad_files_.end() || bad->second.pass == counters_.passes ||
        file.action != AgeingAction::kWait || file.when_ms > plan.now_ms) {
      continue;
    }
    left->Add(WithText(bad->second.why, "; " + file.name + " is not aged"));
  }
}

void AgeingWorker::ForgetAllBut(const ColumnFamilyHandles& open) {
  const auto gone = [&](uint32_t id) {
    return std::none_of(open.begin(), open.end(),
                        [&](const auto& cf) { return cf->GetID() == id; });
  };
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto at = files_.begin(); at != files_.end();) {
    at = gone(at->first) ? files_.erase(at) : std::next(at);
  }
  for (auto at = policies_.begin(); at != policies_.end();) {
    at = gone(at->first) ? policies_.erase(at) : std::next(at);
  }
  for (auto at = retries_.begin(); at != retries_.end();) {
    at = gone(at->second.cf_id) ? retries_.erase(at) : std::next(at);
  }
}

// Their handles are kept: that the column families are open is then certain.
void AgeingWorker::MeetFamilies() {
  for (auto& handle : OpenColumnFamilies(db_)) {
    const uint32_t id = handle->GetID();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
      if (families_.count(id) > 0) continue;
    }
    const rocksdb::Options options = db_->GetOptions(handle.get());
    if (FindLivePolicy(options.merge_operator.get()) == nullptr) continue;
    const Status shared = RefuseSharedObjects(db_, handle.get(), options,
                                              PolicyUsers::Others::kEarlier);
    if (!shared.ok()) {
      rocksdb::Warn(options.info_log, "Varve: [%s]: %s",
                    handle->GetName().c_str(), shared.getState());
    }
    const auto family = std::make_shared<OpenFamily>(db_, std::move(handle));
    bool met = false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      met = !stopping_ && families_.emplace(id, family).second;
    }
    if (met) {
      AddUser(options, family);
    } else {
      family->Close();
    }
  }
}

void AgeingWorker::LetGoOf(const rocksdb::ColumnFamilyHandle* dropped) {
  std::shared_ptr<OpenFamily> family;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto at = families_.find(dropped->GetID());
    if (at == families_.end() || at->second->family() != FamilyOf(dropped)) {
      return;
    }
    family = std::move(at->second);
    families_.erase(at);
  }
  family->Close();
}

Status AgeingWorker::ReadFiles(rocksdb::ColumnFamilyHandle* cf,
                               const rocksdb::Options& options,
                               AgeingInput* input) {
  return ReadFiles(cf, options, Retries::kInTime, input, nullptr);
}

Status AgeingWorker::ReadFiles(rocksdb::ColumnFamilyHandle* cf,
                               const rocksdb::Options& options, Retries retries,
                               AgeingInput* input,
                               AgeingFiles::Faults* unreadable) {
  std::shared_ptr<AgeingFiles> files;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<AgeingFiles>& known = files_[cf->GetID()];
    if (known == nullptr) known = std::make_shared<AgeingFiles>();
    files = known;
  }
  const Status status = files->Read(db_, cf, options, input, unreadable);
  const LivePolicy* const live = FindLivePolicy(options.merge_operator.get());
  if (status.ok() && live != nullptr) {
    SetAside(live->SteadyMs(), retries, input);
  }
  return status;
}

Status AgeingWorker::Plan(const Family& family, Retries retries,
                          AgeingPlan* plan, Failures* left) {
  AgeingInput input;
  input.policy = family.policy();
  input.now_ms = family.NowMs();
  input.limits = options_.limits;
  input.foresee = false;
  AgeingFiles::Faults unreadable;
  const Status status =
      ReadFiles(family.cf, family.options, retries, &input, &unreadable);
  if (!status.ok()) return status;
  std::unordered_set<std::string> names;
  for (const AgeingFile& file : input.files) names.insert(file.name);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto at = retries_.begin(); at != retries_.end();) {
      const bool ours = at->second.cf_id == family.cf->GetID();
      at = ours && names.count(at->first) == 0 ? retries_.erase(at)
                                               : std::next(at);
    }
  }
  *plan = varve::PlanAgeing(input);
  CountSetAside(*plan, unreadable, left);
  return Status::OK();
}

}  // namespace varve
