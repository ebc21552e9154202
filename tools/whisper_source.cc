#include "tools/whisper_source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "tools/series_text.h"

namespace varve::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTaggedFolder = "_tagged/";
constexpr std::string_view kDot = "_DOT_";

constexpr char kCovered[] =
    "points of coarser whisper archives left out where a finer one has points";
constexpr char kOverwritten[] =
    "points left out that lie outside of their whisper archive's time";

bool EndsWith(std::string_view text, std::string_view ending) {
  return text.size() >= ending.size() &&
         text.substr(text.size() - ending.size()) == ending;
}

std::string WithDots(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const size_t end = std::min(text.find(kDot), text.size());
    plain += text.substr(0, end);
    if (end < text.size()) plain += '.';
    text.remove_prefix(std::min(end + kDot.size(), text.size()));
  }
  return plain;
}

// name;tag=value;... False for a text that is none, as a file's name that is
// a hash.
bool ReadTagged(std::string_view text, std::vector<Label>* labels) {
  const std::string plain = WithDots(text);
  std::string_view rest = plain;
  const size_t end = rest.find(';');
  if (end == 0 || end == std::string_view::npos) return false;
  labels->push_back({kMetricNameLabel, std::string(rest.substr(0, end))});
  rest.remove_prefix(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view tag = rest.substr(0, rest.find(';'));
    rest.remove_prefix(tag.size());
    const size_t equals = tag.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    Label label = {std::string(tag.substr(0, equals)),
                   std::string(tag.substr(equals + 1))};
    for (const Label& other : *labels) {
      if (other.name == label.name) return false;
    }
    labels->push_back(std::move(label));
  }
  return true;
}

}  // namespace

std::string WhisperSeries(std::string_view path) {
  if (EndsWith(path, kWhisperEnding)) {
    path.remove_suffix(sizeof kWhisperEnding - 1);
  }
  if (path.substr(0, kTaggedFolder.size()) == kTaggedFolder) {
    const std::string_view file = path.substr(path.rfind('/') + 1);
    std::vector<Label> labels;
    if (ReadTagged(file, &labels)) return SeriesText(std::move(labels));
  }
  std::string name(path);
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

bool HasWhisperFiles(const std::string& path) {
  std::error_code error;
  fs::recursive_directory_iterator entry(path, error);
  for (; !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    if (EndsWith(entry->path().native(), kWhisperEnding)) return true;
  }
  return false;
}

Status WhisperSource::Open(const std::string& path,
                           const std::string& metric_name,
                           ImportRemarks* remarks,
                           std::unique_ptr<SampleSource>* source) {
  std::unique_ptr<WhisperSource> opened(new WhisperSource(path, remarks));
  std::error_code error;
  opened->is_tree_ = fs::is_directory(path, error);
  opened->paths_ = {path};
  Status status;
  if (opened->is_tree_) {
    status = opened->CountBytes();
  } else {
    opened->series_ = metric_name.empty()
                          ? WhisperSeries(fs::path(path).filename().native())
                          : metric_name;
    // Whatever its name, it is one, or nothing is imported.
    std::unique_ptr<WhisperFile> file;
    status = WhisperFile::Open(path, &file);
    if (status.ok()) opened->total_bytes_ = file->size();
  }
  if (status.ok()) *source = std::move(opened);
  return status;
}

Status WhisperSource::CountBytes() {
  std::error_code error;
  bool found = false;
  fs::recursive_directory_iterator entry(path_, error);
  for (; !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    std::error_code size_error;
    if (!EndsWith(entry->path().native(), kWhisperEnding)) continue;
    found = true;
    const uint64_t bytes = entry->file_size(size_error);
    if (!size_error) total_bytes_ += bytes;
  }
  if (error) return Status::IOError(path_, error.message());
  if (found) return Status::OK();
  return Status::InvalidArgument(path_, "no whisper file (*.wsp) is there");
}

Status WhisperSource::ListDirectory(const std::string& path) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code kind_error;
    const bool is_folder =
        entry->is_directory(kind_error) && !entry->is_symlink(kind_error);
    const std::string& name = entry->path().native();
    if (is_folder || EndsWith(name, kWhisperEnding)) paths.push_back(name);
  }
  if (error) return Status::IOError(path, error.message());
  std::sort(paths.rbegin(), paths.rend());
  paths_.insert(paths_.end(), paths.begin(), paths.end());
  return Status::OK();
}

bool WhisperSource::NextFile() {
  while (status_.ok() && !paths_.empty()) {
    file_path_ = std::move(paths_.back());
    paths_.pop_back();
    std::error_code error;
    if (is_tree_ && fs::is_directory(file_path_, error)) {
      status_ = ListDirectory(file_path_);
      continue;
    }
    if (is_tree_) {
      std::string_view below = file_path_;
      below.remove_prefix(path_.size());
      while (!below.empty() && below[0] == '/') below.remove_prefix(1);
      series_ = WhisperSeries(below);
    }
    return true;
  }
  return false;
}

void WhisperSource::EndFile() {
  remarks_->Add(kCovered, file_path_, file_->covered());
  remarks_->Add(kOverwritten, file_path_, file_->overwritten());
  done_bytes_ += file_->size();
  file_.reset();
}

SampleSource::Result WhisperSource::Next() {
  samples_.clear();
  records_begun_ = 0;
  for (;;) {
    if (file_ == nullptr) {
      if (!NextFile()) return Result::kEnd;
      const Status status = WhisperFile::Open(file_path_, &file_);
      records_begun_ = 1;
      if (!status.ok()) return Bad(status.ToString());
    }
    if (file_->Next(&samples_)) return Result::kSamples;
    const Status status = file_->status();
    EndFile();
    if (!status.ok()) return Bad(status.ToString());
  }
}

}  // namespace varve::tools
