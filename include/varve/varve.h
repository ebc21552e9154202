// Varve turns a RocksDB column family into a time-series store. This is the
// whole public interface; a service that only sets option strings needs none
// of it.
//
// Samples are (timestamp, value): int64 milliseconds since 1970 UTC, from
// 1970-01-01 to 9999-12-31, and a float64 that is kept bit for bit. A series
// is named by 1 to kSeriesBytesMax opaque bytes; short ids of fixed length
// are best. What a reader sees is a pure function of what was written, the
// policy and the time, whatever has been flushed or compacted: last write
// wins, then dedup, then the coarsest tier whose window has aged, then
// retention (README.md states the laws).
//
// Errors are Statuses: InvalidArgument for what a caller got wrong,
// Corruption for a row that holds bytes no version of Varve wrote,
// NotSupported for one that a newer version wrote. No exception leaves a
// function declared here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/system_clock.h"
#include "rocksdb/write_batch.h"
#include "varve/ageing_report.h"
#include "varve/compaction_preset.h"
#include "varve/counters.h"
#include "varve/export.h"
#include "varve/policy.h"
#include "varve/row_shape.h"

namespace varve {

using rocksdb::Slice;

struct Sample {
  int64_t timestamp_ms;
  double value;
};

// ---------------------------------------------------------------- options

// Of new files. Both are always read, and compactions convert.
enum class FileFormat {
  kPart,        // VarvePartTable's own
  kBlockBased,  // RocksDB's, as the column family's table factory writes it
};

struct VARVE_EXPORT Options {
  Policy policy;

  FileFormat file_format = FileFormat::kPart;

  // How RocksDB picks files to compact: docs/presets.md.
  CompactionPreset compaction = CompactionPreset::kVm;

  // What "now" is for merges, compaction, the writer's future_limit and the
  // reader's default; nullptr: the system's clock. Ageing waits by its NowNanos
  // before it tries again what failed.
  std::shared_ptr<rocksdb::SystemClock> clock;

