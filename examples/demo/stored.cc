#include "examples/demo/stored.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "examples/demo/report.h"

namespace demo {
namespace {

using rocksdb::Status;

Age* NearestAge(int64_t now_ms, int64_t timestamp_ms, std::vector<Age>* ages) {
  auto distance = [&](const Age& age) {
    return std::llabs(now_ms - age.age_ms - timestamp_ms);
  };
  return &*std::min_element(
      ages->begin(), ages->end(),
      [&](const Age& a, const Age& b) { return distance(a) < distance(b); });
}

std::string PerSample(const Stored& stored) {
  if (stored.samples == 0) return "-";
  char text[32];
  std::snprintf(
      text, sizeof text, "%.2f",
      static_cast<double>(stored.bytes) / static_cast<double>(stored.samples));
  return text;
}

void PrintRow(const std::string& name, uint64_t written, const Stored& before,
              const Stored& after) {
  std::printf("  %-9s %11s | %11s %9s %8s | %9s %9s %8s\n", name.c_str(),
              WithCommas(written).c_str(), WithCommas(before.samples).c_str(),
              Bytes(before.bytes).c_str(), PerSample(before).c_str(),
              WithCommas(after.samples).c_str(), Bytes(after.bytes).c_str(),
              PerSample(after).c_str());
}

}  // namespace

Status Measure(rocksdb::DB* db, int64_t now_ms, Stored Age::*stored,
               std::vector<Age>* ages) {
  for (Age& age : *ages) age.*stored = Stored();
  rocksdb::TablePropertiesCollection files;
  const Status status = db->GetPropertiesOfAllTables(&files);
  if (!status.ok()) return status;
  std::vector<rocksdb::LiveFileMetaData> metadata;
  db->GetLiveFilesMetaData(&metadata);
  for (const auto& file : metadata) {
    const auto found = files.find(file.db_path + file.name);
    if (found == files.end()) return Status::NotFound(file.name);
    const auto& properties = found->second->user_collected_properties;
    const auto times = properties.find("varve.timestamps_ms");
    const auto samples = properties.find("varve.samples");
    if (times == properties.end() || samples == properties.end()) continue;
    Age* const age =
        NearestAge(now_ms, std::atoll(times->second.c_str()), ages);
    (age->*stored).samples +=
        static_cast<uint64_t>(std::atoll(samples->second.c_str()));
    (age->*stored).bytes += file.size;
  }
  return Status::OK();
}

void PrintStored(const std::vector<Age>& ages) {
  std::printf(
      "                        |        on disk before          |"
      "        on disk after\n"
      "  age           written |     samples     bytes B/sample |"
      "   samples     bytes B/sample\n");
  uint64_t written = 0;
  Stored before, after;
  for (const Age& age : ages) {
    PrintRow(age.name, age.written, age.before, age.after);
    written += age.written;
    before.samples += age.before.samples;
    before.bytes += age.before.bytes;
    after.samples += age.after.samples;
    after.bytes += age.after.bytes;
  }
  PrintRow("all", written, before, after);
}

}  // namespace demo
