// See span_file.h.
#include "plugin/samples/span_file.h"

#include <utility>

#include "compaction/span_rows.h"
#include "rocksdb/env.h"
#include "rocksdb/sst_file_writer.h"

namespace varve {
namespace {

using rocksdb::Status;

// What SstFileWriter writes into its files, and compactions do not.
constexpr char kIngestedProperty[] = "rocksdb.external_sst_file.version";
constexpr uint64_t kSpanRows = 2;

bool IsSpanFile(const rocksdb::TableProperties& table) {
  return table.num_entries == kSpanRows &&
         table.num_merge_operands == kSpanRows &&
         table.num_range_deletions == 0 &&
         table.user_collected_properties.count(kIngestedProperty) > 0;
}

}  // namespace

SpanFile::SpanFile(const rocksdb::Options& options,
                   rocksdb::ColumnFamilyHandle* cf, std::string path)
    : env_(options.env), path_(std::move(path)) {
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(), options, cf);
  const std::string operand = SpanOperand();
  status_ = file.Open(path_);
  if (status_.ok()) status_ = file.Merge(kSpanFirstKey, operand);
  if (status_.ok()) status_ = file.Merge(SpanLastKey(), operand);
  if (status_.ok()) status_ = file.Finish();
}

SpanFile::~SpanFile() { env_->DeleteFile(path_).PermitUncheckedError(); }

void EmptySpanFiles(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf) {
  rocksdb::ColumnFamilyMetaData metadata;
  db->GetColumnFamilyMetaData(cf, &metadata);
  const std::string last = SpanLastKey();
  rocksdb::TablePropertiesCollection tables;
  for (const auto& file : metadata.levels[0].files) {
    if (file.smallestkey != kSpanFirstKey || file.largestkey != last) continue;
    if (tables.empty()) {
      const rocksdb::Range first(kSpanFirstKey, kSpanFirstKey);
      const Status status =
          db->GetPropertiesOfTablesInRange(cf, &first, 1, &tables);
      if (!status.ok()) return;
    }
    const auto table = tables.find(file.db_path + file.name);
    if (table == tables.end() || !IsSpanFile(*table->second)) continue;
    rocksdb::CompactionOptions options;
    options.compression = rocksdb::kDisableCompressionOption;
    db->CompactFiles(options, cf, {file.name}, 0).PermitUncheckedError();
  }
}

}  // namespace varve
