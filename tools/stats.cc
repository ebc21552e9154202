// varve stats: what lies in a database, and what is due.
#include <gflags/gflags.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "format/row/block_dump.h"
#include "tools/command.h"
#include "tools/database.h"
#include "tools/family_stats.h"
#include "tools/json_text.h"
#include "tools/progress.h"

DEFINE_bool(columns, false,
            "Also the bytes of keys, headers, timestamps and values: reads "
            "every row");

namespace varve::tools {
namespace {

std::string PerSample(uint64_t bytes, uint64_t samples) {
  if (samples == 0) return "";
  char text[48];
  std::snprintf(text, sizeof text, "%8.3f B/sample",
                static_cast<double>(bytes) / static_cast<double>(samples));
  return text;
}

void PrintLine(const std::string& what, const SizeOf& size) {
  std::printf("  %-22s %6s files %10s  %15s samples %s\n", what.c_str(),
              WithCommas(size.files).c_str(), Bytes(size.bytes).c_str(),
              WithCommas(size.samples).c_str(),
              PerSample(size.bytes, size.samples).c_str());
}

std::string ResolutionName(int64_t interval_ms) {
  return interval_ms == 0 ? "raw" : FormatDuration(interval_ms);
}

std::string PartitionText(int32_t day) {
  if (day == kSeveral) return "several";
  return TimeText(day * kMillisPerDay).substr(0, 10);
}

void PrintColumns(const FamilyStats& stats) {
  const ColumnBytes& columns = stats.columns;
  const auto line = [&](const char* what, uint64_t bytes) {
    std::printf("  %-22s %23s  %23s %s\n", what, Bytes(bytes).c_str(), "",
                PerSample(bytes, stats.all.samples).c_str());
  };
  std::printf("columns, before the files' compression\n");
  line("keys", columns.keys);
  line("headers", columns.headers);
  line("timestamps", columns.timestamps);
  line("values", columns.values);
}

void PrintPending(const FamilyStats& stats) {
  bool nothing = true;
  for (const AgeingTierReport& rule : stats.ageing) {
    const uint64_t samples = rule.due_samples + rule.waiting_samples;
    if (samples == 0) continue;
    nothing = false;
    std::printf("ageing: %s samples are due for %s, %s of them now\n",
                WithCommas(samples).c_str(), rule.rule.c_str(),
                WithCommas(rule.due_samples).c_str());
  }
  if (nothing) std::printf("ageing: nothing is due\n");
}

void Print(const FamilyStats& stats) {
  std::printf("column family %s: %s\n", stats.name.c_str(),
              stats.policy.ToString().c_str());
  PrintLine("all", stats.all);
  if (stats.raw_bytes > 0) {
    std::printf("  compressed to %.1f %% of %s; index %s, filter %s\n",
                100 * static_cast<double>(stats.all.bytes) /
                    static_cast<double>(stats.raw_bytes),
                Bytes(stats.raw_bytes).c_str(),
                Bytes(stats.index_bytes).c_str(),
                Bytes(stats.filter_bytes).c_str());
  }
  std::printf("  %s foreign rows, %s tombstones, %s range tombstones\n",
              WithCommas(stats.foreign_rows).c_str(),
              WithCommas(stats.tombstones).c_str(),
              WithCommas(stats.range_tombstones).c_str());
  if (stats.unflushed_entries > 0) {
    std::printf("  %s entries are not flushed yet and not counted here\n",
                WithCommas(stats.unflushed_entries).c_str());
  }
  if (stats.unlabelled_files > 0) {
    std::printf("  %s files without Varve's properties\n",
                WithCommas(stats.unlabelled_files).c_str());
  }
  std::printf("levels\n");
  for (const auto& [level, size] : stats.levels) {
    PrintLine(std::to_string(level), size);
  }
  std::printf("resolutions, before compression\n");
  for (const auto& [interval_ms, size] : stats.resolutions) {
    PrintLine(ResolutionName(interval_ms), size);
  }
  if (!stats.partitions.empty())
    std::printf("partitions, by their first day\n");
  for (const auto& [day, size] : stats.partitions) {
    PrintLine(PartitionText(day), size);
  }
  if (stats.has_columns) PrintColumns(stats);
  PrintPending(stats);
}

void WriteSize(const SizeOf& size, JsonText* json) {
  json->Number("files", size.files);
  json->Number("bytes", size.bytes);
  json->Number("samples", size.samples);
}

void WriteSizes(const FamilyStats& stats, JsonText* json) {
  json->BeginList("levels");
  for (const auto& [level, size] : stats.levels) {
    json->BeginObject();
    json->Signed("level", level);
    WriteSize(size, json);
    json->EndObject();
  }
  json->EndList();
  json->BeginList("resolutions");
  for (const auto& [interval_ms, size] : stats.resolutions) {
    json->BeginObject();
    json->Signed("interval_ms", interval_ms);
    WriteSize(size, json);
    json->EndObject();
  }
  json->EndList();
  json->BeginList("partitions");
  for (const auto& [day, size] : stats.partitions) {
    json->BeginObject();
    json->Text("first_day", PartitionText(day));
    WriteSize(size, json);
    json->EndObject();
  }
  json->EndList();
}

void Write(const FamilyStats& stats, JsonText* json) {
  json->BeginObject();
  json->Text("column_family", stats.name);
  json->Text("policy", stats.policy.ToString());
  WriteSize(stats.all, json);
  json->Number("entries", stats.entries);
  json->Number("raw_bytes", stats.raw_bytes);
  json->Number("index_bytes", stats.index_bytes);
  json->Number("filter_bytes", stats.filter_bytes);
  json->Number("foreign_rows", stats.foreign_rows);
  json->Number("tombstones", stats.tombstones);
  json->Number("range_tombstones", stats.range_tombstones);
  json->Number("unflushed_entries", stats.unflushed_entries);
  json->Number("unlabelled_files", stats.unlabelled_files);
  WriteSizes(stats, json);
  if (stats.has_columns) {
    json->BeginObject("columns");
    json->Number("key_bytes", stats.columns.keys);
    json->Number("header_bytes", stats.columns.headers);
    json->Number("timestamp_bytes", stats.columns.timestamps);
    json->Number("value_bytes", stats.columns.values);
    json->EndObject();
  }
  json->BeginList("pending");
  for (const AgeingTierReport& rule : stats.ageing) {
    json->BeginObject();
    json->Text("rule", rule.rule);
    json->Number("due_samples", rule.due_samples);
    json->Number("waiting_samples", rule.waiting_samples);
    json->EndObject();
  }
  json->EndList();
  json->EndObject();
}

Status GatherAll(const DatabaseFlags& flags, std::vector<FamilyStats>* all) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForReading(flags, &database);
  if (!status.ok()) return status;
  for (rocksdb::ColumnFamilyHandle* const cf : database->VarveFamilies()) {
    all->emplace_back();
    Progress progress("stats of " + cf->GetName());
    status = GatherStats(
        database->db(), cf, NowMs(flags),
        FLAGS_columns ? StatsDepth::kEveryRow : StatsDepth::kProperties,
        &progress, &all->back());
    if (!status.ok()) return status;
  }
  if (!all->empty()) return status;
  return database->NoVarveFamily();
}

int RunStats(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kStatsCommand, status.getState());
  std::vector<FamilyStats> all;
  status = GatherAll(flags, &all);
  if (!status.ok()) return Fail(status);
  if (!FLAGS_json) {
    for (const FamilyStats& stats : all) Print(stats);
    return kOk;
  }
  JsonText json;
  json.BeginList();
  for (const FamilyStats& stats : all) Write(stats, &json);
  json.EndList();
  std::fputs(json.Finish().c_str(), stdout);
  return kOk;
}

}  // namespace

