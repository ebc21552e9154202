// SampleWriter of varve.h. Checks all samples, then cuts them by bucket and
// adds an operand a row; within a row the order of writes stays, so that the
// last write of a timestamp wins. Scratch memory is the thread's own.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "format/row/row_key.h"
#include "plugin/host/no_throw.h"
#include "plugin/samples/first_sequence.h"
#include "plugin/samples/live_column_family.h"
#include "plugin/samples/operand_encoder.h"
#include "varve/varve.h"

namespace varve {
namespace {

// Neighbouring samples of one bucket.
struct BucketRun {
  int64_t bucket_start_ms;
  size_t begin;
  size_t end;
};

struct Scratch {
  std::string key;
  std::string operand;
  std::vector<BucketRun> bucket_runs;
};

Scratch& ThreadScratch() {
  static thread_local Scratch scratch;
  return scratch;
}

// When samples are too late and too early to be meant.
struct Limits {
  int64_t last_ms;           // of the valid range and future_limit
  int64_t expire_before_ms;  // past retention; INT64_MIN without one
};

Limits LimitsAt(const Policy& policy, int64_t now_ms) {
  Limits limits{kTimestampMax, INT64_MIN};
  if (policy.future_limit_ms > 0) {
    limits.last_ms = std::min(limits.last_ms, now_ms + policy.future_limit_ms);
  }
  if (policy.retention_ms > 0) {
    limits.expire_before_ms = now_ms - policy.retention_ms;
  }
  return limits;
}

Status Refusal(const Policy& policy, int64_t now_ms, const Sample* samples,
               size_t index) {
  const Status status = CheckTimestamp(samples, index);
  if (!status.ok()) return status;
  return Status::InvalidArgument(
      NameSample(samples, index) +
      "lies more than future_limit=" + FormatDuration(policy.future_limit_ms) +
      " beyond now, " + std::to_string(now_ms) +
      ": micro- or nanoseconds taken for milliseconds?");
}

// Cuts samples into runs of one bucket each.
void FindBucketRuns(const RowShape& shape, const Sample* samples, size_t count,
                    std::vector<BucketRun>* runs) {
  runs->clear();
  for (size_t i = 0; i < count;) {
    const int64_t bucket = shape.BucketStart(samples[i].timestamp_ms);
    const int64_t first = shape.BucketFirst(bucket);
    const int64_t last = shape.BucketLast(bucket);
    const size_t begin = i;
    while (i < count && samples[i].timestamp_ms >= first &&
           samples[i].timestamp_ms <= last) {
      ++i;
    }
    runs->push_back({bucket, begin, i});
  }
}

}  // namespace

struct SampleWriter::Rep {
  Status AddOne(const Slice& series, const Sample& sample,
                rocksdb::WriteBatch* batch);
  Status AddMany(const Slice& series, const Sample* samples, size_t count,
                 rocksdb::WriteBatch* batch);
  Status AddRows(const Slice& series, const Sample* samples, Scratch* scratch,
                 rocksdb::WriteBatch* batch, size_t* overwritten);
  Status AddRow(const Slice& series, int64_t bucket_start_ms, Scratch* scratch,
                rocksdb::WriteBatch* batch);
  Status Refuse(size_t count, const Status& status) {
    Counters done;
    done.written_refused = count;
    live.counters->Add(done);
    return status;
  }

