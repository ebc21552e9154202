// The series index: which label sets there are, which ids they have, and which
// of them match. A column family of its own beside that of the samples; a
// library of its own, libvarve_index, which links RE2.
//
//   varve::Registration held;
//   index->Register(&entry, 1, &batch, &held);       // label set -> id
//   writer->Add(varve::SeriesName(held.ids()[0]), timestamp_ms, value, &batch);
//   if (db->Write({}, &batch).ok()) held.Written();
//
// Label sets are Prometheus': UTF-8, labels ascending by name, each name once,
// no empty value; `__name__` is the metric's name. Ids are given once, below
// 2^42. A label set has one id for as long as any of its samples can be seen:
// it gets another one only when it comes back after it was deleted, or after
// all days on which it had samples are past the retention.
//
// Time is days: a series is found for a time range when it was registered with
// a timestamp on one of its days (UTC).
//
// Errors are Statuses: InvalidArgument for what a caller got wrong, Corruption
// for a row that nobody can read. No exception leaves a function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/system_clock.h"
#include "rocksdb/write_batch.h"
#include "varve/export.h"
#include "varve/row_shape.h"

namespace varve {

using rocksdb::Slice;
using rocksdb::Status;

using SeriesId = uint64_t;
inline constexpr SeriesId kNoSeries = ~SeriesId{0};

struct Label {
  Slice name;
  Slice value;
};

// Borrowed: the caller's labels must live for the call.
struct LabelSet {
  const Label* labels = nullptr;
  size_t count = 0;
};

// How an id names a series to SampleWriter and SampleReader: 6 bytes of seven
// bits each, none of them 0, that sort as ids do.
inline constexpr size_t kSeriesNameBytes = 6;
VARVE_EXPORT std::string SeriesName(SeriesId id);
// False for anything else.
VARVE_EXPORT bool ParseSeriesName(const Slice& series, SeriesId* id);

// Labels as Prometheus matches them: an absent label has the empty value, and
// expressions are anchored at both ends.
enum class MatchKind { kEqual, kNotEqual, kRegex, kNotRegex };
struct Matcher {
  std::string name;
  MatchKind kind = MatchKind::kEqual;
  std::string value;
};

// Inclusive, both.
struct TimeRange {
  int64_t start_ms = kTimestampMin;
  int64_t end_ms = kTimestampMax;
};

// ---------------------------------------------------------------- options

struct VARVE_EXPORT IndexColumnFamilyOptions {
  // Days that lie wholly before it are gone; 0: kept for ever. That of the
  // samples, which see.
  int64_t retention_ms = 0;
  // How long after that rows stay on disk, for clocks that differ.
  int64_t safety_lag_ms = kMillisPerHour;
};

// Sets the merge operator and the compaction filter factory of the index's
// column family, zstd, and block size and bloom filter of its
// BlockBasedTable; its block cache and all else stay as they are. Each column
// family needs a call of its own: copies share their filter. NotSupported when
// libvarve is not there.
VARVE_EXPORT Status
ConfigureIndexColumnFamily(const IndexColumnFamilyOptions& options,
                           rocksdb::ColumnFamilyOptions* cf_options);

struct VARVE_EXPORT SeriesIndexOptions {
  // Memory for known series (16 bytes each) and known labels: what does not
  // fit is looked up in the database.
  size_t series_cache_bytes = size_t{64} << 20;
  size_t pair_cache_bytes = size_t{16} << 20;
  // For texts of labels, of each call that reads them.
  size_t text_buffer_bytes = size_t{16} << 20;

  // What a registered label set may have; more is InvalidArgument.
  size_t labels_max = 128;  // at most 1,024
  size_t label_name_bytes_max = 1024;
  size_t label_value_bytes_max = size_t{16} << 10;

  // Of a matcher's expression, and RE2's memory for it.
  size_t regex_bytes_max = size_t{4} << 10;
  int64_t regex_memory_bytes = int64_t{8} << 20;

  // What "now" is for retention; nullptr: the system's clock.
  std::shared_ptr<rocksdb::SystemClock> clock;
};

// ---------------------------------------------------------------- writing

// A label set together with a time at which it has a sample: one for each day
// (UTC) on which the batch has samples of it.
struct SeriesEntry {
  LabelSet labels;
  int64_t timestamp_ms = 0;
};

// The series that one call registered, from before the database is asked until
// its batch has been written or given up. Deletions wait for it: let go of it
// soon, in any case before the index is closed. Not thread-safe.
class VARVE_EXPORT Registration {
 public:
  Registration();
  ~Registration();
  Registration(Registration&& other) noexcept;
  Registration& operator=(Registration&& other) noexcept;

