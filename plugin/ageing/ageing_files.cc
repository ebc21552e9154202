// See ageing_files.h.
#include "plugin/ageing/ageing_files.h"

#include <utility>

#include "rocksdb/sst_file_reader.h"

namespace varve {

using rocksdb::Status;

FileState StateOf(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                  const std::string& name) {
  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(cf, &metadata);
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      if (file.name != name) continue;
      return file.being_compacted ? FileState::kTaken : FileState::kThere;
    }
  }
  return FileState::kGone;
}

Status AgeingFiles::ReadProperties(const rocksdb::Options& options,
                                   const std::string& path, Known* known) {
  rocksdb::SstFileReader reader(options);
  Status status = reader.Open(path);
  if (!status.ok()) return status;
  const auto table = reader.GetTableProperties();
  if (table == nullptr) return Status::Corruption("no table properties", path);
  known->entries = table->num_entries;
  known->merge_operands = table->num_merge_operands;
  known->has_properties =
      ParseSampleProperties(table->user_collected_properties,
                            &known->properties)
          .ok();
  return Status::OK();
}

Status AgeingFiles::Read(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                         const rocksdb::Options& options, AgeingInput* input,
                         Faults* unreadable) {
  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(cf, &metadata);
  KnownFiles known_before;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    known_before = known_;
  }
  KnownFiles still_there;
  input->files.clear();
  if (unreadable != nullptr) unreadable->clear();
  for (const auto& level : metadata.levels) {
    for (const auto& file : level.files) {
      AgeingFile out;
      out.name = file.name;
      out.level = level.level;
      out.smallest_key = file.smallestkey;
      out.largest_key = file.largestkey;
      out.bytes = file.size;
      out.being_compacted = file.being_compacted;
      std::shared_ptr<const Known> known;
      const auto at = known_before.find(file.file_number);
      if (at != known_before.end()) {
        known = at->second;
      } else {
        const auto read = std::make_shared<Known>();
        const Status status =
            ReadProperties(options, file.db_path + file.name, read.get());
        if (!status.ok()) {
          if (StateOf(db, cf, file.name) == FileState::kGone) continue;
          if (unreadable != nullptr) unreadable->emplace(file.name, status);
          out.set_aside = true;
          out.set_aside_why = status.ToString();
          input->files.push_back(std::move(out));
          continue;
        }
        known = read;
      }
      out.entries = known->entries;
      out.merge_operands = known->merge_operands;
      out.has_properties = known->has_properties;
      out.properties = known->properties;
      still_there.emplace(file.file_number, std::move(known));
      input->files.push_back(std::move(out));
    }
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    known_.swap(still_there);
  }
  uint64_t snapshots = 0;
  db->GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots);
  input->snapshots_held = snapshots > 0;
  input->level0_trigger =
      options.disable_auto_compactions ||
              options.level0_file_num_compaction_trigger < 0
          ? 0
          : static_cast<size_t>(options.level0_file_num_compaction_trigger);
  return Status::OK();
}

}  // namespace varve
