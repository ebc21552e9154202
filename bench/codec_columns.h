// The columns that codec_bench measures: read from a folder of CSV files and
// .jsonl.zst exports, or made by generators.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace varve::bench {

// Columns of one kind, measured together. Values are float64 bits; a column
// longer than a piece is cut.
struct ColumnSet {
  std::string name;
  std::vector<std::vector<uint64_t>> values;
  std::vector<std::vector<int64_t>> timestamps;  // each ascending, distinct
};

// Counters, gauges, memory, rates, sparse and stale values; regular, jittered,
// gappy and irregular timestamps. From fixed seeds.
std::vector<ColumnSet> GeneratedColumns();

// All of the folder's files and its folders'. A set is a folder; a JSON
// export is cut further, by type and by whether all values are whole. Files:
//   *.csv        header, then rows; "ts_ms" is the timestamp, other columns
//                are values; an empty cell is NaN
//   *.jsonl.zst  {"metric":{..},"type":"..","timestamps":[..],"values":[..]},
//                values as numbers or as text
// False, and *error says why, when the folder cannot be read.
bool ReadColumns(const std::string& folder, std::vector<ColumnSet>* sets,
                 std::string* error);

}  // namespace varve::bench