  // One for each entry, in their order.
  const std::vector<SeriesId>& ids() const { return ids_; }

  // Says that the batch has been written: the series are known from now on
  // without asking the database. Call it after a write that succeeded only.
  void Written();

 private:
  friend class SeriesIndex;
  struct Rep;
  std::vector<SeriesId> ids_;
  std::unique_ptr<Rep> rep_;
};

// ---------------------------------------------------------------- reading

// Ids in ascending order, each once. Not thread-safe; independent of what
// happens to the index meanwhile.
class VARVE_EXPORT SeriesIdCursor {
 public:
  virtual ~SeriesIdCursor() = default;
  virtual bool Next() = 0;
  virtual SeriesId id() const = 0;
  // All of them, whatever Next has passed.
  virtual uint64_t count() const = 0;
};

struct SelectOptions {
  TimeRange range;
  // The `now` of the retention; negative: the clock's.
  int64_t now_ms = -1;
  // Of label names and values: the first so many, in byte order; 0: all.
  size_t limit = 0;
};

// What an index holds, as Prometheus' status/tsdb has it.
struct VARVE_EXPORT IndexCardinality {
  using Counts = std::vector<std::pair<std::string, uint64_t>>;
  uint64_t series = 0;
  uint64_t pairs = 0;       // distinct labels with their values
  Counts series_by_metric;  // largest first
  Counts values_by_label;   // likewise
};

// Thread-safe but for its destructor. One for a column family at a time.
class VARVE_EXPORT SeriesIndex {
 public:
  // `db` and `cf` must outlive the index. InvalidArgument for a column family
  // that ConfigureIndexColumnFamily has not set up, or that has an open index.
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     const SeriesIndexOptions& options,
                     std::unique_ptr<SeriesIndex>* index);
  ~SeriesIndex();

  // Finds the ids of label sets, gives new ones to those that have none, and
  // adds to *batch what the index needs to know of them: write it, together
  // with their samples, or not at all. A series that is known with its day
  // costs no row. Any number of threads may meet the same label sets. All or
  // none: on error *batch and *registration are as before. *registration must
  // be empty.
  Status Register(const SeriesEntry* entries, size_t count,
                  rocksdb::WriteBatch* batch, Registration* registration);

  // The ids of label sets; kNoSeries for those that are not known.
  Status Resolve(const LabelSet* sets, size_t count,
                 std::vector<SeriesId>* ids);

  // The series that match all matchers. None: every series.
  Status Select(const std::vector<Matcher>& matchers,
                const SelectOptions& options,
                std::unique_ptr<SeriesIdCursor>* cursor);

  // Calls `each` with the labels of each id, in ascending order; ids that are
  // not known are passed over. The labels are valid during the call. False
  // from `each` ends it. REQUIRES: ascending ids.
  Status ReadLabels(const SeriesId* ids, size_t count,
                    const std::function<bool(SeriesId, const LabelSet&)>& each);
  // The same of what a cursor has left.
  Status ReadLabels(SeriesIdCursor* cursor,
                    const std::function<bool(SeriesId, const LabelSet&)>& each);

  // The names, or the values of a name, that matching series have.
  Status LabelNames(const std::vector<Matcher>& matchers,
                    const SelectOptions& options,
                    std::vector<std::string>* names);
  Status LabelValues(const std::string& name,
                     const std::vector<Matcher>& matchers,
                     const SelectOptions& options,
                     std::vector<std::string>* values);

  // Of all series that are not dead, those past retention that no
  // RemoveExpired has seen included; lists of at most `limit`.
  Status GetCardinality(size_t limit, IndexCardinality* cardinality);

  // Adds the deletion of a series' samples to the batch: varve::DeleteSeries.
  using DeleteSamples =
      std::function<Status(SeriesId id, rocksdb::WriteBatch* batch)>;

  // Deletes the series that match at the start of the call, each together with
  // its samples in one batch, many series in a batch. Waits for registrations
  // that are held, and holds new ones up for each batch: must not be called by
  // a thread that holds one. After a crash some are deleted and some not.
  // *deleted, unless nullptr: how many.
  Status DeleteSeries(const std::vector<Matcher>& matchers,
                      const DeleteSamples& delete_samples, uint64_t* deleted);

  // Marks the series whose days are all past retention and safety lag as dead,
  // so that compactions take them out of all rows. The same waiting. Without a
  // retention: no effect. Worth a call a day.
  Status RemoveExpired(uint64_t* removed);

  // Compacts the column family, so that nothing is left of dead series, and
  // forgets which they were.
  Status Compact();

 private:
  struct Rep;
  explicit SeriesIndex(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace varve
