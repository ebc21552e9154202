#include "plugin/part_table/sst_walk.h"

#include <utility>

#include "format/part/part_file.h"
#include "plugin/host/file_io.h"
#include "plugin/host/table_overrides.h"
#include "plugin/part_table/part_table_factory.h"

namespace varve {

namespace {

constexpr size_t kReadaheadBytes = 1 << 20;

PartTableOptions WithoutCache() {
  PartTableOptions options;
  options.cache_bytes = 0;
  return options;
}

}  // namespace

struct SstWalk::Rep {
  Rep()
      : factory(WithoutCache()),
        ioptions(rocksdb::Options()),
        comparator(rocksdb::BytewiseComparator()) {
    read.fill_cache = false;
    read.readahead_size = kReadaheadBytes;
    read.total_order_seek = true;
  }

  Status Open(const std::string& path,
              const std::shared_ptr<rocksdb::FileSystem>& fs);

  PartTableFactory factory;
  rocksdb::ImmutableOptions ioptions;
  rocksdb::InternalKeyComparator comparator;
  rocksdb::FileOptions file_options;
  rocksdb::ReadOptions read;
  std::shared_ptr<rocksdb::FileSystem> files;
  std::string path;
  uint64_t file_bytes = 0;
  bool is_part = false;
  Status status;
  // In this order: an iterator goes before its table.
  std::unique_ptr<rocksdb::TableReader> table;
  std::shared_ptr<const rocksdb::TableProperties> properties;
  std::unique_ptr<rocksdb::InternalIterator> entries;
};

Status SstWalk::Rep::Open(const std::string& file_path,
                          const std::shared_ptr<rocksdb::FileSystem>& fs) {
  path = file_path;
  files = fs;
  Status opened =
      fs->GetFileSize(path, rocksdb::IOOptions(), &file_bytes, nullptr);
  if (!opened.ok()) return opened;
  std::unique_ptr<rocksdb::RandomAccessFileReader> file;
  opened = rocksdb::RandomAccessFileReader::Create(fs, path, file_options,
                                                   &file, nullptr);
  if (!opened.ok()) return opened;
  // The format, for people: the factory looks by itself.
  char tail[kPartMagicBytes];
  rocksdb::Slice read_tail;
  if (file_bytes >= sizeof tail) {
    opened = ReadFile(*file, {{}, file_bytes - sizeof tail, sizeof tail},
                      &read_tail, tail, nullptr);
    if (!opened.ok()) return opened;
    is_part = PeekMagic(read_tail) == kPartMagic;
  }
  const std::shared_ptr<const rocksdb::SliceTransform> no_prefix;
  rocksdb::TableReaderOptions options =
      MakeReaderOptions(ioptions, no_prefix, file_options, comparator);
  options.largest_seqno = rocksdb::kMaxSequenceNumber;
  opened =
      factory.NewTableReader(read, options, std::move(file), file_bytes, &table,
                             /*prefetch_index_and_filter_in_cache=*/false);
  if (!opened.ok()) return opened;
  properties = table->GetTableProperties();
  if (properties == nullptr) {
    return Status::Corruption(path, "no properties");
  }
  return opened;
}

SstWalk::SstWalk(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
SstWalk::~SstWalk() = default;

Status SstWalk::Open(const std::string& path, std::unique_ptr<SstWalk>* walk) {
  return Open(path, rocksdb::FileSystem::Default(), walk);
}

Status SstWalk::Open(const std::string& path,
                     const std::shared_ptr<rocksdb::FileSystem>& files,
                     std::unique_ptr<SstWalk>* walk) {
  auto rep = std::make_unique<Rep>();
  const Status status = rep->Open(path, files);
  if (status.ok()) walk->reset(new SstWalk(std::move(rep)));
  return status;
}

bool SstWalk::is_part() const { return rep_->is_part; }
uint64_t SstWalk::file_bytes() const { return rep_->file_bytes; }

const rocksdb::TableProperties& SstWalk::properties() const {
  return *rep_->properties;
}

Status SstWalk::VerifyChecksum() {
  return rep_->table->VerifyChecksum(rep_->read,
                                     rocksdb::TableReaderCaller::kSSTDumpTool);
}

bool SstWalk::Next(SstEntry* entry) {
  if (rep_->entries == nullptr) {
    rep_->entries.reset(rep_->table->NewIterator(
        rep_->read, /*prefix_extractor=*/nullptr, /*arena=*/nullptr,
        /*skip_filters=*/true, rocksdb::TableReaderCaller::kSSTDumpTool));
    rep_->entries->SeekToFirst();
  } else if (rep_->status.ok()) {
    rep_->entries->Next();
  }
  if (!rep_->status.ok() || !rep_->entries->Valid()) return false;
  rocksdb::ParsedInternalKey key;
  if (!ParseRowInternalKey(rep_->entries->key(), &key)) {
    rep_->status = Status::Corruption(
        rep_->path,
        "an internal key of no known type: " +
            rocksdb::Slice(rep_->entries->key()).ToString(/*hex=*/true));
    return false;
  }
  entry->user_key = key.user_key;
  entry->sequence = key.sequence;
  entry->type = rocksdb::GetEntryType(key.type);
  entry->value = rep_->entries->value();
  return true;
}

Status SstWalk::status() const {
  if (!rep_->status.ok() || rep_->entries == nullptr) return rep_->status;
  return rep_->entries->status();
}

Status SstWalk::ListRangeTombstones(
    std::vector<SstRangeTombstone>* tombstones) {
  const std::unique_ptr<rocksdb::FragmentedRangeTombstoneIterator> fragments(
      rep_->table->NewRangeTombstoneIterator(rep_->read));
  if (fragments == nullptr) return Status::OK();
  for (fragments->SeekToFirst(); fragments->Valid(); fragments->Next()) {
    tombstones->push_back({fragments->start_key().ToString(),
                           fragments->end_key().ToString(), fragments->seq()});
  }
  return fragments->status();
}

}  // namespace varve
