#include "bench/samples/workloads.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "tools/value_text.h"

namespace varve::bench {
namespace {

constexpr int64_t kLateMs = kMillisPerHour;

class Workload {
 public:
  Workload(const std::string& name, const WorkloadOptions& options,
           Layout* layout)
      : name_(name), options_(options), layout_(*layout) {
    rounds_ = DataSetSamples(options) / options.stream.series;
  }

  Status Run(Result* result);

  using Body = Status (Workload::*)(WorkDone* done);
  static const std::map<std::string, Body>& Bodies();

 private:
  using ThreadBody = std::function<Status(uint32_t thread, WorkDone* done)>;

  Status FillSeries(WorkDone* done);
  Status FillBulk(WorkDone* done);
  Status OverwriteLate(WorkDone* done);
  Status ReadRange(WorkDone* done);
  Status ReadLast(WorkDone* done);
  Status ScanAll(WorkDone* done);
  Status MergeCompact(WorkDone* done);
  Status AgeTiers(WorkDone* done);
  Status Export(WorkDone* done);

  Status FillSlots(SampleStream* stream, uint32_t thread, WorkDone* done);
  Status InThreads(const ThreadBody& body, WorkDone* done);
  Status ReadInThreads(
      uint64_t seed,
      const std::function<Status(uint64_t* random, std::vector<Sample>*)>& read,
      WorkDone* done);
  Status Settle();

  int64_t LastMs() const {
    return kStreamStartMs +
           static_cast<int64_t>(rounds_) * options_.stream.interval_ms;
  }
  // Samples that the data set has.
  uint64_t DataSet() const { return rounds_ * options_.stream.series; }

