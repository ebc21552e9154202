// See block_dump.h. Walks what PeekBlock has accepted, so its varints are
// known to be whole; a piece directory is not, and is checked here. Columns
// are explained by value_column_dump and timestamp_column_dump.
#include "format/row/block_dump.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <ctime>
#include <vector>

#include "format/coding/hex_lines.h"
#include "format/coding/value_bits.h"
#include "format/coding/varint.h"
#include "format/row/sample_block.h"
#include "format/timestamps/timestamp_column_dump.h"
#include "format/values/value_column_dump.h"

namespace varve {
namespace {

constexpr size_t kIndent = 2;  // of the note, for each container around it

std::string PieceText(uint64_t i) {
  return "piece " + std::to_string(i) + ": ";
}

class Dumper {
 public:
  Dumper(const Slice& bytes, const BlockDumpLimits& limits, std::string* text)
      : begin_(bytes.data()), limits_(limits), text_(text) {}

  void Dump(const Slice& block, size_t depth);

 private:
  // Writes the next `bytes` bytes, wrapped, with the note on the first line.
  void Line(size_t bytes, const std::string& note, size_t bytes_max = SIZE_MAX);
  // Without moving behind it: VarintLine does.
  bool ReadVarint(uint64_t* v) const {
    return DecodeVarint(p_, limit_, v) != nullptr;
  }
  uint64_t Varint() const {
    uint64_t v = 0;
    ReadVarint(&v);
    return v;
  }
  void VarintLine(const std::string& note) {
    Line(VarintBytes(Varint()), note);
  }

  void DumpPlain();
  void DumpSamples(const Slice& block, const BlockHeader& header);
  void DumpThinned(const BlockHeader& header);
  struct Piece;
  void DumpColumns(const BlockHeader& header);
  void DumpTimestampDirectory(const BlockHeader& header,
                              std::vector<Piece>* pieces);
  void DumpValueDirectory(std::vector<Piece>* pieces);
  Slice TakeColumn(const std::string& name, uint64_t bytes,
                   ColumnDumpPlace* place);
  void DumpRest(const std::string& note);
  void DumpEntries(const Slice& block, size_t depth);
  void DumpDecoded(const Slice& block);