  // A policy's text form, in which compaction=keep, leveled, universal or vm
  // may stand as well: "compaction=vm;downsampling_period=30d:5m". All or
  // nothing; what the text does not name has its default, what a text cannot
  // name (the clock, the file format) stays.
  static Status Parse(const std::string& text, Options* options);
};

// Sets the merge operator, compaction filter factory, partitioner and
// properties collector of a column family, all with options.policy,
// VarvePartTable around its BlockBasedTable, whose cache it shares (a
// VarvePartTable that is there gets file_format only), and what
// options.compaction says; ttl and periodic_compaction_seconds become 0, as
// RocksDB has them for its own table only. Another table stays, and any table
// under FIFO compaction. InvalidArgument when the policy does not validate or
// the preset does not fit; *cf_options is then untouched.
//
// Call it once for each column family, also of other databases: copies of
// ColumnFamilyOptions, and of rocksdb::Options, share their objects, and a
// policy set for one column family would be in force in the other. The second
// one is refused with InvalidArgument: by DB::Open where the first is known to
// be open (its scheduler runs), by SampleReader::Open, SampleWriter::Open and
// SetPolicy otherwise; and so is every change of the policy while there are
// two. The same database may be opened with them again, also read-only or as a
// secondary beside itself, and another one once the first is closed or the
// column family dropped.
VARVE_EXPORT Status ConfigureColumnFamily(
    const Options& options, rocksdb::ColumnFamilyOptions* cf_options);

// Adds the listener VarveTierScheduler, with its defaults: it ages the
// database's files (README.md, Ageing) and writes what each job did to samples
// into RocksDB's LOG. No effect if there is one already.
VARVE_EXPORT Status ConfigureDB(const Options& options,
                                rocksdb::DBOptions* db_options);

// RocksDB's LOG for the database that is about to be opened in `dir` with these
// options, to be set as options.info_log: named, rolled and trimmed as RocksDB
// does it, but where a write to it fails, as on a full disk, what it was to
// hold is left out. RocksDB's own log does so on a library without assertions
// only; on one with them, as Debian packages it, the line after the one that
// failed ends the process.
VARVE_EXPORT Status OpenInfoLog(const std::string& dir,
                                const rocksdb::DBOptions& options,
                                std::shared_ptr<rocksdb::Logger>* log);

// Checks an open column family: that it carries Varve's merge operator, that
// its filter factory, partitioner and collector agree with it, that no other
// column family had these objects before, and that bucket, partition and
// window are those that its files were written with. SampleReader::Open and
// SampleWriter::Open call it.
VARVE_EXPORT Status CheckColumnFamily(rocksdb::DB* db,
                                      rocksdb::ColumnFamilyHandle* cf);

// The policy in force in an open column family.
VARVE_EXPORT Status GetPolicy(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                              Policy* policy);

// Replaces tiers, dedup, retention, safety_lag, future_limit or ageing while
// the database runs, in all of the column family's objects at once, and
// persists that as DB::SetOptions does. `changes` is in Policy's text form
// and holds the fields to change only. InvalidArgument when the result does
// not validate or would change bucket, partition or window, or when another
// column family has the same objects; IOError when RocksDB could not write its
// OPTIONS file. Unless it is OK the policy before is in force, as the OPTIONS
// file has it. NotSupported for a read-only database.
VARVE_EXPORT Status SetPolicy(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                              const std::string& changes);

// Replaces the clock of a column family's objects, before the database is
// opened with these options (tools' --now, tests). No effect on objects that
// are not Varve's.
VARVE_EXPORT void SetClock(const rocksdb::ColumnFamilyOptions& cf_options,
                           std::shared_ptr<rocksdb::SystemClock> clock);

// What the column family's objects have done to samples since they were made
// (merges of reads included). Thread-safe; the fields are read one by one.
VARVE_EXPORT Status GetCounters(rocksdb::DB* db,
                                rocksdb::ColumnFamilyHandle* cf,
                                Counters* counters);

// ---------------------------------------------------------------- ageing

struct AgeingPlanOptions {
  // Fields of a policy, as SetPolicy takes them, to plan as if they were set.
  std::string changes;
  // The time to plan for; negative: the clock's.
  int64_t now_ms = -1;
  // The scheduler's own, if the database has one.
  const AgeingLimits* limits = nullptr;
};

// What ageing would do now and when, told from the files' properties alone:
// no data is read and nothing changes. Also for read-only databases. Files
// that the database's scheduler does not know yet are opened for it; without a
// scheduler, all of them.
VARVE_EXPORT Status PlanAgeing(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                               const AgeingPlanOptions& options,
                               AgeingPlan* plan);

// Does what is due in all of the database's column families, in the caller's
// thread and without regard for ageing_rate, until nothing is left that can
// be done now. What failed before is tried at once. Not OK: what was due and
// could not be done, with the reason and the files of the first job and the
// number of others (NoSpace; Corruption of a damaged file, which is set aside);
// all else has been done. Files that RocksDB compacts at the moment, or that
// snapshots hold, wait without an error: PlanAgeing names them.
// InvalidArgument if the database has no VarveTierScheduler listener,
// NotSupported if it is read-only.
VARVE_EXPORT Status AgeNow(rocksdb::DB* db);

// What the database's scheduler has done so far.
VARVE_EXPORT Status GetAgeingStatus(rocksdb::DB* db, AgeingStatus* status);

// Starts the database's scheduler if it has one and it is not running. Its
// first callback from RocksDB (a flush, a compaction), SampleReader::Open and
// SampleWriter::Open do so as well: a database that is reopened and left idle
// ages only after one of these. With a scheduler or without: what files hold
// is made safe from a snapshot at sequence number 0 (docs/OPERATIONS.md, Bulk
// loading). No effect on read-only databases.
VARVE_EXPORT void Attach(rocksdb::DB* db);

// ---------------------------------------------------------------- encoding
// For services that build rows by themselves (bulk loads, other transports).

// Appends the key of the row that holds `series` at `timestamp_ms`.
// InvalidArgument for a bad series, a timestamp out of range, or a shape that
// no policy can have.
VARVE_EXPORT Status EncodeRowKey(const RowShape& shape, const Slice& series,
                                 int64_t timestamp_ms, std::string* key);

// Appends a merge operand with these samples, which must lie in one bucket;
// any order, a later position counts as written later. InvalidArgument when
// count is 0 or above 16 Mi, the samples do not lie in one bucket, or the shape
// is one that no policy can have.
VARVE_EXPORT Status EncodeSamples(const RowShape& shape, const Sample* samples,
                                  size_t count, std::string* operand);

// Appends the samples of a row's value or of one operand, in ascending order
// of time with the last write of each timestamp. Any bytes are safe to pass.
VARVE_EXPORT Status DecodeSamples(const Slice& block,
                                  std::vector<Sample>* samples);

// Takes in files of rows that rocksdb::SstFileWriter has written with the
// column family's options (DB::GetOptions) and Merge entries, so that rows
// which already hold samples keep them. All or none; a later file of `files`
// counts as written later, and all of them as written now. A DeleteRange in a
// file acts on what was there before it. The files are moved: linked into the
// database and removed from where they lay, copied from another file system;
// when the call fails they stay.
//
// For any database, full or empty, with other threads that write, read, hold
// snapshots, flush and compact meanwhile; writers wait while memtables are
// flushed. Thread-safe, one call for a database at a time. Use this and not
// DB::IngestExternalFile, after which RocksDB's errors can lose rows or stop
// the database (docs/OPERATIONS.md, Bulk loading).
//
// InvalidArgument for no files and for what RocksDB refuses, NotSupported for
// a read-only database, and what CheckColumnFamily says.
VARVE_EXPORT Status IngestFiles(rocksdb::DB* db,
                                rocksdb::ColumnFamilyHandle* cf,
                                const std::vector<std::string>& files);

// ---------------------------------------------------------------- writing

// Cuts samples into rows and adds them to a WriteBatch as merge operands, one
// for each row touched: hand over many samples of a series at once where you
// can. Thread-safe.
class VARVE_EXPORT SampleWriter {
 public:
  // `db` and `cf` must outlive the writer.
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     std::unique_ptr<SampleWriter>* writer);
  ~SampleWriter();

