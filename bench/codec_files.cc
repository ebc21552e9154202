// Columns of CSV files and of JSON exports. See codec_columns.h.
#include <simdjson.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "bench/codec_columns.h"
#include "format/coding/value_bits.h"

namespace varve::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kTimestampColumn[] = "ts_ms";

double ParseValue(const std::string& text) {
  return text.empty() ? std::numeric_limits<double>::quiet_NaN()
                      : std::strtod(text.c_str(), nullptr);
}

// Sets by name, and the timestamps that each has already: many series share
// one column, which a part stores once.
class Sets {
 public:
  void AddValues(const std::string& name, std::vector<uint64_t> values) {
    if (!values.empty()) sets_[name].values.push_back(std::move(values));
  }
  void AddTimestamps(const std::string& name, std::vector<int64_t> column) {
    const bool ascending =
        std::adjacent_find(column.begin(), column.end(),
                           std::greater_equal<int64_t>()) == column.end();
    if (column.empty() || !ascending || !seen_[name].insert(column).second) {
      return;
    }
    sets_[name].timestamps.push_back(std::move(column));
  }
  std::vector<ColumnSet> Take() {
    std::vector<ColumnSet> all;
    for (auto& [name, set] : sets_) {
      set.name = name;
      all.push_back(std::move(set));
    }
    return all;
  }

 private:
  std::map<std::string, ColumnSet> sets_;
  std::map<std::string, std::set<std::vector<int64_t>>> seen_;
};

std::string ReadBytes(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back().push_back(c);
    }
  }
  return cells;
}

void ReadCsv(const fs::path& file, const std::string& set, Sets* sets) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return;
  const std::vector<std::string> names = Cells(line);
  std::vector<std::vector<uint64_t>> values(names.size());
  std::vector<int64_t> timestamps;
  while (std::getline(in, line)) {
    std::vector<std::string> cells = Cells(line);
    cells.resize(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == kTimestampColumn) {
        timestamps.push_back(std::strtoll(cells[i].c_str(), nullptr, 10));
      } else {
        values[i].push_back(BitsOf(ParseValue(cells[i])));
      }
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    sets->AddValues(set, std::move(values[i]));
  }
  sets->AddTimestamps(set, std::move(timestamps));
}

bool Unzstd(const std::string& packed, std::string* text) {
  ZSTD_DStream* const stream = ZSTD_createDStream();
  ZSTD_inBuffer in = {packed.data(), packed.size(), 0};
  std::string chunk(ZSTD_DStreamOutSize(), '\0');
  size_t left = 1;
  while (in.pos < in.size && left != 0) {
    ZSTD_outBuffer out = {&chunk[0], chunk.size(), 0};
    left = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(left)) break;
    text->append(chunk, 0, out.pos);
  }
  ZSTD_freeDStream(stream);
  return left == 0;
}

// One line of an export. `set` is the folder's name.
void AddSeries(const simdjson::dom::element& line, const std::string& set,
               Sets* sets) {
  std::vector<uint64_t> bits;
  bool whole = true;
  simdjson::dom::array array;
  if (line["values"].get(array)) return;
  for (const simdjson::dom::element value : array) {
    std::string_view text;
    double number;
    if (!value.get(text)) {
      number = ParseValue(std::string(text));
    } else if (value.get(number)) {
      number = std::numeric_limits<double>::quiet_NaN();
    }
    whole &= std::isfinite(number) && number == std::floor(number);
    bits.push_back(BitsOf(number));
  }
  std::string_view type = "series";
  if (line["type"].get(type)) type = "series";
  std::string name = set + ", ";
  name += type;
  sets->AddValues(name + (whole ? ", whole" : ", fractions"), std::move(bits));

  std::vector<int64_t> timestamps;
  if (line["timestamps"].get(array)) return;
  for (const simdjson::dom::element value : array) {
    int64_t t;
    if (!value.get(t)) timestamps.push_back(t);
  }
  std::string_view job;
  const bool has_job = !line["metric"]["job"].get(job);
  sets->AddTimestamps(has_job ? set + ", job " + std::string(job) : set,
                      std::move(timestamps));
}

bool ReadExport(const fs::path& file, const std::string& set, Sets* sets,
                std::string* error) {
  std::string text;
  if (!Unzstd(ReadBytes(file), &text)) {
    *error = file.string() + ": not one zstd frame";
    return false;
  }
  simdjson::dom::parser parser;
  size_t begin = 0;
  for (size_t end; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    simdjson::dom::element line;
    if (parser.parse(text.data() + begin, end - begin).get(line)) {
      *error = file.string() + ": not JSON lines";
      return false;
    }
    AddSeries(line, set, sets);
  }
  return true;
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

bool ReadColumns(const std::string& folder, std::vector<ColumnSet>* sets,
                 std::string* error) {
  std::error_code code;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(folder, code), end;
       !code && it != end; it.increment(code)) {
    if (it->is_regular_file(code)) files.push_back(it->path());
  }
  if (code) {
    *error = folder + ": " + code.message();
    return false;
  }
  std::sort(files.begin(), files.end());
  Sets found;
  for (const fs::path& file : files) {
    const std::string set = file.parent_path().filename().string();
    const std::string name = file.filename().string();
    if (EndsWith(name, ".csv")) ReadCsv(file, set, &found);
    if (EndsWith(name, ".jsonl.zst") && !ReadExport(file, set, &found, error)) {
      return false;
    }
  }
  *sets = found.Take();
  return true;
}

}  // namespace varve::bench