  const char* begin_;  // of the outermost block: offsets count from here
  const char* p_ = nullptr;
  const char* limit_ = nullptr;
  const BlockDumpLimits limits_;
  std::string* text_;
  size_t depth_ = 0;
};

void Dumper::Line(size_t bytes, const std::string& note, size_t bytes_max) {
  AppendHexLines(Slice(p_, bytes), static_cast<uint64_t>(p_ - begin_),
                 {note, depth_ * kIndent, bytes_max}, text_);
  p_ += bytes;
}

void Dumper::Dump(const Slice& block, size_t depth) {
  p_ = block.data();
  limit_ = p_ + block.size();
  depth_ = depth;
  BlockHeader header;
  const Status status = PeekBlock(block, &header);
  if (!status.ok()) {
    Line(block.size(), status.ToString(), limits_.column_bytes_max);
    return;
  }
  switch (header.form) {
    case BlockForm::kPlain:
      DumpPlain();
      break;
    case BlockForm::kBlock:
      DumpSamples(block, header);
      break;
    case BlockForm::kContainer:
      DumpEntries(block, depth);
      return;
  }
  DumpDecoded(block);
}

void Dumper::DumpPlain() {
  Line(kBlockTagBytes, "plain form");
  const auto count = static_cast<size_t>(limit_ - p_) / kPlainSampleBytes;
  for (size_t i = 0; i < count; ++i) {
    if (i >= limits_.column_bytes_max / kPlainSampleBytes) {
      *text_ += "      ... " + std::to_string(limit_ - p_) + " more bytes\n";
      return;
    }
    Line(sizeof(int64_t), "timestamp");
    Line(sizeof(uint64_t), "value");
  }
}

void Dumper::DumpSamples(const Slice& block, const BlockHeader& header) {
  const RowShape& shape = header.shape;
  const bool single = header.sample_count == 1;
  Line(kBlockTagBytes, "block");
  std::string flags = "flags: ";
  flags += std::string(WindowRuleName(shape.window)) + ", ";
  flags += shape.partition == Partition::kNone ? "no partition"
                                               : PartitionName(shape.partition);
  if (single) flags += ", one sample";
  if (header.thinned_count > 0) flags += ", thinned";
  if (header.counted_pieces) flags += ", pieces with counts";
  Line(1, flags);
  VarintLine("bucket width: " + std::to_string(Varint()) + " s");
  VarintLine("bucket " + std::to_string(UnZigZag(Varint())) + ": " +
             TimeText(header.bucket_start_ms));
  if (!single) VarintLine("samples: " + std::to_string(Varint()));
  if (header.sample_count > 0) {
    VarintLine("first: + " + std::to_string(Varint()) + " ms");
  }
  if (header.sample_count > 1) {
    VarintLine("last: + " + std::to_string(Varint()) + " ms after the first");
    VarintLine("timestamp column: " + std::to_string(Varint()) + " bytes");
  }
  if (header.thinned_count > 0) DumpThinned(header);
  // The header as PeekBlock saw it ends here; the columns follow.
  p_ = block.data() + header.header_bytes;
  if (header.sample_count > 0) DumpColumns(header);
}

// All that is listed, an interval that is named twice too.
void Dumper::DumpThinned(const BlockHeader& header) {
  const uint64_t listed = Varint();
  VarintLine("thinned intervals: " + std::to_string(listed));
  for (uint64_t i = 0; i < listed; ++i) {
    const uint64_t interval = Varint();
    VarintLine("interval: " + std::to_string(interval) + " ms");
    const auto reach_ms = static_cast<int64_t>(interval * Varint());
    VarintLine("windows: " + std::to_string(Varint()) + ", up to " +
               TimeText(header.bucket_start_ms + reach_ms));
  }
}

// What the header and the directories say of a piece; not checked.
struct Dumper::Piece {
  uint64_t count = 0;
  int64_t first_ms = 0;
  uint64_t timestamp_bytes = 0;
  uint64_t value_bytes = 0;
};

// Where the directory is cut off, its bytes are shown behind the columns.
void Dumper::DumpTimestampDirectory(const BlockHeader& header,
                                    std::vector<Piece>* pieces) {
  uint64_t count =
      (header.sample_count + kPieceSamplesMax - 1) / kPieceSamplesMax;
  if (header.counted_pieces) {
    if (!ReadVarint(&count)) return;
    VarintLine("pieces: " + std::to_string(count));
  }
  uint64_t left = header.sample_count;
  auto first_ms = static_cast<uint64_t>(header.first_timestamp_ms);
  for (uint64_t i = 0; i < count; ++i) {
    const std::string name = PieceText(i);
    uint64_t step = 0;
    Piece piece;
    if (i > 0) {
      if (!ReadVarint(&step)) return;
      VarintLine(name + "first: + " + std::to_string(step) + " ms");
    }
    piece.count = std::min<uint64_t>(left, kPieceSamplesMax);
    if (header.counted_pieces) {
      if (!ReadVarint(&piece.count)) return;
      VarintLine(name + "samples: " + std::to_string(piece.count));
    }
    if (!ReadVarint(&piece.timestamp_bytes)) return;
    VarintLine(name + "timestamp column: " +
               std::to_string(piece.timestamp_bytes) + " bytes");
    left -= std::min(left, piece.count);
    first_ms += step;
    piece.first_ms = static_cast<int64_t>(first_ms);
    pieces->push_back(piece);
  }
}

void Dumper::DumpValueDirectory(std::vector<Piece>* pieces) {
  for (size_t i = 0; i < pieces->size(); ++i) {
    uint64_t* const bytes = &(*pieces)[i].value_bytes;
    if (!ReadVarint(bytes)) {
      pieces->resize(i);
      return;
    }
    VarintLine(PieceText(i) + "value column: " + std::to_string(*bytes) +
               " bytes");
  }
}

// The next column of at most `bytes` bytes, and where it stands.
Slice Dumper::TakeColumn(const std::string& name, uint64_t bytes,
                         ColumnDumpPlace* place) {
  place->name = name;
  place->offset = static_cast<uint64_t>(p_ - begin_);
  place->indent = depth_ * kIndent;
  place->bytes_max = limits_.column_bytes_max;
  const auto left = static_cast<size_t>(limit_ - p_);
  const Slice column(p_, std::min<uint64_t>(bytes, left));
  p_ += column.size();
  return column;
}

void Dumper::DumpColumns(const BlockHeader& header) {
  const bool directory =
      header.sample_count > kPieceSamplesMax || header.counted_pieces;
  const char* const block_limit = limit_;
  std::vector<Piece> pieces;
  limit_ = p_ + header.timestamp_bytes;
  if (directory) {
    DumpTimestampDirectory(header, &pieces);
  } else {
    pieces = {{header.sample_count, header.first_timestamp_ms,
               header.timestamp_bytes, header.value_bytes}};
  }
  ColumnDumpPlace place;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].count == 1 && pieces[i].timestamp_bytes == 0) continue;
    const Slice column =
        TakeColumn((directory ? PieceText(i) : "") + "timestamps: ",
                   pieces[i].timestamp_bytes, &place);
    DumpTimestampColumn(column, pieces[i].first_ms, pieces[i].count, place,
                        text_)
        .status.PermitUncheckedError();
  }
  DumpRest("timestamps in no piece");
  limit_ = block_limit;
  if (directory) DumpValueDirectory(&pieces);
  for (size_t i = 0; i < pieces.size(); ++i) {
    const Slice column = TakeColumn(
        (directory ? PieceText(i) : "") + "values: ", pieces[i].value_bytes,
        &place);
    DumpValueColumn(column, pieces[i].count, place, text_)
        .status.PermitUncheckedError();
  }
  DumpRest("values in no piece");
}