  // All or none: on error nothing is added to *batch. InvalidArgument for a
  // bad series, or a timestamp outside the valid range or beyond now +
  // future_limit (micro- or nanoseconds taken for milliseconds); the message
  // names the first sample at fault. Samples already past retention are
  // written like others and counted (Counters::written_expired).
  Status Add(const Slice& series, const Sample* samples, size_t count,
             rocksdb::WriteBatch* batch);
  Status Add(const Slice& series, int64_t timestamp_ms, double value,
             rocksdb::WriteBatch* batch);

 private:
  struct Rep;
  explicit SampleWriter(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// Deletes every row that `series` has at this moment, in all partitions.
// Foreign keys are left alone.
VARVE_EXPORT Status DeleteSeries(const rocksdb::WriteOptions& write_options,
                                 rocksdb::DB* db,
                                 rocksdb::ColumnFamilyHandle* cf,
                                 const Slice& series);

// ---------------------------------------------------------------- reading

struct SampleReadOptions {
  // Snapshot, fill_cache, verify_checksums and so on. Bounds and prefix
  // settings are the reader's own and ignored here.
  rocksdb::ReadOptions rocksdb;

  // The `now` of View(now); negative: the clock's when the read starts.
  int64_t now_ms = -1;
};

// Streams one series' samples in ascending time. Not thread-safe; must not
// outlive its reader.
class VARVE_EXPORT SampleCursor {
 public:
  virtual ~SampleCursor() = default;

  // Moves to the next run of samples, never an empty one; false at the end or
  // on an error: see status().
  virtual bool Next() = 0;

  // The present run; valid until the next call of Next().
  virtual const int64_t* timestamps_ms() const = 0;
  virtual const double* values() const = 0;
  virtual size_t size() const = 0;

  // OK, or why Next() stopped: Corruption and NotSupported name the row.
  virtual Status status() const = 0;
};

// Lists series in ascending byte order, each once. A series whose samples
// have all expired may still be listed.
class VARVE_EXPORT SeriesCursor {
 public:
  virtual ~SeriesCursor() = default;
  virtual bool Next() = 0;
  virtual const std::string& series() const = 0;
  virtual Status status() const = 0;
};

// Which samples of which series. What a prefix or whole partitions of time
// leave out costs nothing.
struct ScanOptions {
  // Series whose name starts with this.
  std::string prefix;

  // Of those, the ones for which this is true; nullptr: all. Called by the
  // cursor's Next and NextSeries, once for each series and partition; must not
  // throw. What is left out is passed by, not decoded.
  std::function<bool(const Slice& series)> matches;

  int64_t start_ms = kTimestampMin;  // inclusive, both
  int64_t end_ms = kTimestampMax;

  // Memory for rows that lie in several partitions, which are read ahead, a
  // share of each in turn. Less of it is more seeks, never another result.
  size_t buffer_bytes = size_t{8} << 20;
};

// Streams the samples of many series: series by series in ascending byte
// order, each in ascending time.
//
//   while (cursor->NextSeries()) {
//     while (cursor->Next()) Use(cursor->series(), cursor->timestamps_ms(), …);
//     if (!cursor->status().ok()) …  // the rest of this series is missing
//   }
//   if (!cursor->status().ok()) …    // the series behind this one are missing
class VARVE_EXPORT ScanCursor : public SampleCursor {
 public:
  // Moves to the next series that has rows in the range, before its first
  // run, past what is left of the present one; there may be no run in it.
  // False at the end or on an error that concerns more than one series.
  virtual bool NextSeries() = 0;

  // The present series; valid until the next call of NextSeries().
  virtual const std::string& series() const = 0;

  // Next() of SampleCursor stops at the end of the series. A row that cannot
  // be read (Corruption, NotSupported) ends its series and no other; status()
  // says so until NextSeries() is called.
};

struct SampleReaderOptions {
  // Memory for columns that were read in part and can only be decoded from
  // their beginning: the next narrow read of one then takes as long as the
  // samples asked for. About a byte a value (eight of a few kinds), four a
  // timestamp that is not regular. 0: none is kept. Reads without fill_cache
  // do not use it.
  size_t column_cache_bytes = size_t{8} << 20;
};

// Reads exactly View(now). Thread-safe.
class VARVE_EXPORT SampleReader {
 public:
  // `db` and `cf` must outlive the reader and its cursors.
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     std::unique_ptr<SampleReader>* reader);
  static Status Open(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                     const SampleReaderOptions& options,
                     std::unique_ptr<SampleReader>* reader);
  ~SampleReader();

  // The samples of `series` with start_ms <= timestamp <= end_ms. Errors,
  // also of the arguments, show in the cursor's status().
  std::unique_ptr<SampleCursor> Read(const SampleReadOptions& options,
                                     const Slice& series, int64_t start_ms,
                                     int64_t end_ms);

  // The same into *samples (replaced). On an error what was read before it
  // is in *samples.
  Status Read(const SampleReadOptions& options, const Slice& series,
              int64_t start_ms, int64_t end_ms, std::vector<Sample>* samples);

  // The newest of these samples; *found false, and *sample as it was, when
  // there is none. Cheapest in the row that holds end_ms or the few before:
  // that row's last value is all that is decoded.
  Status ReadLast(const SampleReadOptions& options, const Slice& series,
                  int64_t start_ms, int64_t end_ms, Sample* sample,
                  bool* found);

  // The samples of many series, at one `now` and as the database was at this
  // call, with or without a snapshot: what Read would say of each, for a
  // small part of the time where series are short. Everything is read once, in
  // key order. Like a RocksDB iterator, the cursor keeps the files and
  // memtables of that moment alive, until it is destroyed or has ended.
  std::unique_ptr<ScanCursor> Scan(const SampleReadOptions& options,
                                   const ScanOptions& scan);

  // The series that Scan goes through, in the same order.
  std::unique_ptr<SeriesCursor> ListSeries(const SampleReadOptions& options,
                                           const ScanOptions& scan);
  // Series whose name starts with `prefix`.
  std::unique_ptr<SeriesCursor> ListSeries(const SampleReadOptions& options,
                                           const Slice& prefix);

 private:
  struct Rep;
  explicit SampleReader(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace varve
