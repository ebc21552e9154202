#include "tools/file_verifier.h"

#include <memory>
#include <optional>

#include "compaction/live_policy.h"
#include "compaction/row_merge.h"
#include "compaction/sample_properties.h"
#include "compaction/sample_properties_collector.h"
#include "format/row/row_entries.h"
#include "format/row/row_key.h"
#include "plugin/samples/row_reader.h"
#include "tools/fixed_clock.h"
#include "tools/sst_file.h"

namespace varve::tools {
namespace {

constexpr size_t kProblemsMax = 100;  // kept of a file; all are counted
constexpr uint64_t kReportEvery = 256;

// The value as early builds read it, to which headers that name an interval
// twice, and containers in containers, were no samples of the row: such a
// file's properties say so. False where there is nothing of that kind.
bool AsEarlyBuildsRead(const Slice& value, std::string* read) {
  BlockHeader header;
  if (!PeekBlock(value, &header).ok()) return false;
  read->clear();
  if (header.form != BlockForm::kContainer) return header.repeats_interval;
  bool other = false;
  ContainerWriter seen;
  ContainerReader reader(value);
  Slice entry;
  while (reader.Next(&entry)) {
    const bool unreadable =
        PeekBlock(entry, &header).ok() &&
        (header.repeats_interval || header.form == BlockForm::kContainer);
    other |= unreadable;
    seen.Add(unreadable ? Slice() : entry);
  }
  seen.Finish(read);
  return other;
}

class FileVerifier {
 public:
  FileVerifier(const std::string& path,
               const std::shared_ptr<rocksdb::FileSystem>& files,
               const std::function<void(uint64_t)>& on_entries,
               FileFindings* findings)
      : path_(path),
        files_(files),
        on_entries_(on_entries),
        findings_(*findings) {}

  void Run();

 private:
  void Problem(const std::string& text) {
    ++findings_.problem_count;
    if (findings_.problems.size() < kProblemsMax) {
      findings_.problems.push_back(text);
    }
  }
  // Whoever reports names the file already.
  void ProblemOfFile(const Status& status) {
    std::string text =
        status.IsInvalidArgument() ? status.getState() : status.ToString();
    const size_t at = text.find(path_ + ": ");
    if (at != std::string::npos) text.erase(at, path_.size() + 2);
    if (IsAboutBytes(status)) {
      Problem(text);
    } else {
      findings_.not_checked = text;
    }
  }
  void ProblemOfRow(const ParsedRowKey& row, const std::string& text) {
    Problem("row of series " + PrintableSeries(row.series()) + ", bucket " +
            std::to_string(row.bucket_start_ms) + ": " + text);
  }

  void StartCollector();
  void CheckOrder(const SstEntry& entry);
  void CheckEntry(const SstEntry& entry);
  void CheckBlock(const ParsedRowKey& row, const Slice& block,
                  const BlockHeader& header);
  void CheckThinned(const ParsedRowKey& row, const BlockHeader& header);
  void CheckCounts();
  void CheckCount(const char* name, uint64_t stated, uint64_t found);
  void CheckSampleProperties();
  // What is otherwise than a collector that saw the same entries has it.
  std::vector<std::string> WrongProperties(
      rocksdb::TablePropertiesCollector* collector) const;

  const std::string path_;
  const std::shared_ptr<rocksdb::FileSystem> files_;
  const std::function<void(uint64_t)>& on_entries_;
  FileFindings& findings_;
  std::unique_ptr<SstWalk> walk_;
  std::optional<SampleProperties> stated_;  // with Varve's properties only
  SamplePropertiesFactory factory_;
  std::unique_ptr<rocksdb::TablePropertiesCollector> collector_;
  // Sees values as early builds read them.
  std::unique_ptr<rocksdb::TablePropertiesCollector> early_collector_;
  std::string early_value_;
  BlockDecoder decoder_;
  SampleRun run_;