const Command kStatsCommand = {
    "stats",
    "--db=DIR [--columns]",
    "sizes by level, resolution and partition; what is due",
    "Prints what lies in each column family that carries Varve, from the "
    "files'\nproperties without reading data: sizes by level, resolution and "
    "partition,\ncompression, and how many samples are due at --now to be "
    "thinned or dropped on\ndisk; 'varve plan' says when. Opens read-only; "
    "nothing ages.",
    "  varve stats --db=/data/metrics --columns\n"
    "  varve stats --db=/data/metrics --json | jq '.[0].samples'\n",
    {"db", "columns", "now", "json"},
    Arguments::kNone,
    RunStats,
    "  A list, an object for each column family that carries Varve:\n"
    "  column_family, policy, files, bytes, samples, entries, raw_bytes,\n"
    "  index_bytes, filter_bytes, foreign_rows, tombstones,\n"
    "  range_tombstones, unflushed_entries, unlabelled_files;\n"
    "  levels: level, files, bytes, samples;\n"
    "  resolutions: interval_ms (0: raw), files, bytes, samples;\n"
    "  partitions: first_day (or several), files, bytes, samples;\n"
    "  columns (with --columns): key_bytes, header_bytes, timestamp_bytes,\n"
    "    value_bytes;\n"
    "  pending: rule, due_samples, waiting_samples.\n",
};

}  // namespace varve::tools
