// See label_reader.h.
#include "index/label_reader.h"

namespace varve {
namespace {

constexpr size_t kTexts = 4096;  // in the small table

}  // namespace

LabelReader::LabelReader(IndexCore* core)
    : core_(core), rows_(IndexReader(core->db, core->cf).NewIterator()) {}

Status LabelReader::ReadRow(uint64_t chunk) {
  const std::string key = ChunkKey(IndexRowKind::kLabels, chunk);
  // The next row is near; another one is not.
  if (rows_->Valid() && rows_->key().compare(key) < 0) rows_->Next();
  if (!rows_->Valid() || rows_->key() != key) rows_->Seek(key);
  chunk_ = chunk;
  at_end_ = true;
  if (!rows_->status().ok()) return rows_->status();
  if (!rows_->Valid() || rows_->key() != key) return Status::OK();
  const Status status = row_.Open(rows_->value());
  at_end_ = !row_.Next();
  return status.ok() ? status : IndexReader::BadRow(key, status);
}

Status LabelReader::ReadPairs(uint64_t id,
                              const std::vector<uint64_t>** pairs) {
  const uint64_t chunk = id >> kLabelRowBits;
  const auto offset =
      static_cast<uint8_t>(id & ((uint64_t{1} << kLabelRowBits) - 1));
  if (chunk != chunk_ || (!at_end_ && row_.offset() > offset)) {
    const Status status = ReadRow(chunk);
    if (!status.ok()) return status;
  }
  while (!at_end_ && row_.offset() < offset) at_end_ = !row_.Next();
  if (at_end_ && !row_.status().ok()) {
    return IndexReader::BadRow(ChunkKey(IndexRowKind::kLabels, chunk),
                               row_.status());
  }
  if (at_end_ || row_.offset() != offset) return Status::NotFound();
  *pairs = &row_.pairs();
  return Status::OK();
}

Status LabelReader::Read(uint64_t id, LabelSet* labels) {
  const std::vector<uint64_t>* pairs = nullptr;
  Status status = ReadPairs(id, &pairs);
  if (!status.ok()) return status;
  if (page_bytes_ > core_->options.text_buffer_bytes) {
    pages_.clear();
    page_bytes_ = 0;
    texts_.clear();
    known_.clear();
  }
  if (texts_.empty()) texts_.resize(kTexts);
  const size_t count = pairs->size();
  known_.resize(count, ~uint64_t{0});
  labels_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t pair = (*pairs)[i];
    if (known_[i] == pair) continue;
    known_[i] = ~uint64_t{0};
    status = FindText(pair, &labels_[i]);
    if (!status.ok()) return status;
    known_[i] = pair;
  }
  *labels = {labels_.data(), count};
  return status;
}

Status LabelReader::FindText(uint64_t pair, Label* label) {
  Text& text = texts_[pair % kTexts];
  if (text.pair != pair) {
    const Page* page = nullptr;
    const Status status = ReadPage(pair >> kPairPageBits, &page);
    if (!status.ok()) return status;
    const PairText& found = page->pairs[pair % kPairPageSize];
    if (found.name.empty()) {
      // Its series died while this call ran, or a row was lost.
      return core_->age->dead()->pairs.Contains(pair)
                 ? Status::NotFound()
                 : Status::Corruption("series index: no text of pair " +
                                      std::to_string(pair));
    }
    text.pair = pair;
    text.label = {found.name, found.value};
  }
  *label = text.label;
  return Status::OK();
}

Status LabelReader::ReadPage(uint64_t number, const Page** page) {
  std::unique_ptr<Page>& kept = pages_[number];
  if (kept == nullptr) {
    auto read = std::make_unique<Page>();
    const std::string key = ChunkKey(IndexRowKind::kPairPage, number);
    Status status =
        core_->db->Get(rocksdb::ReadOptions(), core_->cf, key, &read->bytes);
    if (!status.ok() && !status.IsNotFound()) return status;
    if (status.ok()) {
      status = UnitePairPage(read->bytes, &read->pairs);
      if (!status.ok()) return IndexReader::BadRow(key, status);
    }
    page_bytes_ += sizeof(Page) + read->bytes.capacity();
    kept = std::move(read);
  }
  *page = kept.get();
  return Status::OK();
}

}  // namespace varve