  const std::string name_;
  const WorkloadOptions options_;
  Layout& layout_;
  uint64_t rounds_;  // samples of each slot
};

const std::map<std::string, Workload::Body>& Workload::Bodies() {
  static const std::map<std::string, Body> bodies = {
      {"fillseries", &Workload::FillSeries},
      {"fillbulk", &Workload::FillBulk},
      {"overwritelate", &Workload::OverwriteLate},
      {"readrange", &Workload::ReadRange},
      {"readlast", &Workload::ReadLast},
      {"scanall", &Workload::ScanAll},
      {"mergecompact", &Workload::MergeCompact},
      {"agetiers", &Workload::AgeTiers},
      {"export", &Workload::Export}};
  return bodies;
}

Status Workload::Run(Result* result) {
  const auto body = Bodies().find(name_);
  if (body == Bodies().end()) {
    return Status::InvalidArgument("no benchmark is named " + name_);
  }
  layout_.clock()->SetMs(LastMs());
  const Measurement measurement(name_, layout_);
  WorkDone done;
  const Status status = (this->*body->second)(&done);
  if (!status.ok()) return status;
  *result = measurement.Finish(std::move(done), DataSet());
  result->operation = name_.compare(0, 4, "read") == 0 ? "read" : "write";
  return status;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// Runs the body once for each thread; the first error counts.
Status Workload::InThreads(const ThreadBody& body, WorkDone* done) {
  std::vector<std::thread> threads;
  std::vector<WorkDone> all(options_.threads);
  std::vector<Status> statuses(options_.threads);
  const auto start = std::chrono::steady_clock::now();
  for (uint32_t i = 0; i < options_.threads; ++i) {
    threads.emplace_back([&, i] {
      statuses[i] = body(i, &all[i]);
      all[i].extra_thread_seconds = SecondsSince(start);
    });
  }
  for (std::thread& thread : threads) thread.join();
  done->extra_thread_seconds -= SecondsSince(start);
  for (uint32_t i = 0; i < options_.threads; ++i) {
    if (!statuses[i].ok()) return statuses[i];
    done->Add(all[i]);
  }
  return Status::OK();
}

// Background work that a write caused belongs to it.
Status Workload::Settle() {
  const Status status = layout_.Flush();
  return status.ok() ? layout_.WaitForBackground() : status;
}

// An operation that is written later than others.
struct HeldOp {
  uint64_t due_round;
  std::string series;
  std::vector<Sample> samples;
};

// Round by round, as scrapes come in; a thread has every n-th slot.
Status Workload::FillSlots(SampleStream* stream, uint32_t thread,
                           WorkDone* done) {
  uint64_t random = options_.stream.seed * 31 + thread;
  const auto late_rounds = static_cast<uint64_t>(
      std::max<int64_t>(1, kLateMs / options_.stream.interval_ms));
  std::vector<HeldOp> held;
  size_t held_begin = 0;
  rocksdb::WriteBatch batch;
  std::string series;
  std::vector<Sample> samples;
  OpMeter meter(options_.meter, thread, done);
  uint32_t in_batch = 0;
  uint64_t samples_in_batch = 0;
  auto write = [&] {
    meter.Begin();
    const Status status = layout_.Write(&batch);
    meter.Finish(std::exchange(in_batch, 0),
                 std::exchange(samples_in_batch, 0));
    return status;
  };
  auto add = [&](const std::string& name, const std::vector<Sample>& op) {
    const Status status = layout_.Add(name, op.data(), op.size(), &batch);
    samples_in_batch += op.size();
    return status.ok() && ++in_batch >= options_.ops_per_batch ? write()
                                                               : status;
  };
  Status status;
  for (uint64_t round = 0; round < rounds_ && status.ok();) {
    const uint64_t count =
        std::min<uint64_t>(options_.samples_per_op, rounds_ - round);
    for (uint32_t slot = thread; slot < options_.stream.series && status.ok();
         slot += options_.threads) {
      for (uint64_t left = count; left > 0 && status.ok();) {
        stream->Next(slot, left, &series, &samples);
        left -= samples.size();
        if (NextRandom(&random) % 100 < options_.late_pct) {
          held.push_back({round + late_rounds, series, samples});
        } else {
          status = add(series, samples);
        }
      }
    }
    round += count;
    const bool is_last = round >= rounds_;
    while (status.ok() && held_begin < held.size() &&
           (is_last || held[held_begin].due_round <= round)) {
      status = add(held[held_begin].series, held[held_begin].samples);
      held[held_begin++] = HeldOp();
    }
  }
  if (status.ok() && in_batch > 0) status = write();
  return status;
}

Status Workload::FillSeries(WorkDone* done) {
  SampleStream stream(options_.stream);
  const Status status = InThreads(
      [&](uint32_t thread, WorkDone* part) {
        return FillSlots(&stream, thread, part);
      },
      done);
  return status.ok() ? Settle() : status;
}

Status Workload::FillBulk(WorkDone* done) {
  SampleStream stream(options_.stream);
  OpMeter meter(options_.meter, 0, done);
  std::unique_ptr<tools::SampleSink> sink;
  Status status = layout_.OpenBulk(&sink);
  std::string series;
  std::vector<Sample> samples;
  for (uint32_t slot = 0; slot < options_.stream.series; ++slot) {
    for (uint64_t left = rounds_; left > 0 && status.ok();) {
      stream.Next(slot, left, &series, &samples);
      left -= samples.size();
      meter.Begin();
      status = sink->Add(series, samples.data(), samples.size());
      meter.Finish(1, samples.size());
    }
  }
  if (status.ok()) status = sink->Finish();
  return status.ok() ? layout_.WaitForBackground() : status;
}

// Writes late_pct percent of the data set again, with other values.
Status Workload::OverwriteLate(WorkDone* done) {
  const SampleStream stream(options_.stream);
  const uint64_t ops = std::max<uint64_t>(
      1, DataSet() * options_.late_pct / 100 / options_.samples_per_op);
  const Status status = InThreads(
      [&](uint32_t thread, WorkDone* part) {
        uint64_t random = options_.stream.seed * 37 + thread;
        OpMeter meter(options_.meter, thread, part);
        rocksdb::WriteBatch batch;
        std::vector<Sample> samples;
        Status written;
        for (uint64_t op = thread; op < ops && written.ok();
             op += options_.threads) {
          const auto slot = static_cast<uint32_t>(NextRandom(&random) %
                                                  options_.stream.series);
          uint64_t index = NextRandom(&random) % rounds_;
          const std::string series = stream.SeriesAt(slot, index);
          samples.clear();
          while (samples.size() < options_.samples_per_op && index < rounds_ &&
                 stream.SeriesAt(slot, index) == series) {
            samples.push_back(
                {stream.TimestampAt(slot, index++), NextUniform(&random)});
          }
          meter.Begin();
          written = layout_.Add(series, samples.data(), samples.size(), &batch);
          if (written.ok()) written = layout_.Write(&batch);
          meter.Finish(1, samples.size());
        }
        return written;
      },
      done);
  return status.ok() ? Settle() : status;
}

// As db_bench, --reads of them in each thread.
Status Workload::ReadInThreads(
    uint64_t seed,
    const std::function<Status(uint64_t* random, std::vector<Sample>*)>& read,
    WorkDone* done) {
  return InThreads(
      [&](uint32_t thread, WorkDone* part) {
        uint64_t random = options_.stream.seed * seed + thread;
        OpMeter meter(options_.meter, thread, part);
        std::vector<Sample> samples;
        Status status;
        for (uint64_t i = 0; i < options_.reads && status.ok(); ++i) {
          meter.Begin();
          status = read(&random, &samples);
          meter.Finish(1, samples.size());
        }
        return status;
      },
      done);
}

// Windows at random places of random series.
Status Workload::ReadRange(WorkDone* done) {
  const SampleStream stream(options_.stream);
  const int64_t room =
      std::max<int64_t>(1, LastMs() - kStreamStartMs - options_.window_ms);
  return ReadInThreads(
      41,
      [&](uint64_t* random, std::vector<Sample>* samples) {
        const auto slot =
            static_cast<uint32_t>(NextRandom(random) % options_.stream.series);
        const auto at = static_cast<int64_t>(NextRandom(random) %
                                             static_cast<uint64_t>(room));
        const auto index =
            static_cast<uint64_t>(at / options_.stream.interval_ms);
        const int64_t start_ms = kStreamStartMs + at;
        return layout_.Read(stream.SeriesAt(slot, index), start_ms,
                            start_ms + options_.window_ms - 1, samples);
      },
      done);
}

// The newest five minutes of random series.
Status Workload::ReadLast(WorkDone* done) {
  constexpr int64_t kLastMs = 5 * 60 * kMillisPerSecond;
  const SampleStream stream(options_.stream);
  return ReadInThreads(
      43,
      [&](uint64_t* random, std::vector<Sample>* samples) {
        const auto slot =
            static_cast<uint32_t>(NextRandom(random) % options_.stream.series);
        return layout_.Read(stream.SeriesAt(slot, rounds_ - 1),
                            LastMs() - kLastMs, LastMs(), samples);
      },
      done);
}

Status Workload::ScanAll(WorkDone* done) {
  OpMeter meter({false, options_.meter.interval_seconds}, 0, done);
  return layout_.ScanAll(
      [&](const Sample*, size_t count) { meter.Finish(count, count); });
}

Status Workload::MergeCompact(WorkDone* done) {
  Status status = layout_.Flush();
  if (status.ok()) status = layout_.CompactAll();
  done->ops = 1;
  done->samples = DataSet();
  return status;
}

// What the scheduler does once the newest sample is old enough for each tier,
// and the clock with it.
Status Workload::AgeTiers(WorkDone* done) {
  if (!layout_.ages()) return Status::NotSupported("does not age");
  Policy policy;
  Status status =
      GetPolicy(layout_.db(), layout_.db()->DefaultColumnFamily(), &policy);
  if (status.ok()) status = layout_.Flush();
  OpMeter meter(options_.meter, 0, done);
  for (const Tier& tier : policy.tiers) {
    if (!status.ok()) break;
    meter.Begin();
    layout_.clock()->SetMs(LastMs() + tier.offset_ms + tier.interval_ms +
                           policy.safety_lag_ms + policy.shape.bucket_width_ms);
    status = AgeNow(layout_.db());
    meter.Finish(1, DataSet());
  }
  return status;
}

// All samples as CSV text, which goes nowhere.
Status Workload::Export(WorkDone* done) {
  OpMeter meter({false, options_.meter.interval_seconds}, 0, done);
  std::string text;
  return layout_.ScanAll([&](const Sample* samples, size_t count) {
    text.clear();
    for (size_t i = 0; i < count; ++i) {
      text += std::to_string(samples[i].timestamp_ms);
      text += ',';
      tools::AppendValue(samples[i].value, &text);
      text += '\n';
    }
    meter.Finish(count, count);
  });
}

}  // namespace

bool IsWorkload(const std::string& name) {
  return Workload::Bodies().count(name) == 1;
}

uint64_t DataSetSamples(const WorkloadOptions& options) {
  const uint64_t series = options.stream.series;
  return std::max<uint64_t>(1, options.num / series) * series;
}

bool WantsFreshDatabase(const std::string& name) {
  return name == "fillseries" || name == "fillbulk";
}

Status RunWorkload(const std::string& name, const WorkloadOptions& options,
                   Layout* layout, Result* result) {
  return Workload(name, options, layout).Run(result);
}

}  // namespace varve::bench
