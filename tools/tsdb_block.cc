#include "tools/tsdb_block.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "tools/file_bytes.h"

namespace varve::tools {
namespace {

namespace dom = simdjson::dom;
namespace fs = std::filesystem;

constexpr uint64_t kMetaBytesMax = 16 << 20;
constexpr int64_t kVersion = 1;

// For a loop over a directory's entries that throws nothing.
template <typename Visit>
Status ForEachEntry(const std::string& path, const Visit& visit) {
  std::error_code error;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    visit(*entry);
  }
  return error ? Status::IOError(path, error.message()) : Status::OK();
}

void ReadExternalLabels(dom::object meta, TsdbBlock* block) {
  dom::object labels;
  if (meta["thanos"]["labels"].get(labels) != simdjson::SUCCESS) return;
  for (const auto label : labels) {
    std::string_view value;
    if (label.value.get(value) != simdjson::SUCCESS) continue;
    block->external_labels.push_back(
        {std::string(label.key), std::string(value)});
  }
}

bool ReadMeta(dom::object meta, TsdbBlock* block, std::string* error) {
  int64_t version = 0;
  if (meta["version"].get(version) != simdjson::SUCCESS ||
      version != kVersion) {
    *error = "a block of version " + std::to_string(version) +
             ", and version 1 is read";
    return false;
  }
  std::string_view text;
  if (meta["ulid"].get(text) != simdjson::SUCCESS || !IsUlid(text) ||
      meta["minTime"].get(block->min_time_ms) != simdjson::SUCCESS) {
    *error = "no \"ulid\" or no \"minTime\"";
    return false;
  }
  block->ulid = std::string(text);
  dom::array parents;
  if (meta["compaction"]["parents"].get(parents) == simdjson::SUCCESS) {
    for (const dom::element parent : parents) {
      if (parent["ulid"].get(text) == simdjson::SUCCESS) {
        block->parents.emplace_back(text);
      }
    }
  }
  bool deletable = false;
  if (meta["compaction"]["deletable"].get(deletable) == simdjson::SUCCESS) {
    block->is_deletable = deletable;
  }
  ReadExternalLabels(meta, block);
  return true;
}

bool IsFile(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool IsDirectory(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

}  // namespace

bool IsUlid(std::string_view name) {
  return name.size() == 26 &&
         name.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") ==
             std::string_view::npos;
}

bool IsTsdbBlock(const std::string& path) {
  return IsFile(path + "/meta.json") && IsFile(path + "/index");
}

bool IsTsdbDirectory(const std::string& path) {
  if (IsTsdbBlock(path) || IsDirectory(path + "/wal")) return true;
  bool found = false;
  ForEachEntry(path, [&](const fs::directory_entry& entry) {
    found = found || (IsUlid(entry.path().filename().string()) &&
                      IsFile(entry.path().string() + "/meta.json"));
  });
  return found;
}

Status ReadTsdbBlock(const std::string& path, TsdbBlock* block) {
  *block = TsdbBlock();
  block->path = path;
  std::unique_ptr<FileBytes> file;
  Status status = FileBytes::Open(path + "/meta.json", &file);
  if (!status.ok()) return status;
  if (file->size() > kMetaBytesMax) {
    return file->Corrupt(0, "a meta.json of more than 16 MiB");
  }
  std::string_view bytes;
  status = file->Read(0, static_cast<size_t>(file->size()), &bytes);
  if (!status.ok()) return status;
  dom::parser parser;
  dom::object meta;
  const auto code =
      parser.parse(simdjson::padded_string(bytes)).get_object().get(meta);
  if (code != simdjson::SUCCESS) {
    return file->Corrupt(0,
                         std::string("JSON: ") + simdjson::error_message(code));
  }
  std::string error;
  return ReadMeta(meta, block, &error) ? Status::OK() : file->Corrupt(0, error);
}

Status ListTsdbBlocks(const std::string& path, std::vector<TsdbBlock>* blocks,
                      uint64_t* replaced) {
  blocks->clear();
  *replaced = 0;
  std::vector<std::string> paths;
  Status status;
  if (IsTsdbBlock(path)) {
    paths.push_back(path);
  } else {
    status = ForEachEntry(path, [&](const fs::directory_entry& entry) {
      const std::string name = entry.path().filename().string();
      if (IsUlid(name)) paths.push_back(entry.path().string());
    });
  }
  std::set<std::string> parents;
  for (const std::string& block_path : paths) {
    TsdbBlock block;
    if (status.ok()) status = ReadTsdbBlock(block_path, &block);
    if (!status.ok()) return status;
    parents.insert(block.parents.begin(), block.parents.end());
    blocks->push_back(std::move(block));
  }
  const auto kept = std::remove_if(
      blocks->begin(), blocks->end(), [&](const TsdbBlock& block) {
        return block.is_deletable || parents.count(block.ulid) > 0;
      });
  *replaced = static_cast<uint64_t>(blocks->end() - kept);
  blocks->erase(kept, blocks->end());
  std::sort(blocks->begin(), blocks->end(),
            [](const TsdbBlock& a, const TsdbBlock& b) {
              return std::tie(a.min_time_ms, a.ulid) <
                     std::tie(b.min_time_ms, b.ulid);
            });
  return status;
}

bool HasTsdbHead(const std::string& path) {
  bool found = false;
  for (const char* const name : {"/wal", "/wbl"}) {
    ForEachEntry(path + name, [&](const fs::directory_entry& entry) {
      std::error_code error;
      found = found || entry.is_directory(error) ||
              (entry.is_regular_file(error) && entry.file_size(error) > 0);
    });
  }
  return found;
}

Status ListTsdbChunkFiles(const TsdbBlock& block,
                          std::vector<std::string>* files, uint64_t* bytes) {
  *bytes = 0;
  files->clear();
  const Status status = ForEachEntry(
      block.path + "/chunks", [&](const fs::directory_entry& entry) {
        const std::string name = entry.path().filename().string();
        std::error_code error;
        if (name.find_first_not_of("0123456789") != name.npos) return;
        files->push_back(entry.path().string());
        const uint64_t size = entry.file_size(error);
        if (!error) *bytes += size;
      });
  // As numbers: those of more digits are behind.
  std::sort(files->begin(), files->end(),
            [](const std::string& a, const std::string& b) {
              return std::make_pair(a.size(), a) < std::make_pair(b.size(), b);
            });
  return status;
}

}  // namespace varve::tools