  LiveColumnFamily live;
  RowShape shape;
};

Status SampleWriter::Rep::AddOne(const Slice& series, const Sample& sample,
                                 rocksdb::WriteBatch* batch) {
  Status status = CheckSeries(series);
  if (!status.ok()) return Refuse(1, status);
  const Policy& policy = live.policy->Get();
  const int64_t now_ms = live.policy->NowMs();
  const Limits limits = LimitsAt(policy, now_ms);
  const int64_t t = sample.timestamp_ms;
  if (t < kTimestampMin || t > limits.last_ms) {
    return Refuse(1, Refusal(policy, now_ms, &sample, 0));
  }
  Scratch& scratch = ThreadScratch();
  const int64_t bucket = shape.BucketStart(t);
  scratch.operand.clear();
  OperandEncoder::ForThisThread().EncodeOne(shape, bucket, t, sample.value,
                                            &scratch.operand);
  status = AddRow(series, bucket, &scratch, batch);
  if (!status.ok()) return status;
  Counters done;
  done.written_samples = 1;
  done.written_expired = t < limits.expire_before_ms ? 1 : 0;
  live.counters->Add(done);
  return status;
}

Status SampleWriter::Rep::AddMany(const Slice& series, const Sample* samples,
                                  size_t count, rocksdb::WriteBatch* batch) {
  Status status = CheckSeries(series);
  if (!status.ok()) return Refuse(count, status);
  const Policy& policy = live.policy->Get();
  const int64_t now_ms = live.policy->NowMs();
  const Limits limits = LimitsAt(policy, now_ms);
  Counters done;
  for (size_t i = 0; i < count; ++i) {
    const int64_t t = samples[i].timestamp_ms;
    if (t < kTimestampMin || t > limits.last_ms) {
      return Refuse(count, Refusal(policy, now_ms, samples, i));
    }
    done.written_expired += t < limits.expire_before_ms ? 1 : 0;
  }
  Scratch& scratch = ThreadScratch();
  FindBucketRuns(shape, samples, count, &scratch.bucket_runs);
  size_t overwritten = 0;
  batch->SetSavePoint();
  status = NoThrow(
      [&] { return AddRows(series, samples, &scratch, batch, &overwritten); });
  if (!status.ok()) {
    batch->RollbackToSavePoint();
    return status;
  }
  batch->PopSavePoint();
  done.written_samples = count;
  done.samples_overwritten = overwritten;
  live.counters->Add(done);
  return status;
}

// An operand for each bucket of scratch->bucket_runs (more only for a row of
// more samples than a block can hold).
Status SampleWriter::Rep::AddRows(const Slice& series, const Sample* samples,
                                  Scratch* scratch, rocksdb::WriteBatch* batch,
                                  size_t* overwritten) {
  std::vector<BucketRun>& runs = scratch->bucket_runs;
  const auto earlier = [](const BucketRun& a, const BucketRun& b) {
    return a.bucket_start_ms < b.bucket_start_ms;
  };
  if (!std::is_sorted(runs.begin(), runs.end(), earlier)) {
    std::stable_sort(runs.begin(), runs.end(), earlier);
  }
  OperandEncoder& encoder = OperandEncoder::ForThisThread();
  encoder.run()->clear();  // what a failure may have left
  for (size_t i = 0; i < runs.size(); ++i) {
    BucketRun& rest = runs[i];
    const size_t count = std::min(rest.end - rest.begin,
                                  kBlockSamplesMax - encoder.run()->size());
    encoder.Append(samples + rest.begin, count);
    rest.begin += count;
    const bool row_goes_on =
        rest.begin == rest.end && i + 1 < runs.size() &&
        runs[i + 1].bucket_start_ms == rest.bucket_start_ms;
    if (row_goes_on) continue;
    scratch->operand.clear();
    *overwritten +=
        encoder.Finish(shape, rest.bucket_start_ms, &scratch->operand);
    const Status status = AddRow(series, rest.bucket_start_ms, scratch, batch);
    if (!status.ok()) return status;
    if (rest.begin < rest.end) --i;  // more than one operand can hold
  }
  return Status::OK();
}

// Adds scratch->operand.
Status SampleWriter::Rep::AddRow(const Slice& series, int64_t bucket_start_ms,
                                 Scratch* scratch, rocksdb::WriteBatch* batch) {
  scratch->key.clear();
  AppendRowKey(shape, series, bucket_start_ms, &scratch->key);
  return batch->Merge(live.cf, scratch->key, scratch->operand);
}

SampleWriter::SampleWriter(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
SampleWriter::~SampleWriter() = default;

Status SampleWriter::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                          std::unique_ptr<SampleWriter>* writer) {
  auto rep = std::make_unique<Rep>();
  Status status = OpenLive(db, cf, &rep->live);
  if (status.ok()) status = RaiseFirstSequence({}, db, cf);
  if (!status.ok()) return status;
  rep->shape = rep->live.shape();
  writer->reset(new SampleWriter(std::move(rep)));
  Attach(db);
  return status;
}

Status SampleWriter::Add(const Slice& series, const Sample* samples,
                         size_t count, rocksdb::WriteBatch* batch) {
  return NoThrow([&] {
    return count == 1 ? rep_->AddOne(series, samples[0], batch)
                      : rep_->AddMany(series, samples, count, batch);
  });
}

Status SampleWriter::Add(const Slice& series, int64_t timestamp_ms,
                         double value, rocksdb::WriteBatch* batch) {
  return NoThrow([&] {
    return rep_->AddOne(series, Sample{timestamp_ms, value}, batch);
  });
}

}  // namespace varve
