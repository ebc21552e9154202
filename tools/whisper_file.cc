#include "tools/whisper_file.h"

#include <algorithm>
#include <utility>

#include "format/coding/value_bits.h"

namespace varve::tools {
namespace {

constexpr uint64_t kHeadBytes = 16;
constexpr uint64_t kArchiveHeadBytes = 12;
constexpr uint64_t kPointBytes = 12;
constexpr uint32_t kAggregationMax = 8;
constexpr uint32_t kArchivesMax = 256;
constexpr uint64_t kPointsMax = 64 << 20;
constexpr size_t kBatchPoints = 4096;

}  // namespace

Status WhisperFile::Open(const std::string& path,
                         std::unique_ptr<WhisperFile>* file) {
  std::unique_ptr<FileBytes> bytes;
  Status status = FileBytes::Open(path, &bytes);
  if (!status.ok()) return status;
  std::unique_ptr<WhisperFile> opened(new WhisperFile(std::move(bytes)));
  status = opened->ReadHead();
  if (status.ok()) *file = std::move(opened);
  return status;
}

Status WhisperFile::ReadHead() {
  std::string_view bytes;
  Status status = file_->Read(0, kHeadBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor head(bytes);
  const uint32_t aggregation = head.Fixed32();
  head.Fixed64();  // retention, xFilesFactor
  const uint32_t count = head.Fixed32();
  if (aggregation == 0 || aggregation > kAggregationMax || count == 0 ||
      count > kArchivesMax) {
    return file_->Corrupt(0, "is no whisper file");
  }
  status = file_->Read(kHeadBytes, kArchiveHeadBytes * count, &bytes);
  if (!status.ok()) return status;
  ByteCursor heads(bytes);
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t at = kHeadBytes + kArchiveHeadBytes * i;
    Archive archive;
    archive.offset = heads.Fixed32();
    archive.step = heads.Fixed32();
    archive.points = heads.Fixed32();
    if (archive.step == 0 || archive.points == 0 ||
        (i > 0 && archive.step <= archives_.back().step)) {
      return file_->Corrupt(at, "an archive's step or number of points");
    }
    if (archive.offset > file_->size() ||
        archive.points > (file_->size() - archive.offset) / kPointBytes) {
      return file_->Corrupt(at, "an archive that reaches beyond the file");
    }
    if (archive.points > kPointsMax) {
      return Status::NotSupported(file_->path(),
                                  "an archive of more than 64 million points");
    }
    archives_.push_back(archive);
  }
  for (Archive& archive : archives_) {
    if (status.ok()) status = FindNewest(&archive);
  }
  return status;
}

Status WhisperFile::ReadPoint(const Archive& archive, uint64_t place,
                              uint32_t* time, double* value, bool* valid) {
  *valid = false;
  std::string_view bytes;
  const Status status =
      file_->Read(archive.offset + kPointBytes * place, kPointBytes, &bytes);
  if (!status.ok()) return status;
  ByteCursor point(bytes);
  *time = point.Fixed32();
  *value = ValueOf(point.Fixed64());
  // Steps from the first place's time, which may be the later one.
  const uint64_t t = *time;
  const bool later = t >= archive.base;
  const uint64_t distance = later ? t - archive.base : archive.base - t;
  const uint64_t steps = distance / archive.step % archive.points;
  const uint64_t own = later || steps == 0 ? steps : archive.points - steps;
  *valid = t != 0 && distance % archive.step == 0 && own == place;
  return status;
}

// The first place is written first: without it there is nothing.
Status WhisperFile::FindNewest(Archive* archive) {
  std::string_view bytes;
  Status status = file_->Read(archive->offset, kPointBytes, &bytes);
  if (!status.ok()) return status;
  archive->base = ByteCursor(bytes).Fixed32();
  if (archive->base == 0) return status;
  uint64_t newest = 0;
  for (uint64_t place = 0; place < archive->points && status.ok(); ++place) {
    uint32_t time;
    double value;
    bool valid;
    status = ReadPoint(*archive, place, &time, &value, &valid);
    if (!valid || time <= newest) continue;
    newest = time;
    archive->first = (place + 1) % archive->points;
  }
  newest_ = std::max(newest_, newest);
  return status;
}

void WhisperFile::EndArchive() {
  const auto middle = static_cast<ptrdiff_t>(finer_.size());
  finer_.insert(finer_.end(), taken_.begin(), taken_.end());
  std::inplace_merge(finer_.begin(), finer_.begin() + middle, finer_.end());
  taken_.clear();
  places_done_ = 0;
  ++archive_;
}

bool WhisperFile::HasFiner(uint64_t time, uint64_t step) const {
  const auto next = std::lower_bound(finer_.begin(), finer_.end(), time);
  return next != finer_.end() && *next < time + step;
}

bool WhisperFile::Next(std::vector<Sample>* samples) {
  samples->clear();
  while (status_.ok() && archive_ < archives_.size()) {
    const Archive& archive = archives_[archive_];
    // Up to here whisper would show points of this archive no more.
    const uint64_t reach = archive.step * archive.points;
    const uint64_t last = newest_ - newest_ % archive.step;
    const uint64_t points = archive.base == 0 ? 0 : archive.points;
    while (places_done_ < points && samples->size() < kBatchPoints) {
      const uint64_t place = (archive.first + places_done_) % archive.points;
      ++places_done_;
      uint32_t time;
      double value;
      bool valid;
      status_ = ReadPoint(archive, place, &time, &value, &valid);
      if (!status_.ok()) return false;
      if (time == 0) continue;
      if (!valid || time + reach <= last) {
        ++overwritten_;
      } else if (HasFiner(time, archive.step)) {
        ++covered_;
      } else {
        taken_.push_back(time);
        samples->push_back({int64_t{1000} * time, value});
      }
    }
    if (places_done_ == points) EndArchive();
    if (!samples->empty()) return true;
  }
  return false;
}

}  // namespace varve::tools
