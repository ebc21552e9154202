// See block_dump.h. Walks what PeekBlock has accepted, so its varints are
// known to be whole; a piece directory is not, and is checked here.
#include "format/block_dump.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "format/sample_block.h"
#include "format/varint.h"

namespace varve {
namespace {

constexpr size_t kBytesPerLine = 8;
constexpr size_t kHexWidth = 3 * kBytesPerLine - 1;
constexpr size_t kIndent = 2;  // of the note, for each container around it

const char* PartitionText(Partition partition) {
  switch (partition) {
    case Partition::kNone:
      return "no partition";
    case Partition::kDay:
      return "day";
    case Partition::kWeek:
      return "week";
    case Partition::kMonth:
      return "month";
  }
  return "?";
}

class Dumper {
 public:
  Dumper(const Slice& bytes, const BlockDumpLimits& limits, std::string* text)
      : begin_(bytes.data()), limits_(limits), text_(text) {}

  void Dump(const Slice& block, size_t depth);

 private:
  // Writes the next `bytes` bytes, wrapped, with the note on the first line.
  void Line(size_t bytes, const std::string& note, size_t bytes_max = SIZE_MAX);
  uint64_t Varint() const {
    uint64_t v = 0;
    DecodeVarint(p_, limit_, &v);
    return v;
  }
  void VarintLine(const std::string& note) {
    Line(VarintBytes(Varint()), note);
  }

  void DumpPlain();
  void DumpSamples(const Slice& block, const BlockHeader& header);
  void DumpThinned(const BlockHeader& header);
  void DumpColumns(const BlockHeader& header);
  bool DumpDirectory(const char* what, bool steps, const BlockHeader& header);
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
  const size_t shown = std::min(bytes, bytes_max);
  size_t done = 0;
  do {
    char offset[32];
    snprintf(offset, sizeof offset, "%04zx  ",
             static_cast<size_t>(p_ + done - begin_));
    *text_ += offset;
    const size_t line = std::min(kBytesPerLine, shown - done);
    std::string hex;
    for (size_t i = 0; i < line; ++i) {
      char byte[4];
      snprintf(byte, sizeof byte, i == 0 ? "%02x" : " %02x",
               static_cast<unsigned char>(p_[done + i]));
      hex += byte;
    }
    if (done == 0 && !note.empty()) {
      hex.resize(kHexWidth + 2 + depth_ * kIndent, ' ');
      hex += note;
    }
    *text_ += hex + "\n";
    done += line;
  } while (done < shown);
  if (shown < bytes) {
    *text_ += "      ... " + std::to_string(bytes - shown) + " more bytes\n";
  }
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
  flags += shape.window == WindowRule::kCeil ? "ceil, " : "floor, ";
  flags += PartitionText(shape.partition);
  if (single) flags += ", one sample";
  if (header.thinned_count > 0) flags += ", thinned";
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

void Dumper::DumpThinned(const BlockHeader& header) {
  VarintLine("thinned intervals: " + std::to_string(Varint()));
  for (size_t i = 0; i < header.thinned_count; ++i) {
    VarintLine("interval: " + std::to_string(Varint()) + " ms");
    VarintLine("windows: " + std::to_string(Varint()) + ", up to " +
               TimeText(header.thinned[i].up_to_ms));
  }
}

// Returns false when the directory is cut off; its bytes are then shown with
// the columns.
bool Dumper::DumpDirectory(const char* what, bool steps,
                           const BlockHeader& header) {
  const size_t pieces =
      (header.sample_count + kPieceSamplesMax - 1) / kPieceSamplesMax;
  for (size_t i = 0; i < pieces; ++i) {
    const std::string piece = "piece " + std::to_string(i) + ": ";
    uint64_t v = 0;
    if (steps && i > 0) {
      if (DecodeVarint(p_, limit_, &v) == nullptr) return false;
      VarintLine(piece + "first: + " + std::to_string(v) + " ms");
    }
    if (DecodeVarint(p_, limit_, &v) == nullptr) return false;
    VarintLine(piece + what + " column: " + std::to_string(v) + " bytes");
  }
  return true;
}

// Each column of a piece begins with the number of its encoding; with a
// directory, the first piece's is the one that is named.
std::string ColumnText(const char* what, const char* column) {
  return std::string(what) + ": encoding " +
         std::to_string(static_cast<unsigned char>(*column));
}

void Dumper::DumpColumns(const BlockHeader& header) {
  const bool directory = header.sample_count > kPieceSamplesMax;
  const char* const block_limit = limit_;
  limit_ = p_ + header.timestamp_bytes;
  if (directory) DumpDirectory("timestamp", true, header);
  if (p_ < limit_) {
    Line(static_cast<size_t>(limit_ - p_), ColumnText("timestamps", p_),
         limits_.column_bytes_max);
  }
  limit_ = block_limit;
  if (directory) DumpDirectory("value", false, header);
  if (p_ < limit_) {
    Line(static_cast<size_t>(limit_ - p_), ColumnText("values", p_),
         limits_.column_bytes_max);
  }
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
    double value;
    std::memcpy(&value, &bits, sizeof value);
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
