// Samples out of whisper files: one, or all below a directory. A file is a
// record, and a metric by its path:
//
//   servers/web1/load.wsp                         servers.web1.load
//   _tagged/ab1/c2d/disk_DOT_used;dc=x;rack=1.wsp  disk.used{dc="x",rack="1"}
//
// Links to directories are not followed. A file that cannot be read is a bad
// line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sample_source.h"
#include "tools/whisper_file.h"

namespace varve::tools {

inline constexpr char kWhisperEnding[] = ".wsp";

// The series of a file, by its path below the tree's root.
std::string WhisperSeries(std::string_view path);

// Whether a file below the directory has kWhisperEnding.
bool HasWhisperFiles(const std::string& path);

class WhisperSource : public SampleSource {
 public:
  // `path` is a file, whose `metric_name` is that of its path if empty, or a
  // directory. InvalidArgument for one without such files.
  static Status Open(const std::string& path, const std::string& metric_name,
                     ImportRemarks* remarks,
                     std::unique_ptr<SampleSource>* source);

  Result Next() override;
  const char* record_name() const override { return "file"; }
  std::string Where() const override { return file_path_; }
  const Status& status() const override { return status_; }
  const std::string& name() const override { return path_; }
  uint64_t done_bytes() const override { return done_bytes_; }
  uint64_t total_bytes() const override { return total_bytes_; }

 private:
  WhisperSource(std::string path, ImportRemarks* remarks)
      : path_(std::move(path)), remarks_(remarks) {}
  Status CountBytes();
  Status ListDirectory(const std::string& path);
  // False: no more files.
  bool NextFile();
  void EndFile();

  const std::string path_;
  ImportRemarks* const remarks_;
  // What is still to be read: paths of files and directories, the next one
  // last. Those of a directory take its place.
  std::vector<std::string> paths_;
  bool is_tree_ = false;
  uint64_t done_bytes_ = 0, total_bytes_ = 0;
  Status status_;
  std::string file_path_;
  std::unique_ptr<WhisperFile> file_;
};

}  // namespace varve::tools
