// varve dump: SST files entry by entry, with what their bytes mean.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compaction/sample_properties.h"
#include "format/row/block_dump.h"
#include "format/row/row_key.h"
#include "plugin/samples/row_reader.h"
#include "tools/command.h"
#include "tools/database.h"
#include "tools/progress.h"
#include "tools/series_pattern.h"
#include "tools/sst_file.h"
#include "varve/varve.h"

DECLARE_string(db);
DEFINE_int32(samples, 5, "Samples shown of each block; negative: all");
DEFINE_int32(bytes, 32, "Bytes shown of each column; negative: all");
DEFINE_bool(brief, false, "One line an entry, without what is in it");

namespace varve::tools {
namespace {

size_t Limit(int32_t flag) {
  return flag < 0 ? SIZE_MAX : static_cast<size_t>(flag);
}

const char* TypeName(rocksdb::EntryType type) {
  switch (type) {
    case rocksdb::kEntryPut:
      return "put";
    case rocksdb::kEntryMerge:
      return "merge";
    case rocksdb::kEntryDelete:
    case rocksdb::kEntryDeleteWithTimestamp:
      return "delete";
    case rocksdb::kEntrySingleDelete:
      return "single delete";
    case rocksdb::kEntryBlobIndex:
      return "blob index";
    default:
      return "other";
  }
}

class Dumper {
 public:
  // Files of so many bytes are to come.
  Dumper(std::shared_ptr<rocksdb::FileSystem> files, uint64_t total_bytes)
      : files_(std::move(files)),
        pattern_(FLAGS_series),
        progress_("dump", Progress::Prints::kAllAlong),
        total_bytes_(total_bytes) {
    limits_.samples_max = Limit(FLAGS_samples);
    limits_.column_bytes_max = Limit(FLAGS_bytes);
  }

  Status DumpFile(const std::string& path);

 private:
  void DumpProperties(const std::string& path, const SstWalk& walk);
  Status DumpRangeTombstones(SstWalk* walk);
  void DumpEntry(const SstEntry& entry);

  const std::shared_ptr<rocksdb::FileSystem> files_;
  const SeriesPattern pattern_;
  BlockDumpLimits limits_;
  bool has_shape_ = false;
  RowShape shape_;
  Progress progress_;
  const uint64_t total_bytes_;
  uint64_t done_bytes_ = 0;  // of files before the present one
};

void Dumper::DumpProperties(const std::string& path, const SstWalk& walk) {
  const rocksdb::TableProperties& properties = walk.properties();
  std::printf("%s: %s, %s bytes, %s entries\n", path.c_str(),
              walk.is_part() ? "a part" : "block-based",
              WithCommas(walk.file_bytes()).c_str(),
              WithCommas(properties.num_entries).c_str());
  for (const auto& [name, value] : properties.user_collected_properties) {
    if (name.compare(0, 6, "varve.") != 0) continue;
    std::printf("  %s  %s\n", name.c_str(), value.c_str());
  }
}

Status Dumper::DumpRangeTombstones(SstWalk* walk) {
  std::vector<SstRangeTombstone> tombstones;
  const Status status = walk->ListRangeTombstones(&tombstones);
  for (const SstRangeTombstone& tombstone : tombstones) {
    std::printf("\ndelete range @%llu  %s  to  %s\n",
                static_cast<unsigned long long>(tombstone.sequence),
                Slice(tombstone.begin).ToString(/*hex=*/true).c_str(),
                Slice(tombstone.end).ToString(/*hex=*/true).c_str());
  }
  return status;
}

void Dumper::DumpEntry(const SstEntry& entry) {
  ParsedRowKey row;
  const bool is_row = has_shape_ && ParseRowKey(shape_, entry.user_key, &row);
  if (!FLAGS_series.empty() && !(is_row && pattern_.Matches(row.series()))) {
    return;
  }
  std::string text = FLAGS_brief ? "" : "\n";
  text += std::string(TypeName(entry.type)) + " @" +
          std::to_string(entry.sequence) + "  ";
  if (is_row) {
    text += "series " + PrintableSeries(row.series()) + "  bucket " +
            TimeText(row.bucket_start_ms);
    if (shape_.partition != Partition::kNone) {
      text += std::string("  ") + PartitionName(shape_.partition) + " of " +
              TimeText(row.partition_day * kMillisPerDay).substr(0, 10);
    }
  } else {
    text += "foreign key " + entry.user_key.ToString(/*hex=*/true);
  }
  text += "  " + std::to_string(entry.value.size()) + " bytes\n";
  if (!FLAGS_brief && !entry.value.empty()) {
    DumpBlock(entry.value, limits_, &text);
  }
  std::fputs(text.c_str(), stdout);
}

Status Dumper::DumpFile(const std::string& path) {
  std::unique_ptr<SstWalk> walk;
  Status status = OpenSst(path, files_, &walk);
  if (!status.ok()) return status;
  DumpProperties(path, *walk);
  SampleProperties properties;
  has_shape_ = ParseSampleProperties(
                   walk->properties().user_collected_properties, &properties)
                   .ok();
  shape_ = properties.shape;
  const uint64_t entries_total =
      std::max<uint64_t>(1, walk->properties().num_entries);
  uint64_t entries = 0;
  SstEntry entry;
  while (walk->Next(&entry)) {
    DumpEntry(entry);
    progress_.Update(
        done_bytes_ + walk->file_bytes() * ++entries / entries_total,
        total_bytes_, 0);
  }
  done_bytes_ += walk->file_bytes();
  status = walk->status();
  if (status.ok()) status = DumpRangeTombstones(walk.get());
  std::printf("\n");
  return status;
}

// The column family's files, from the newest to the oldest level.
Status FilesOf(const DatabaseFlags& flags, std::unique_ptr<Database>* database,
               std::vector<std::string>* files) {
  rocksdb::ColumnFamilyHandle* cf;
  Status status = Database::OpenForReading(flags, database);
  if (status.ok()) status = (*database)->FindFamily(&cf);
  if (!status.ok()) return status;
  rocksdb::ColumnFamilyMetaData metadata;
  (*database)->db()->GetColumnFamilyMetaData(cf, &metadata);
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      files->push_back(file.db_path + file.name);
    }
  }
  return status;
}

