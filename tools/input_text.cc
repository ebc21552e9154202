#include "tools/input_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace varve::tools {

Status InputText::Open(const std::string& path,
                       std::unique_ptr<InputText>* text, size_t read_bytes) {
  const bool standard_input = path == "-";
  const int file = standard_input ? dup(STDIN_FILENO)
                                  : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const std::string name = standard_input ? "standard input" : path;
  if (file < 0) return Status::IOError(name, std::strerror(errno));
  text->reset(new InputText(file, name, read_bytes));
  struct stat attributes;
  if (fstat(file, &attributes) == 0) {
    if (S_ISDIR(attributes.st_mode)) {
      return Status::IOError(name, "is a directory");
    }
    if (S_ISREG(attributes.st_mode)) {
      (*text)->file_bytes_ = static_cast<uint64_t>(attributes.st_size);
    }
  }
  // A pipe may hand over its first bytes one by one.
  std::string head;
  while (head.size() < kCompressionMagicBytes && (*text)->ReadFile(&head) > 0) {
  }
  if (!(*text)->status_.ok()) return (*text)->status_;
  (*text)->decompressor_ = Decompressor::For(head);
  if ((*text)->decompressor_ != nullptr) {
    (*text)->compressed_ = std::move(head);
  } else {
    (*text)->buffer_ = std::move(head);
  }
  return Status::OK();
}

InputText::InputText(int file, std::string name, size_t read_bytes)
    : file_(file), name_(std::move(name)), read_bytes_(read_bytes) {}

InputText::~InputText() { close(file_); }

size_t InputText::ReadFile(std::string* chunk) {
  const size_t had = chunk->size();
  chunk->resize(had + read_bytes_);
  ssize_t got;
  do {
    got = read(file_, &(*chunk)[had], read_bytes_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    status_ = Status::IOError(name_, std::strerror(errno));
    got = 0;
  }
  chunk->resize(had + static_cast<size_t>(got));
  file_offset_ += static_cast<uint64_t>(got);
  return static_cast<size_t>(got);
}

bool InputText::More() {
  if (!status_.ok()) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  return decompressor_ == nullptr ? ReadFile(&buffer_) > 0 : Decompress();
}

bool InputText::Decompress() {
  const size_t had = buffer_.size();
  buffer_.resize(had + read_bytes_);
  size_t grown = 0;
  while (grown == 0) {
    bool at_end = false;
    if (compressed_begin_ == compressed_.size()) {
      compressed_.clear();
      compressed_begin_ = 0;
      // Output may still be waiting in the decoder: it is asked once more
      // with no input before the end is believed.
      at_end = ReadFile(&compressed_) == 0;
      if (at_end && !decompressor_->is_open()) break;
    }
    std::string_view rest =
        std::string_view(compressed_).substr(compressed_begin_);
    std::string error;
    grown = decompressor_->Decode(&rest, &buffer_[had], read_bytes_, &error);
    compressed_begin_ = compressed_.size() - rest.size();
    if (error.empty() && at_end && grown == 0) error = "cut short";
    if (!error.empty() && status_.ok()) {
      status_ = Status::Corruption(name_ + ": " + decompressor_->name(), error);
      break;
    }
    if (!status_.ok()) break;
  }
  buffer_.resize(had + grown);
  return grown > 0;
}

void InputText::Consume(size_t bytes) {
  const auto first = buffer_.begin() + static_cast<ptrdiff_t>(begin_);
  line_ += static_cast<uint64_t>(
      std::count(first, first + static_cast<ptrdiff_t>(bytes), '\n'));
  begin_ += bytes;
}

}  // namespace varve::tools
