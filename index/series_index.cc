// The public face of the series index: see series_index.h.
#include "varve/series_index.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "compaction/object_ids.h"
#include "index/dead_series.h"
#include "index/index_core.h"
#include "index/label_reader.h"
#include "index/label_values.h"
#include "index/registrar.h"
#include "index/selection.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/merge_operator.h"

namespace varve {
namespace {

// No exception leaves a public function.
template <typename Work>
Status NoThrow(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Status::MemoryLimit(error.what());
  }
}

class SetCursor : public SeriesIdCursor {
 public:
  explicit SetCursor(IdSet ids) : ids_(std::move(ids)), walk_(ids_) {}
  bool Next() override { return walk_.Next(&id_); }
  SeriesId id() const override { return id_; }
  uint64_t count() const override { return ids_.count(); }

 private:
  const IdSet ids_;
  IdWalk walk_;
  SeriesId id_ = kNoSeries;
};

constexpr unsigned kNameBits = 7;

}  // namespace

std::string SeriesName(SeriesId id) {
  std::string name(kSeriesNameBytes, '\0');
  for (size_t i = 0; i < kSeriesNameBytes; ++i) {
    const uint64_t bits = id >> (kNameBits * (kSeriesNameBytes - 1 - i));
    name[i] = static_cast<char>(0x80 | (bits & 0x7f));
  }
  return name;
}

bool ParseSeriesName(const Slice& series, SeriesId* id) {
  if (series.size() != kSeriesNameBytes) return false;
  SeriesId result = 0;
  for (size_t i = 0; i < kSeriesNameBytes; ++i) {
    const auto byte = static_cast<unsigned char>(series[i]);
    if (byte < 0x80) return false;
    result = result << kNameBits | (byte & 0x7f);
  }
  *id = result;
  return true;
}

// ---------------------------------------------------------------- writing

struct Registration::Rep {
  std::unique_ptr<HeldRegistration> held;
};

Registration::Registration() = default;
Registration::~Registration() = default;
Registration::Registration(Registration&& other) noexcept = default;
Registration& Registration::operator=(Registration&& other) noexcept = default;

void Registration::Written() {
  if (rep_ != nullptr) rep_->held->Written();
}

struct SeriesIndex::Rep {
  Rep(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
      const SeriesIndexOptions& options)
      : core(db, cf, options), dead(&core) {}
  ~Rep() {
    if (core.age != nullptr) core.age->EndTurn();
  }

  Status Open();

  IndexCore core;
  DeadSeries dead;
};

Status SeriesIndex::Rep::Open() {
  const rocksdb::Options options = core.db->GetOptions(core.cf);
  const auto& merge = options.merge_operator;
  core.filter = options.compaction_filter_factory;
  IndexAge* const age = core.filter == nullptr || merge == nullptr ||
                                !merge->IsInstanceOf(kIndexMergeId)
                            ? nullptr
                            : core.filter->GetOptions<IndexAge>(kIndexAgeName);
  if (age == nullptr) {
    return Status::InvalidArgument(
        "column family '" + core.cf->GetName() +
        "' has not VarveIndexMerge and VarveIndexFilter: set it up with "
        "ConfigureIndexColumnFamily");
  }
  if (!age->TakeTurn()) {
    return Status::InvalidArgument(
        "column family '" + core.cf->GetName() +
        "', or another with the same options' objects, has an open series "
        "index: share that one");
  }
  core.age = age;
  age->SetClock(core.options.clock != nullptr
                    ? core.options.clock
                    : rocksdb::SystemClock::Default());
  Status status = dead.Load();
  const IndexReader reader(core.db, core.cf);
  uint64_t next_series = 0;
  uint64_t next_pair = 0;
  if (status.ok()) {
    status = reader.ReadNumber(NumberKey(IndexRowKind::kNextSeries), 0,
                               &next_series);
  }
  if (status.ok()) {
    status =
        reader.ReadNumber(NumberKey(IndexRowKind::kNextPair), 1, &next_pair);
  }
  core.pending_series.SetNext(next_series);
  core.pending_pairs.SetNext(std::max<uint64_t>(next_pair, 1));
  return status;
}

SeriesIndex::SeriesIndex(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
SeriesIndex::~SeriesIndex() = default;

Status SeriesIndex::Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                         const SeriesIndexOptions& options,
                         std::unique_ptr<SeriesIndex>* index) {
  return NoThrow([&]() -> Status {
    if (options.labels_max > kLabelsMax ||
        options.label_value_bytes_max >= size_t{1} << 24) {
      return Status::InvalidArgument(
          "labels_max is at most 1024, label_value_bytes_max below 16 MiB");
    }
    auto rep = std::make_unique<Rep>(db, cf, options);
    const Status status = rep->Open();
    if (status.ok()) index->reset(new SeriesIndex(std::move(rep)));
    return status;
  });
}

