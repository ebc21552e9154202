// The index of a block of Prometheus, version 2 (since Prometheus 2.2): its
// series, in the order of their labels, each with its chunks.
//
//   magic: u32 baaad700, version: u8
//   symbols: length u32, count u32, texts (varint length, bytes), crc
//   series, each at a multiple of 16: varint length, labels as numbers of
//   symbols, chunks as differences of times and places, crc
//   ... label indices and postings ...
//   table of postings: length u32, count u32, entries (names, varint offset)
//   table of contents: 6 offsets u64, crc; the last 52 bytes
//
// The series are found by the postings of all, which come first in their
// table. Every part that is read is read under its checksum. Holds the offset
// of each 32nd symbol, some symbols, and one series.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/file_bytes.h"
#include "tools/series_text.h"

namespace varve::tools {

class TsdbIndex {
 public:
  enum class Result { kSeries, kBad, kEnd };

  // NotSupported for another version.
  static Status Open(const std::string& path,
                     std::unique_ptr<TsdbIndex>* index);

  // The next series. kBad: it cannot be read, and the next call goes on behind
  // it; status() is Corruption or IOError. kEnd: no more series.
  Result Next();

  // Of the last series: what tombstones call it, and its labels.
  uint64_t reference() const { return reference_; }
  const std::vector<Label>& labels() const { return labels_; }

  // Where its next chunk lies: the number of the file, and an offset there.
  // False: no more, or the rest cannot be read: see status().
  bool NextChunk(uint32_t* file_number, uint64_t* offset);

  const Status& status() const { return status_; }
  const std::string& path() const { return file_->path(); }

  uint64_t series_count() const { return series_count_; }
  uint64_t series_done() const { return series_done_; }

 private:
  explicit TsdbIndex(std::unique_ptr<FileBytes> file);
  Status ReadContents();
  Status ReadSymbols(uint64_t offset);
  Status ReadPostings(uint64_t table_offset);
  // Reads the length in front of a section and checks the section's crc.
  Status CheckSection(uint64_t offset, const char* what, uint64_t* length);
  Status ReadSeries();
  Status ReadLabel(ByteCursor* entry);
  Status ReadSymbol(uint64_t number, std::string* text);
  Status FindSymbol(uint64_t number, std::string_view* text);

  struct CachedSymbol {
    uint64_t number = ~uint64_t{0};
    std::string text;
  };

  const std::unique_ptr<FileBytes> file_;
  // Of the same file: windows of their own.
  std::unique_ptr<FileBytes> symbols_file_, postings_file_;
  std::vector<uint64_t> symbol_offsets_;  // of each 32nd
  uint64_t symbol_count_ = 0, symbols_end_ = 0;
  std::vector<CachedSymbol> symbol_cache_;
  uint64_t postings_offset_ = 0, series_count_ = 0, series_done_ = 0;

  Status status_;
  uint64_t reference_ = 0;
  std::vector<Label> labels_;
  std::string entry_;
  uint64_t entry_offset_ = 0;
  ByteCursor chunks_{std::string_view()};
  uint64_t chunk_count_ = 0, chunks_done_ = 0;
  uint64_t chunk_place_ = 0;
};

}  // namespace varve::tools
