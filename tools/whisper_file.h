// A file of Graphite's whisper: one metric in archives of falling resolution.
//
//   aggregation: u32, retention: u32 seconds, xFilesFactor: float32,
//   archives: u32; all big-endian
//   for each archive: offset: u32, step: u32 seconds, points: u32
//   its points, a ring: time: u32 seconds, value: float64
//
// A point's place in its ring is that of its time, counted in steps from the
// time in the first place. What is behind the newest point by more than the
// archive reaches was overwritten but for the place that it stands in, and
// whisper shows it no more; no more does this.
//
// Archives are joined, the finest first: a point of a coarser archive counts
// where no finer one has a point within its step. Holds 4 bytes a point.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/file_bytes.h"
#include "varve/varve.h"

namespace varve::tools {

class WhisperFile {
 public:
  // Corruption, or NotSupported for more than 64 million points an archive.
  static Status Open(const std::string& path,
                     std::unique_ptr<WhisperFile>* file);

  // The next points of the present archive, in order of time, then those of
  // the next archive. False: no more, or an error: see status().
  bool Next(std::vector<Sample>* samples);

  const Status& status() const { return status_; }

  // Points that were not handed out, by now.
  uint64_t covered() const { return covered_; }
  uint64_t overwritten() const { return overwritten_; }

  uint64_t size() const { return file_->size(); }

 private:
  struct Archive {
    uint64_t offset = 0;
    uint64_t step = 0;
    uint64_t points = 0;
    uint64_t base = 0;   // the time in the first place; 0: no point at all
    uint64_t first = 0;  // the place behind the newest point
  };

  explicit WhisperFile(std::unique_ptr<FileBytes> file)
      : file_(std::move(file)) {}
  Status ReadHead();
  Status FindNewest(Archive* archive);
  void EndArchive();
  // *valid: whether the place of the archive's ring holds a point of its own.
  Status ReadPoint(const Archive& archive, uint64_t place, uint32_t* time,
                   double* value, bool* valid);
  bool HasFiner(uint64_t time, uint64_t step) const;

  const std::unique_ptr<FileBytes> file_;
  std::vector<Archive> archives_;
  Status status_;
  size_t archive_ = 0;
  uint64_t newest_ = 0;  // of all archives
  uint64_t places_done_ = 0;
  std::vector<uint32_t> finer_;  // times handed out before, sorted
  std::vector<uint32_t> taken_;  // of the present archive
  uint64_t covered_ = 0, overwritten_ = 0;
};

}  // namespace varve::tools