uint64_t BytesOf(const std::vector<std::string>& paths,
                 rocksdb::FileSystem* files) {
  uint64_t bytes = 0;
  for (const std::string& path : paths) {
    uint64_t size = 0;  // what is wrong is said when it is opened
    files->GetFileSize(path, rocksdb::IOOptions(), &size, nullptr)
        .PermitUncheckedError();
    bytes += size;
  }
  return bytes;
}

int RunDump(const std::vector<std::string>& words) {
  if (FLAGS_db.empty() == words.empty()) {
    return FailUsage(kDumpCommand, "takes --db=DIR or FILES, one of them");
  }
  std::vector<std::string> files = words;
  std::shared_ptr<rocksdb::FileSystem> read_from =
      rocksdb::FileSystem::Default();
  std::unique_ptr<Database> database;  // keeps its files
  Status status;
  if (files.empty()) {
    DatabaseFlags flags;
    status = DatabaseFlags::Read(&flags);
    if (status.ok()) status = FilesOf(flags, &database, &files);
    if (!status.ok()) return Fail(status);
    read_from = database->db()->GetEnv()->GetFileSystem();
  }
  for (const std::string& file : words) {
    status = CheckReadable(file);
    if (!status.ok()) return Fail(status);
  }
  if (files.empty()) {
    std::printf("no files yet: what is not flushed does not show here\n");
  }
  Dumper dumper(read_from, BytesOf(files, read_from.get()));
  ExitCode code = kOk;
  for (const std::string& file : files) {
    status = dumper.DumpFile(file);
    if (!status.ok()) code = Fail(status);
  }
  return code;
}

}  // namespace

const Command kDumpCommand = {
    "dump",
    "--db=DIR|FILE.sst...",
    "print the entries of files, annotated",
    "Prints Varve's properties of SST files, parts and block-based ones, and "
    "every\nentry as it lies there: key, sequence number, and the bytes of its "
    "block with\nwhat they mean. With --db all files of a column family, level "
    "by level; what\nis not flushed yet is not there. Opens read-only; nothing "
    "ages.",
    "  varve dump /data/metrics/*.sst --series='up{*' --samples=-1\n"
    "  varve dump --db=/data/metrics --brief\n",
    {"db", "series", "samples", "bytes", "brief", "column_family"},
    Arguments::kFiles,
    RunDump,
};

}  // namespace varve::tools