void Dumper::DumpRest(const std::string& note) {
  if (p_ == limit_) return;
  Line(static_cast<size_t>(limit_ - p_), note, limits_.column_bytes_max);
}

void Dumper::DumpEntries(const Slice& block, size_t depth) {
  Line(kBlockTagBytes, "container");
  ContainerReader reader(block);
  Slice entry;
  for (size_t i = 0; reader.Next(&entry); ++i) {
    limit_ = block.data() + block.size();
    depth_ = depth;
    VarintLine("entry " + std::to_string(i) + ": " +
               std::to_string(entry.size()) + " bytes");
    if (entry.empty()) continue;
    if (depth + 1 < kDumpDepthMax) {
      Dump(entry, depth + 1);
      p_ = entry.data() + entry.size();
    } else {
      depth_ = depth + 1;
      Line(entry.size(), "not opened", limits_.column_bytes_max);
    }
  }
}

void Dumper::DumpDecoded(const Slice& block) {
  SampleRun run;
  BlockDecoder decoder;
  const Status status = decoder.Decode(block, &run);
  if (!status.ok()) {
    *text_ += "  " + status.ToString() + "\n";
    return;
  }
  for (size_t i = 0; i < run.size(); ++i) {
    if (i == limits_.samples_max) {
      *text_ += "  ... " + std::to_string(run.size() - i) + " more samples\n";
      return;
    }
    const int64_t t = run.timestamps()[i];
    const uint64_t bits = run.value_bits()[i];
    const double value = ValueOf(bits);
    char line[96];
    snprintf(line, sizeof line, "  %s  %13" PRId64 "  %016" PRIx64 "  %.17g\n",
             TimeText(t).c_str(), t, bits, value);
    *text_ += line;
  }
}

}  // namespace

std::string TimeText(int64_t timestamp_ms) {
  const int64_t seconds_ms = AlignDown(timestamp_ms, kMillisPerSecond);
  const auto seconds = static_cast<time_t>(seconds_ms / kMillisPerSecond);
  struct tm utc;
  if (gmtime_r(&seconds, &utc) == nullptr) return "out of range";
  char date[64];
  const size_t bytes = strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  char fraction[16];
  snprintf(fraction, sizeof fraction, ".%03dZ",
           static_cast<int>(timestamp_ms - seconds_ms));
  return std::string(date, bytes) + fraction;
}

void DumpBlock(const Slice& block, const BlockDumpLimits& limits,
               std::string* text) {
  if (block.empty()) {
    *text += "  no bytes\n";
    return;
  }
  Dumper(block, limits, text).Dump(block, 0);
}

}  // namespace varve
