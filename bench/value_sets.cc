// See value_sets.h.
#include "bench/value_sets.h"

#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "format/coding/value_bits.h"

namespace varve {
namespace {

namespace fs = std::filesystem;

constexpr size_t kGeneratedSamples = 8192;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Unzstd(const std::string& frame) {
  std::string text;
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in = {frame.data(), frame.size(), 0};
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  while (in.pos < in.size) {
    ZSTD_outBuffer out = {&chunk[0], chunk.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(context, &out, &in))) break;
    text.append(chunk, 0, out.pos);
  }
  ZSTD_freeDCtx(context);
  return text;
}

// The columns of one CSV file with a header; a column ts_ms is left out.
std::vector<ValueColumn> ReadCsv(const fs::path& path) {
  const std::string text = ReadFile(path);
  const char* p = text.data();
  const char* const limit = p + text.size();
  const char* line_end = std::find(p, limit, '\n');
  const size_t fields = 1 + static_cast<size_t>(std::count(p, line_end, ','));
  const bool has_time = limit - p > 5 && std::memcmp(p, "ts_ms", 5) == 0;
  std::vector<ValueColumn> columns(fields);
  for (p = line_end; p < limit; p = line_end) {
    line_end = std::find(++p, limit, '\n');
    // A line that ends early leaves its last columns as they are.
    for (size_t i = 0; p < line_end && i < fields; ++i) {
      char* end;
      const double value = std::strtod(p, &end);
      columns[i].push_back(BitsOf(end == p ? std::nan("") : value));
      p = std::find(p, line_end, ',');
      if (p < line_end) ++p;
    }
  }
  if (has_time) columns.erase(columns.begin());
  columns.erase(std::remove_if(columns.begin(), columns.end(),
                               [](const ValueColumn& c) { return c.empty(); }),
                columns.end());
  return columns;
}

std::vector<fs::path> CsvFilesBelow(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void Append(std::vector<ValueColumn>* to, std::vector<ValueColumn> from) {
  for (auto& column : from) to->push_back(std::move(column));
}

// Text between `"key":` and the end of its value, which is a string without
// escapes or an array; empty when there is none.
std::string JsonField(const std::string& line, const std::string& key) {
  size_t start = line.find("\"" + key + "\":");
  if (start == std::string::npos) return "";
  start += key.size() + 3;
  const char close = line[start] == '[' ? ']' : '"';
  const size_t end = line.find(close, start + 1);
  return line.substr(start + 1, end - start - 1);
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// By the name, as Prometheus' conventions have it; the type says too little
// (a summary holds quantiles, a sum and a count).
bool IsCounter(const std::string& metric_name) {
  for (const char* end : {"_total", "_count", "_sum", "_bucket"}) {
    if (EndsWith(metric_name, end)) return true;
  }
  return false;
}

// The capture as five sets: all series, then the series that change by kind
// and by whether all their values are integers.
void AppendNodeExporter(const fs::path& path, std::vector<ValueSet>* sets) {
  ValueSet all{"node_exporter", {}};
  ValueSet kinds[4] = {{"- counters, int", {}},
                       {"- counters, float", {}},
                       {"- gauges, int", {}},
                       {"- gauges, float", {}}};
  std::istringstream lines(Unzstd(ReadFile(path)));
  for (std::string line; std::getline(lines, line);) {
    const std::string values = JsonField(line, "values");
    ValueColumn column;
    bool integers = true;
    std::istringstream texts(values);
    for (std::string text; std::getline(texts, text, ',');) {
      const double value = std::strtod(text.c_str() + 1, nullptr);
      integers = integers && value == std::floor(value);
      column.push_back(BitsOf(value));
    }
    if (column.empty()) continue;
    all.columns.push_back(column);
    const bool moves = std::any_of(column.begin(), column.end(),
                                   [&](uint64_t v) { return v != column[0]; });
    if (!moves) continue;
    const bool counter = IsCounter(JsonField(line, "__name__"));
    kinds[(counter ? 0 : 2) + (integers ? 0 : 1)].columns.push_back(column);
  }
  if (all.columns.empty()) return;
  sets->push_back(std::move(all));
  for (auto& kind : kinds) sets->push_back(std::move(kind));
}

ValueSet Generate(const char* name, double (*next)(std::mt19937_64*, size_t)) {
  std::mt19937_64 random(42);
  ValueSet set{name, {ValueColumn(kGeneratedSamples)}};
  for (size_t i = 0; i < kGeneratedSamples; ++i) {
    set.columns[0][i] = BitsOf(next(&random, i));
  }
  return set;
}

// Uniform integer in [0, bound).
double Below(std::mt19937_64* random, uint64_t bound) {
  return static_cast<double>((*random)() % bound);
}

}  // namespace

std::string FindDataFolder() {
  if (const char* given = std::getenv("VARVE_DATA")) return given;
  std::string up;
  for (int i = 0; i < 5; ++i, up += "../") {
    std::error_code error;
    if (fs::is_directory(up + "../shared/data", error)) {
      return up + "../shared/data";
    }
  }
  return "";
}

std::vector<ValueSet> LoadKnownSets(const std::string& folder) {
  std::vector<ValueSet> sets;
  if (folder.empty()) return sets;
  const fs::path root(folder);
  const fs::path capture = root / "node_exporter/node_exporter_1s.jsonl.zst";
  if (fs::exists(capture)) AppendNodeExporter(capture, &sets);
  const std::pair<const char*, const char*> folders[] = {
      {"NAB", "nab"},
      {"Microsoft", "msft_cloud_monitoring"},
      {"Nezha", "nezha_k8s"},
      {"PetShop", "petshop"},
      {"AMPds", "fastlanes_ts"}};
  for (const auto& [name, path] : folders) {
    ValueSet set{name, {}};
    for (const auto& file : CsvFilesBelow(root / path)) {
      Append(&set.columns, ReadCsv(file));
    }
    if (!set.columns.empty()) sets.push_back(std::move(set));
  }
  for (const char* path : {"alp_rowgroup_sample", "alp_samples"}) {
    for (const auto& file : CsvFilesBelow(root / path)) {
      sets.push_back({file.stem().string(), ReadCsv(file)});
    }
  }
  return sets;
}

std::vector<ValueSet> GeneratedSets() {
  using Random = std::mt19937_64;
  static double total;  // of the walks below; each starts at i == 0
  return {
      Generate("gen counter",
               [](Random* r, size_t i) {
                 total = i == 0 ? 1e6 : total + Below(r, 200);
                 return total;
               }),
      Generate("gen gauge .1",
               [](Random* r, size_t i) {
                 total = i == 0 ? 215 : total + Below(r, 9) - 4;
                 return total / 10;
               }),
      Generate("gen gauge .001",
               [](Random* r, size_t i) {
                 total = i == 0 ? 21500 : total + Below(r, 901) - 450;
                 return total / 1000;
               }),
      Generate("gen memory",
               [](Random* r, size_t i) {
                 total = i == 0 ? 4e9 : total + 4096 * (Below(r, 65) - 32);
                 return total;
               }),
      Generate("gen constant", [](Random*, size_t) { return 42.5; }),
      Generate("gen full double",
               [](Random* r, size_t) { return Below(r, 1ull << 53) / 7e15; }),
      Generate("gen rate /15",
               [](Random* r, size_t) { return (5000 + Below(r, 400)) / 15; }),
      Generate("gen sparse",
               [](Random* r, size_t) {
                 return Below(r, 50) == 0 ? Below(r, 100) : 0;
               }),
      Generate("gen stale",
               [](Random* r, size_t i) {
                 if (Below(r, 40) == 0) {
                   double stale;
                   const uint64_t bits = 0x7ff0000000000002;
                   std::memcpy(&stale, &bits, sizeof stale);
                   return stale;
                 }
                 return static_cast<double>(i);
               }),
  };
}

}  // namespace varve
