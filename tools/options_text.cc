#include "tools/options_text.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "compaction/object_ids.h"
#include "plugin/registration.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/listener.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/sst_partitioner.h"
#include "rocksdb/table_properties.h"
#include "tools/options_file.h"

namespace varve::tools {
namespace {

bool IsIni(const std::string& text) {
  return text.find("\n[") != std::string::npos || text.substr(0, 1) == "[";
}

Status ReadIni(const std::string& path, const std::string& column_family,
               FamilyOptions* options) {
  OptionsFile file;
  const Status status = OptionsFile::Load(path, &file);
  if (!status.ok()) return status;
  options->db = file.db;
  for (const auto& family : file.families) {
    if (family.name != column_family) continue;
    options->cf = family.options;
    return status;
  }
  return Status::InvalidArgument("no column family " + column_family);
}

// The lines without comments, as one.
std::string Joined(const std::string& text) {
  std::istringstream lines(text);
  std::string joined, line;
  while (std::getline(lines, line)) {
    if (!line.empty() && line[0] != '#') joined += line + " ";
  }
  return joined;
}

Status ReadText(const std::string& text, FamilyOptions* options) {
  rocksdb::Options result;
  const Status status = rocksdb::GetOptionsFromString(
      StrictReading(), rocksdb::Options(), Joined(text), &result);
  if (!status.ok()) return status;
  options->db = result;
  options->cf = result;
  return status;
}

// Objects without options print their id alone, others in braces.
std::string Braced(const std::string& text) {
  return text.substr(0, 1) == "{" ? text : "{id=" + text + "}";
}

template <typename Object>
std::string Braced(const std::shared_ptr<Object>& object) {
  // Some classes hide it by a ToString() of their own.
  const rocksdb::Configurable& configurable = *object;
  return Braced(configurable.ToString(rocksdb::ConfigOptions()));
}

// "name=value;" of a printed options string, the value with its braces.
std::string Setting(const std::string& text, const std::string& name) {
  const size_t at = text.find(name + "=");
  if (at == std::string::npos) return "";
  const size_t value = at + name.size() + 1;
  const size_t end =
      text[value] == '{' ? text.find('}', value) + 1 : text.find(';', value);
  return text.substr(at, end - at) + ";\n";
}

// What a preset of compaction sets, where it is not RocksDB's default.
std::string CompactionText(const rocksdb::ColumnFamilyOptions& options) {
  std::string here, defaults, text;
  const rocksdb::ConfigOptions config;
  if (!rocksdb::GetStringFromColumnFamilyOptions(config, options, &here).ok() ||
      !rocksdb::GetStringFromColumnFamilyOptions(
           config, rocksdb::ColumnFamilyOptions(), &defaults)
           .ok()) {
    return "";
  }
  for (const char* name :
       {"compaction_style", "compaction_options_universal",
        "level0_file_num_compaction_trigger", "level0_slowdown_writes_trigger",
        "level0_stop_writes_trigger"}) {
    const std::string setting = Setting(here, name);
    if (setting != Setting(defaults, name)) text += setting;
  }
  return text;
}

}  // namespace

Status OptionsOfPolicy(const Policy& policy, FamilyOptions* options,
                       CompactionPreset compaction) {
  Options varve_options;
  varve_options.policy = policy;
  varve_options.compaction = compaction;
  const Status status = ConfigureDB(varve_options, &options->db);
  return status.ok() ? ConfigureColumnFamily(varve_options, &options->cf)
                     : status;
}

Status ReadOptionsFile(const std::string& path,
                       const std::string& column_family,
                       FamilyOptions* options) {
  RegisterObjects(rocksdb::ObjectLibrary::Default().get());
  std::ifstream file(path);
  std::stringstream read;
  read << file.rdbuf();
  if (!file) return Status::InvalidArgument("cannot read " + path);
  const std::string text = read.str();
  Status status = IsIni(text) ? ReadIni(path, column_family, options)
                              : ReadText(text, options);
  if (status.ok() &&
      (options->cf.merge_operator == nullptr ||
       !options->cf.merge_operator->IsInstanceOf(kSampleMergeId))) {
    status = Status::InvalidArgument(
        std::string("the merge_operator is not ") + kSampleMergeId,
        "'varve options' prints what a column family needs");
  }
  if (status.ok()) return status;
  return Status::InvalidArgument(path, status.ToString());
}

std::string ColumnFamilyText(const rocksdb::ColumnFamilyOptions& options) {
  std::string text;
  if (options.table_factory->IsInstanceOf(kPartTableId)) {
    text += std::string("table_factory={id=") + kPartTableId + "};\n";
  }
  text += "merge_operator=" + Braced(options.merge_operator) + ";\n";
  text +=
      "compaction_filter_factory=" + Braced(options.compaction_filter_factory) +
      ";\n";
  text += "sst_partitioner_factory=" + Braced(options.sst_partitioner_factory) +
          ";\n";
  // A list is split at ':', so an element has braces of its own.
  text += "table_properties_collectors={";
  for (const auto& factory : options.table_properties_collector_factories) {
    text += Braced(factory);
  }
  return text + "};\n" + CompactionText(options);
}

std::string DatabaseText(const rocksdb::DBOptions& options) {
  std::string text;
  for (const auto& listener : options.listeners) {
    text += "listeners=" + Braced(listener) + ";\n";
  }
  return text;
}

}  // namespace varve::tools
