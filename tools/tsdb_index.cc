#include "tools/tsdb_index.h"

#include <utility>

#include "tools/crc32c.h"

namespace varve::tools {
namespace {

constexpr uint32_t kMagic = 0xbaaad700;
constexpr uint8_t kVersion = 2;
constexpr uint64_t kHeadBytes = 5;
constexpr uint64_t kContentsBytes = 6 * 8 + 4;
constexpr uint64_t kSeriesAlignment = 16;
constexpr uint64_t kSymbolsPerOffset = 32;
constexpr size_t kSymbolsCached = 4096;
constexpr size_t kVarintBytesMax = 10;

// What is held of one, whatever its length says. A series is far below: 32 KiB
// of labels, and some bytes for each of its chunks.
constexpr uint64_t kSymbolBytesMax = 1 << 20;
constexpr uint64_t kSeriesBytesMax = 16 << 20;
constexpr uint64_t kLabelsMax = 10000;

// Enough for a number at the front of a section.
Status ReadHead(FileBytes* file, uint64_t offset, std::string_view* bytes) {
  return file->ReadSome(offset, 4 * kVarintBytesMax, bytes);
}

}  // namespace

TsdbIndex::TsdbIndex(std::unique_ptr<FileBytes> file)
    : file_(std::move(file)), symbol_cache_(kSymbolsCached) {}

Status TsdbIndex::Open(const std::string& path,
                       std::unique_ptr<TsdbIndex>* index) {
  std::unique_ptr<FileBytes> file;
  Status status = FileBytes::Open(path, &file);
  if (!status.ok()) return status;
  std::unique_ptr<TsdbIndex> opened(new TsdbIndex(std::move(file)));
  status = FileBytes::Open(path, &opened->symbols_file_);
  if (status.ok()) status = FileBytes::Open(path, &opened->postings_file_);
  if (status.ok()) status = opened->ReadContents();
  if (status.ok()) *index = std::move(opened);
  return status;
}

Status TsdbIndex::ReadContents() {
  std::string_view bytes;
  Status status = file_->Read(0, kHeadBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor head(bytes);
  const uint32_t magic = head.Fixed32();
  if (magic != kMagic) return file_->Corrupt(0, "is no index of Prometheus");
  const uint8_t version = head.Byte();
  if (version != kVersion) {
    return Status::NotSupported(file_->path(), "is an index of version " +
                                                   std::to_string(version) +
                                                   ", and version 2 is read");
  }
  if (file_->size() < kHeadBytes + kContentsBytes) {
    return file_->Corrupt(file_->size(), "an index that is cut short");
  }
  const uint64_t offset = file_->size() - kContentsBytes;
  uint32_t crc;
  status = file_->Checksum(offset, kContentsBytes - 4, &crc);
  if (status.ok()) status = file_->Read(offset, kContentsBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor contents(bytes);
  const uint64_t symbols = contents.Fixed64();
  for (int i = 0; i < 4; ++i) contents.Fixed64();
  const uint64_t postings_table = contents.Fixed64();
  if (contents.Fixed32() != crc) {
    return file_->Corrupt(offset, "the checksum of the table of contents");
  }
  status = ReadSymbols(symbols);
  return status.ok() ? ReadPostings(postings_table) : status;
}

Status TsdbIndex::CheckSection(uint64_t offset, const char* what,
                               uint64_t* length) {
  std::string_view bytes;
  Status status = file_->Read(offset, 4, &bytes);
  if (!status.ok()) return status;
  *length = ByteCursor(bytes).Fixed32();
  if (*length < 4 || *length > file_->size() - offset - 4) {
    return file_->Corrupt(offset, std::string("the length of ") + what);
  }
  uint32_t crc;
  status = file_->Checksum(offset + 4, *length, &crc);
  if (status.ok()) status = file_->Read(offset + 4 + *length, 4, &bytes);
  if (!status.ok()) return status;
  if (ByteCursor(bytes).Fixed32() == crc) return status;
  return file_->Corrupt(offset, std::string("the checksum of ") + what);
}

Status TsdbIndex::ReadSymbols(uint64_t offset) {
  uint64_t length;
  Status status = CheckSection(offset, "the symbols", &length);
  std::string_view bytes;
  if (status.ok()) status = file_->Read(offset + 4, 4, &bytes);
  if (!status.ok()) return status;
  symbol_count_ = ByteCursor(bytes).Fixed32();
  symbols_end_ = offset + 4 + length;
  uint64_t at = offset + 8;
  for (uint64_t i = 0; i < symbol_count_; ++i) {
    if (i % kSymbolsPerOffset == 0) symbol_offsets_.push_back(at);
    status = ReadHead(file_.get(), at, &bytes);
    if (!status.ok()) return status;
    ByteCursor cursor(bytes);
    const uint64_t symbol_bytes = cursor.Varint();
    const uint64_t text = at + bytes.size() - cursor.rest().size();
    if (cursor.is_bad() || text > symbols_end_ ||
        symbol_bytes > symbols_end_ - text) {
      return file_->Corrupt(at, "symbol " + std::to_string(i) + " of " +
                                    std::to_string(symbol_count_) +
                                    " reaches beyond the symbols");
    }
    at = text + symbol_bytes;
  }
  return Status::OK();
}

Status TsdbIndex::ReadPostings(uint64_t table_offset) {
  uint64_t length;
  Status status = CheckSection(table_offset, "the table of postings", &length);
  std::string_view bytes;
  if (status.ok()) status = ReadHead(file_.get(), table_offset + 4, &bytes);
  if (!status.ok()) return status;
  ByteCursor table(bytes);
  if (table.Fixed32() == 0) return Status::OK();  // no series
  const uint8_t names = table.Byte();
  const uint64_t name_bytes = table.Varint();
  const uint64_t value_bytes = table.Varint();
  const uint64_t offset = table.Varint();
  if (table.is_bad() || names != 2 || name_bytes != 0 || value_bytes != 0) {
    return file_->Corrupt(table_offset,
                          "the first postings are not those of all series");
  }
  status = CheckSection(offset, "the postings of all series", &length);
  if (status.ok()) status = file_->Read(offset + 4, 4, &bytes);
  if (!status.ok()) return status;
  series_count_ = ByteCursor(bytes).Fixed32();
  if (series_count_ > (length - 4) / 4) {
    return file_->Corrupt(offset, "more postings than their section holds");
  }
  postings_offset_ = offset + 8;
  return Status::OK();
}

Status TsdbIndex::FindSymbol(uint64_t number, std::string_view* text) {
  uint64_t at = symbol_offsets_[number / kSymbolsPerOffset];
  for (uint64_t left = number % kSymbolsPerOffset;; --left) {
    std::string_view bytes;
    const Status status = ReadHead(symbols_file_.get(), at, &bytes);
    if (!status.ok()) return status;
    ByteCursor cursor(bytes);
    const uint64_t symbol_bytes = cursor.Varint();
    at += bytes.size() - cursor.rest().size();
    if (cursor.is_bad() || at > symbols_end_ ||
        symbol_bytes > symbols_end_ - at) {
      return file_->Corrupt(at, "a symbol reaches beyond the symbols");
    }
    if (left > 0) {
      at += symbol_bytes;
      continue;
    }
    if (symbol_bytes > kSymbolBytesMax) {
      return file_->Corrupt(
          at, "a symbol of " + std::to_string(symbol_bytes) + " bytes");
    }
    return symbols_file_->Read(at, static_cast<size_t>(symbol_bytes), text);
  }
}

Status TsdbIndex::ReadSymbol(uint64_t number, std::string* text) {
  if (number >= symbol_count_) {
    return file_->Corrupt(entry_offset_, "symbol " + std::to_string(number) +
                                             " of " +
                                             std::to_string(symbol_count_));
  }
  CachedSymbol& cached = symbol_cache_[number % kSymbolsCached];
  if (cached.number != number) {
    std::string_view found;
    const Status status = FindSymbol(number, &found);
    if (!status.ok()) return status;
    cached.text = std::string(found);
    cached.number = number;
  }
  *text = cached.text;
  return Status::OK();
}

Status TsdbIndex::ReadLabel(ByteCursor* entry) {
  Label label;
  const uint64_t name = entry->Varint();
  const uint64_t value = entry->Varint();
  if (entry->is_bad()) {
    return file_->Corrupt(entry_offset_, "labels that are cut short");
  }
  Status status = ReadSymbol(name, &label.name);
  if (status.ok()) status = ReadSymbol(value, &label.value);
  if (!status.ok()) return status;
  for (const Label& other : labels_) {
    if (other.name != label.name) continue;
    return file_->Corrupt(entry_offset_, "a label given twice");
  }
  labels_.push_back(std::move(label));
  return status;
}

TsdbIndex::Result TsdbIndex::Next() {
  status_ = Status::OK();
  labels_.clear();
  chunk_count_ = chunks_done_ = 0;
  if (series_done_ == series_count_) return Result::kEnd;
  std::string_view bytes;
  entry_offset_ = postings_offset_ + 4 * series_done_;
  ++series_done_;
  status_ = postings_file_->Read(entry_offset_, 4, &bytes);
  if (status_.ok()) {
    reference_ = ByteCursor(bytes).Fixed32();
    entry_offset_ = reference_ * kSeriesAlignment;
    status_ = ReadSeries();
  }
  return status_.ok() ? Result::kSeries : Result::kBad;
}

Status TsdbIndex::ReadSeries() {
  std::string_view bytes;
  Status status = ReadHead(file_.get(), entry_offset_, &bytes);
  if (!status.ok()) return status;
  ByteCursor head(bytes);
  const uint64_t length = head.Varint();
  const uint64_t begin = entry_offset_ + bytes.size() - head.rest().size();
  if (head.is_bad() || length > kSeriesBytesMax) {
    return file_->Corrupt(entry_offset_, "the length of a series");
  }
  status = file_->Read(begin, static_cast<size_t>(length) + 4, &bytes);
  if (!status.ok()) return status;
  entry_ = std::string(bytes.substr(0, static_cast<size_t>(length)));
  const uint32_t wanted =
      ByteCursor(bytes.substr(static_cast<size_t>(length))).Fixed32();
  if (Crc32c(entry_) != wanted) {
    return file_->Corrupt(entry_offset_, "the checksum of a series");
  }
  ByteCursor entry(entry_);
  const uint64_t label_count = entry.Varint();
  if (label_count > kLabelsMax) {
    return file_->Corrupt(entry_offset_,
                          std::to_string(label_count) + " labels of a series");
  }
  for (uint64_t i = 0; i < label_count && status.ok(); ++i) {
    status = ReadLabel(&entry);
  }
  chunk_count_ = entry.Varint();
  if (status.ok() && entry.is_bad()) {
    status = file_->Corrupt(entry_offset_, "a series that is cut short");
  }
  chunks_ = entry;
  return status;
}

bool TsdbIndex::NextChunk(uint32_t* file_number, uint64_t* offset) {
  if (!status_.ok() || chunks_done_ == chunk_count_) return false;
  if (chunks_done_ == 0) {
    chunks_.SignedVarint();  // the first time
    chunks_.Varint();        // from there to the last
    chunk_place_ = chunks_.Varint();
  } else {
    chunks_.Varint();  // from the last time of the one before to the first
    chunks_.Varint();
    chunk_place_ += static_cast<uint64_t>(chunks_.SignedVarint());
  }
  if (chunks_.is_bad()) {
    status_ = file_->Corrupt(
        entry_offset_, "chunk " + std::to_string(chunks_done_ + 1) + " of " +
                           std::to_string(chunk_count_) + " of a series");
    return false;
  }
  ++chunks_done_;
  *file_number = static_cast<uint32_t>(chunk_place_ >> 32);
  *offset = chunk_place_ & 0xffffffff;
  return true;
}

}  // namespace varve::tools