Status SeriesIndex::Register(const SeriesEntry* entries, size_t count,
                             rocksdb::WriteBatch* batch,
                             Registration* registration) {
  return NoThrow([&]() -> Status {
    if (registration->rep_ != nullptr) {
      return Status::InvalidArgument("a registration that is not empty");
    }
    IndexCore* const core = &rep_->core;
    auto rep = std::make_unique<Registration::Rep>();
    std::vector<SeriesId> ids;
    EnteredGate entered(&core->gate);
    const Status status =
        Registrar(core).Register(entries, count, batch, &ids, &rep->held);
    if (!status.ok()) return status;
    entered.Keep();
    registration->ids_ = std::move(ids);
    registration->rep_ = std::move(rep);
    return status;
  });
}

Status SeriesIndex::Resolve(const LabelSet* sets, size_t count,
                            std::vector<SeriesId>* ids) {
  return NoThrow([&]() -> Status {
    EnteredGate entered(&rep_->core.gate);
    return Registrar(&rep_->core).Resolve(sets, count, ids);
  });
}

// ---------------------------------------------------------------- reading

Status SeriesIndex::Select(const std::vector<Matcher>& matchers,
                           const SelectOptions& options,
                           std::unique_ptr<SeriesIdCursor>* cursor) {
  return NoThrow([&]() -> Status {
    IdSet ids;
    const Status status =
        Selection(&rep_->core)
            .Select(matchers, options.range, options.now_ms, &ids);
    if (status.ok()) *cursor = std::make_unique<SetCursor>(std::move(ids));
    return status;
  });
}

Status SeriesIndex::ReadLabels(
    SeriesIdCursor* cursor,
    const std::function<bool(SeriesId, const LabelSet&)>& each) {
  return NoThrow([&]() -> Status {
    LabelReader labels(&rep_->core);
    while (cursor->Next()) {
      LabelSet set;
      const Status status = labels.Read(cursor->id(), &set);
      if (status.IsNotFound()) continue;
      if (!status.ok()) return status;
      if (!each(cursor->id(), set)) break;
    }
    return Status::OK();
  });
}

Status SeriesIndex::ReadLabels(
    const SeriesId* ids, size_t count,
    const std::function<bool(SeriesId, const LabelSet&)>& each) {
  return NoThrow([&]() -> Status {
    LabelReader labels(&rep_->core);
    const auto dead = rep_->core.age->dead();
    for (size_t i = 0; i < count; ++i) {
      LabelSet set;
      if (ids[i] > kIndexNumberMax || dead->series.Contains(ids[i])) continue;
      const Status status = labels.Read(ids[i], &set);
      if (status.IsNotFound()) continue;
      if (!status.ok()) return status;
      if (!each(ids[i], set)) break;
    }
    return Status::OK();
  });
}

Status SeriesIndex::LabelNames(const std::vector<Matcher>& matchers,
                               const SelectOptions& options,
                               std::vector<std::string>* names) {
  return NoThrow([&] {
    return varve::LabelValues(&rep_->core, matchers, options).Names(names);
  });
}

Status SeriesIndex::LabelValues(const std::string& name,
                                const std::vector<Matcher>& matchers,
                                const SelectOptions& options,
                                std::vector<std::string>* values) {
  return NoThrow([&]() -> Status {
    return varve::LabelValues(&rep_->core, matchers, options)
        .Values(name, values);
  });
}

Status SeriesIndex::GetCardinality(size_t limit,
                                   IndexCardinality* cardinality) {
  return NoThrow([&] {
    return varve::LabelValues(&rep_->core, {}, SelectOptions())
        .Count(limit, cardinality);
  });
}

// ---------------------------------------------------------------- leaving

Status SeriesIndex::DeleteSeries(const std::vector<Matcher>& matchers,
                                 const DeleteSamples& delete_samples,
                                 uint64_t* deleted) {
  return NoThrow([&] {
    uint64_t count = 0;
    const Status status = rep_->dead.Delete(matchers, delete_samples, &count);
    if (deleted != nullptr) *deleted = count;
    return status;
  });
}

Status SeriesIndex::RemoveExpired(uint64_t* removed) {
  return NoThrow([&] {
    uint64_t count = 0;
    const Status status = rep_->dead.RemoveExpired(&count);
    if (removed != nullptr) *removed = count;
    return status;
  });
}

Status SeriesIndex::Compact() {
  return NoThrow([&] { return rep_->dead.Compact(); });
}

}  // namespace varve
