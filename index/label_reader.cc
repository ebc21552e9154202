// See label_reader.h.
#include "index/label_reader.h"

namespace varve {
namespace {

constexpr size_t kTexts = 4096;  // in the small table

}  // namespace

LabelReader::LabelReader(IndexCore* core)
    : core_(core),
      rows_(IndexReader(core->db, core->cf).NewIterator()),
      texts_(kTexts) {}

Status LabelReader::ReadRow(uint64_t chunk) {
  const std::string key = ChunkKey(IndexRowKind::kLabels, chunk);
  // The next row is near; another one is not.
  if (rows_->Valid() && rows_->key().compare(key) < 0) rows_->Next();
  if (!rows_->Valid() || rows_->key() != key) rows_->Seek(key);
  chunk_ = chunk;
  row_.clear();
  if (!rows_->status().ok()) return rows_->status();
  if (!rows_->Valid() || rows_->key() != key) return Status::OK();
  const Status status = row_.Decode(rows_->value());
  return status.ok() ? status : IndexReader::BadRow(key, status);
}

Status LabelReader::Read(uint64_t id, LabelSet* labels) {
  const uint64_t chunk = id >> kLabelRowBits;
  Status status;
  if (chunk != chunk_) {
    status = ReadRow(chunk);
    at_ = 0;
  }
  if (!status.ok()) return status;
  const auto offset =
      static_cast<uint8_t>(id & ((uint64_t{1} << kLabelRowBits) - 1));
  if (at_ + 1 < row_.size() && row_.offset(at_ + 1) == offset) {
    ++at_;
  } else {
    at_ = row_.Find(offset);
  }
  if (at_ == row_.size()) return Status::NotFound();
  if (page_bytes_ > core_->options.text_buffer_bytes) {
    pages_.clear();
    page_bytes_ = 0;
    texts_.assign(kTexts, Text());
    known_.clear();
  }
  const uint64_t* const pairs = row_.pairs(at_);
  const size_t count = row_.pair_count(at_);
  known_.resize(count, ~uint64_t{0});
  labels_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (known_[i] == pairs[i]) continue;
    known_[i] = ~uint64_t{0};
    status = FindText(pairs[i], &labels_[i]);
    if (!status.ok()) return status;
    known_[i] = pairs[i];
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