  std::string last_key_;
  uint64_t last_sequence_ = 0;
  uint64_t tombstones_ = 0;
  uint64_t merges_ = 0;
  uint64_t key_bytes_ = 0;
  uint64_t value_bytes_ = 0;
};

void FileVerifier::Run() {
  Status status = OpenSst(path_, files_, &walk_);
  if (!status.ok()) return ProblemOfFile(status);
  findings_.is_part = walk_->is_part();
  findings_.file_bytes = walk_->file_bytes();
  status = walk_->VerifyChecksum();
  if (status.ok()) status = CheckFooterPadding(path_, files_);
  if (!status.ok()) return ProblemOfFile(status);
  StartCollector();
  SstEntry entry;
  while (walk_->Next(&entry)) {
    CheckOrder(entry);
    CheckEntry(entry);
    if (++findings_.entries % kReportEvery == 0) on_entries_(findings_.entries);
  }
  if (!walk_->status().ok()) return ProblemOfFile(walk_->status());
  findings_.largest_key = last_key_;
  CheckCounts();
  if (stated_) CheckSampleProperties();
}

// The file's shape, and collectors that see what the file's own saw.
void FileVerifier::StartCollector() {
  SampleProperties stated;
  const auto& properties = walk_->properties().user_collected_properties;
  Status status = ParseSampleProperties(properties, &stated);
  if (status.IsNotFound()) return;
  if (!status.ok()) return Problem(status.ToString());
  LivePolicy* const live = factory_.GetOptions<LivePolicy>(kLivePolicyName);
  Policy policy;
  policy.shape = stated.shape;
  status = live->Replace(policy);
  if (!status.ok()) {
    return Problem(std::string("varve.shape: ") + status.ToString());
  }
  live->SetClock(std::make_shared<FixedClock>(stated.now_ms));
  collector_.reset(factory_.CreateTablePropertiesCollector({}));
  early_collector_.reset(factory_.CreateTablePropertiesCollector({}));
  stated_ = stated;
}

void FileVerifier::CheckOrder(const SstEntry& entry) {
  if (findings_.entries == 0) {
    findings_.smallest_key = entry.user_key.ToString();
  } else {
    const int order = Slice(last_key_).compare(entry.user_key);
    if (order > 0 || (order == 0 && last_sequence_ < entry.sequence)) {
      Problem("key " + entry.user_key.ToString(/*hex=*/true) + " at " +
              std::to_string(entry.sequence) + " comes behind " +
              Slice(last_key_).ToString(/*hex=*/true) + " at " +
              std::to_string(last_sequence_));
    }
  }
  last_key_.assign(entry.user_key.data(), entry.user_key.size());
  last_sequence_ = entry.sequence;
}

void FileVerifier::CheckEntry(const SstEntry& entry) {
  key_bytes_ += entry.user_key.size() + sizeof(uint64_t);
  value_bytes_ += entry.value.size();
  if (entry.type == rocksdb::kEntryMerge) ++merges_;
  if (entry.type == rocksdb::kEntryDelete ||
      entry.type == rocksdb::kEntrySingleDelete ||
      entry.type == rocksdb::kEntryDeleteWithTimestamp) {
    ++tombstones_;
  }
  if (!stated_) return;
  const Slice early = AsEarlyBuildsRead(entry.value, &early_value_)
                          ? early_value_
                          : entry.value;
  collector_
      ->AddUserKey(entry.user_key, entry.value, entry.type, entry.sequence, 0)
      .PermitUncheckedError();
  early_collector_
      ->AddUserKey(entry.user_key, early, entry.type, entry.sequence, 0)
      .PermitUncheckedError();
  const bool has_value =
      entry.type == rocksdb::kEntryPut || entry.type == rocksdb::kEntryMerge;
  ParsedRowKey row;
  if (!has_value || !ParseRowKey(stated_->shape, entry.user_key, &row)) return;
  RowEntries entries(entry.value);
  while (entries.Next()) {
    if (entries.status().ok()) {
      CheckBlock(row, entries.entry(), entries.header());
    } else {
      ProblemOfRow(row, "cannot be read: " + entries.status().ToString());
    }
  }
}

void FileVerifier::CheckBlock(const ParsedRowKey& row, const Slice& block,
                              const BlockHeader& header) {
  Status status = CheckBlockOfRow(stated_->shape, row.bucket_start_ms, header);
  run_.clear();
  if (status.ok()) status = decoder_.Decode(block, &run_);
  if (!status.ok()) {
    return ProblemOfRow(row, "cannot be read: " + status.ToString());
  }
  findings_.samples += run_.size();
  if (run_.size() != header.sample_count) {
    ProblemOfRow(row, std::to_string(run_.size()) +
                          " samples, its header says " +
                          std::to_string(header.sample_count));
  }
  const int64_t first = stated_->shape.BucketFirst(row.bucket_start_ms);
  const int64_t last = stated_->shape.BucketLast(row.bucket_start_ms);
  for (size_t i = 0; i < run_.size(); ++i) {
    const int64_t t = run_.timestamps()[i];
    if (t < first || t > last) {
      return ProblemOfRow(row, "timestamp " + std::to_string(t) +
                                   " lies outside of its bucket");
    }
    // A plain block is in the order of writes.
    if (header.form == BlockForm::kBlock && i > 0 &&
        t <= run_.timestamps()[i - 1]) {
      return ProblemOfRow(
          row, "timestamp " + std::to_string(t) + " does not ascend");
    }
  }
  if (header.form == BlockForm::kBlock) CheckThinned(row, header);
}

// Every window that ends by up_to holds at most one sample.
void FileVerifier::CheckThinned(const ParsedRowKey& row,
                                const BlockHeader& header) {
  for (size_t n = 0; n < header.thinned_count; ++n) {
    const ThinnedInterval& thinned = header.thinned[n];
    for (size_t i = 1; i < run_.size(); ++i) {
      const int64_t window =
          stated_->shape.WindowStart(run_.timestamps()[i], thinned.interval_ms);
      if (window + thinned.interval_ms > thinned.up_to_ms) break;
      if (window != stated_->shape.WindowStart(run_.timestamps()[i - 1],
                                               thinned.interval_ms)) {
        continue;
      }
      return ProblemOfRow(row, "two samples in the window of " +
                                   std::to_string(thinned.interval_ms) +
                                   " ms at " + std::to_string(window) +
                                   ", which its header says is thinned");
    }
  }
}

void FileVerifier::CheckCount(const char* name, uint64_t stated,
                              uint64_t found) {
  if (stated == found) return;
  Problem(std::string("property ") + name + " is " + std::to_string(stated) +
          ", found " + std::to_string(found));
}

void FileVerifier::CheckCounts() {
  const rocksdb::TableProperties& stated = walk_->properties();
  const uint64_t ranges = stated.num_range_deletions;
  CheckCount("rocksdb.num.entries", stated.num_entries,
             findings_.entries + ranges);
  CheckCount("rocksdb.deleted.keys", stated.num_deletions,
             tombstones_ + ranges);
  CheckCount("rocksdb.merge.operands", stated.num_merge_operands, merges_);
  std::vector<SstRangeTombstone> tombstones;
  const Status status = walk_->ListRangeTombstones(&tombstones);
  if (!status.ok()) return Problem(status.ToString());
  if (tombstones.empty() != (ranges == 0)) {
    Problem("property rocksdb.num.range-deletions is " +
            std::to_string(ranges) + ", and the file has " +
            (tombstones.empty() ? "none" : "some"));
  }
  if (ranges > 0) return;  // their keys and values count below, unseen here
  CheckCount("rocksdb.raw.key.size", stated.raw_key_size, key_bytes_);
  CheckCount("rocksdb.raw.value.size", stated.raw_value_size, value_bytes_);
}

std::vector<std::string> FileVerifier::WrongProperties(
    rocksdb::TablePropertiesCollector* collector) const {
  const rocksdb::TableProperties& stated = walk_->properties();
  std::vector<SstRangeTombstone> tombstones;
  walk_->ListRangeTombstones(&tombstones).PermitUncheckedError();
  for (const SstRangeTombstone& tombstone : tombstones) {
    collector
        ->AddUserKey(tombstone.begin, tombstone.end,
                     rocksdb::kEntryRangeDeletion, tombstone.sequence, 0)
        .PermitUncheckedError();
  }
  rocksdb::UserCollectedProperties found;
  collector->Finish(&found).PermitUncheckedError();
  // Read in fragments, of which there may be more than were written.
  found["varve.range_tombstones"] = std::to_string(stated.num_range_deletions);
  std::vector<std::string> wrong;
  for (const auto& [name, value] : found) {
    const auto it = stated.user_collected_properties.find(name);
    if (it == stated.user_collected_properties.end()) {
      wrong.push_back("property " + name + " is missing, found " + value);
    } else if (it->second != value) {
      wrong.push_back("property " + name + " is " + it->second + ", found " +
                      value);
    }
  }
  return wrong;
}

void FileVerifier::CheckSampleProperties() {
  const std::vector<std::string> wrong = WrongProperties(collector_.get());
  if (!wrong.empty() && !WrongProperties(early_collector_.get()).empty()) {
    for (const std::string& problem : wrong) Problem(problem);
  }
  if (stated_->foreign_rows == 0) {
    CheckCount("varve.samples", stated_->samples, findings_.samples);
  }
}

}  // namespace

void VerifyFile(const std::string& path,
                const std::shared_ptr<rocksdb::FileSystem>& files,
                const std::function<void(uint64_t entries)>& on_entries,
                FileFindings* findings) {
  FileVerifier(path, files, on_entries, findings).Run();
}

}  // namespace varve::tools
