#include "tools/tsdb_source.h"

#include <algorithm>
#include <utility>

#include "tools/crc32c.h"
#include "tools/tsdb_chunk.h"

namespace varve::tools {
namespace {

constexpr uint32_t kChunksMagic = 0x85bd40dd;
constexpr uint8_t kChunksVersion = 1;
constexpr uint64_t kChunksHeadBytes = 8;
constexpr size_t kVarintBytesMax = 10;
constexpr uint64_t kChecksumBytes = 4;

// Of 65,535 samples the worst chunk has 1.2 MB.
constexpr uint64_t kChunkBytesMax = 4 << 20;

constexpr char kReplaced[] =
    "blocks left out that were compacted into another one";
constexpr char kTombstones[] = "samples left out that tombstones delete";
constexpr char kHistograms[] =
    "samples of native histograms left out: a sample is a number";
constexpr char kOtherChunks[] =
    "chunks left out in an encoding that is not read (aggregates of Thanos, or "
    "of a newer Prometheus)";

constexpr char kHead[] =
    "wal/ is not read: it has the samples of the last hours, which are in no "
    "block. To have them too, POST /api/v1/admin/tsdb/snapshot to Prometheus "
    "(--web.enable-admin-api), and import the folder below snapshots/; or "
    "import what 'promtool tsdb dump-openmetrics' prints";

}  // namespace

Status TsdbSource::Open(const std::string& path, ImportRemarks* remarks,
                        std::unique_ptr<SampleSource>* source) {
  std::unique_ptr<TsdbSource> opened(new TsdbSource(path, remarks));
  uint64_t replaced = 0;
  Status status = ListTsdbBlocks(path, &opened->blocks_, &replaced);
  if (!status.ok()) return status;
  const bool has_head = HasTsdbHead(path);
  if (opened->blocks_.empty() && replaced == 0) {
    return Status::InvalidArgument(
        path, has_head ? std::string("no block is there; ") + kHead
                       : "no block of Prometheus is there");
  }
  remarks->Add(kReplaced, path, replaced);
  if (has_head) opened->warning_ = path + ": " + kHead;
  for (const TsdbBlock& block : opened->blocks_) {
    uint64_t bytes;
    std::vector<std::string> files;
    status = ListTsdbChunkFiles(block, &files, &bytes);
    if (!status.ok()) return status;
    opened->total_bytes_ += bytes;
  }
  // What is no block is found before anything is imported.
  if (!opened->blocks_.empty()) {
    status = opened->OpenBlock(opened->blocks_[0]);
  }
  if (status.ok()) *source = std::move(opened);
  return status;
}

uint64_t TsdbSource::done_bytes() const {
  if (index_ == nullptr || index_->series_count() == 0) return done_bytes_;
  const double share = static_cast<double>(index_->series_done()) /
                       static_cast<double>(index_->series_count());
  return done_bytes_ +
         static_cast<uint64_t>(share * static_cast<double>(block_bytes_));
}

Status TsdbSource::OpenBlock(const TsdbBlock& block) {
  in_series_ = false;
  chunk_file_.reset();
  Status status = ListTsdbChunkFiles(block, &chunk_files_, &block_bytes_);
  if (status.ok()) {
    status = TsdbTombstones::Read(block.path + "/tombstones", &tombstones_);
  }
  return status.ok() ? TsdbIndex::Open(block.path + "/index", &index_) : status;
}

SampleSource::Result TsdbSource::Fault(const Status& status) {
  if (!status.IsCorruption()) {
    status_ = status;
    return Result::kEnd;
  }
  // "path:offset: what"
  const std::string state = status.getState();
  const size_t colon = std::min(state.rfind(": "), state.size());
  where_ = state.substr(0, colon);
  return Bad(state.substr(std::min(colon + 2, state.size())));
}

SampleSource::Result TsdbSource::Next() {
  samples_.clear();
  while (status_.ok() && next_block_ < blocks_.size()) {
    if (index_ == nullptr) status_ = OpenBlock(blocks_[next_block_]);
    if (!status_.ok()) break;
    uint32_t file_number;
    uint64_t offset;
    if (in_series_ && index_->NextChunk(&file_number, &offset)) {
      const Result result = ReadChunk(file_number, offset);
      if (result == Result::kSamples && samples_.empty()) continue;
      return result;
    }
    if (std::exchange(in_series_, false) && !index_->status().ok()) {
      return Fault(index_->status());
    }
    switch (index_->Next()) {
      case TsdbIndex::Result::kBad:
        return Fault(index_->status());
      case TsdbIndex::Result::kEnd:
        index_.reset();
        done_bytes_ += block_bytes_;
        ++next_block_;
        continue;
      case TsdbIndex::Result::kSeries:
        break;
    }
    in_series_ = true;
    std::vector<Label> labels = index_->labels();
    for (const Label& label : blocks_[next_block_].external_labels) {
      const auto same = std::find_if(
          labels.begin(), labels.end(),
          [&](const Label& other) { return other.name == label.name; });
      if (same == labels.end()) {
        labels.push_back(label);
      } else {
        same->value = label.value;
      }
    }
    series_ = SeriesText(std::move(labels));
  }
  return Result::kEnd;
}

Status TsdbSource::OpenChunkFile(uint32_t number) {
  if (chunk_file_ != nullptr && chunk_file_number_ == number) {
    return Status::OK();
  }
  if (number >= chunk_files_.size()) {
    return Status::Corruption(index_->path() + ":0",
                              "a series has chunks in file " +
                                  std::to_string(number + uint64_t{1}) +
                                  " of " + std::to_string(chunk_files_.size()));
  }
  std::unique_ptr<FileBytes> file;
  Status status = FileBytes::Open(chunk_files_[number], &file);
  std::string_view bytes;
  if (status.ok()) status = file->Read(0, kChunksHeadBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor head(bytes);
  if (head.Fixed32() != kChunksMagic || head.Byte() != kChunksVersion) {
    return file->Corrupt(0, "is no file of chunks of version 1");
  }
  chunk_file_ = std::move(file);
  chunk_file_number_ = number;
  return status;
}

SampleSource::Result TsdbSource::ReadChunk(uint32_t file_number,
                                           uint64_t offset) {
  Status status = OpenChunkFile(file_number);
  std::string_view bytes;
  if (status.ok()) {
    where_ = chunk_file_->path() + ":" + std::to_string(offset);
    status = chunk_file_->ReadSome(offset, kVarintBytesMax, &bytes);
  }
  if (!status.ok()) return Fault(status);
  ByteCursor head(bytes);
  const uint64_t length = head.Varint();
  if (head.is_bad() || length > kChunkBytesMax) {
    return Bad("the length of a chunk");
  }
  const uint64_t begin = offset + bytes.size() - head.rest().size();
  status = chunk_file_->Read(
      begin, static_cast<size_t>(1 + length + kChecksumBytes), &bytes);
  if (!status.ok()) return Fault(status);
  const std::string_view chunk =
      bytes.substr(0, static_cast<size_t>(1 + length));
  if (ByteCursor(bytes.substr(chunk.size())).Fixed32() != Crc32c(chunk)) {
    return Bad("the checksum of a chunk");
  }
  return DecodeChunk(static_cast<uint8_t>(chunk[0]), chunk.substr(1));
}

SampleSource::Result TsdbSource::DecodeChunk(uint8_t encoding,
                                             std::string_view data) {
  switch (static_cast<TsdbEncoding>(encoding)) {
    case TsdbEncoding::kXor:
      break;
    case TsdbEncoding::kHistogram:
    case TsdbEncoding::kFloatHistogram:
      remarks_->Add(kHistograms, where_, TsdbSampleCount(data));
      return Result::kSamples;
    default:
      remarks_->Add(kOtherChunks, where_);
      return Result::kSamples;
  }
  if (!DecodeXorChunk(data, &samples_, &error_)) return Result::kBadLine;
  remarks_->Add(kTombstones, where_,
                tombstones_.Apply(index_->reference(), &samples_));
  return Result::kSamples;
}

}  // namespace varve::tools
