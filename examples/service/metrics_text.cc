#include "metrics_text.h"

#include <cctype>
#include <utility>

namespace {

// "rocksdb.block.cache.miss" is not a name of a metric.
std::string MetricName(std::string name) {
  for (char& c : name) {
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

// `help` says where the number comes from; OPERATIONS.md and RocksDB's headers
// say what it counts.
void AppendMetric(const std::string& name, const char* type,
                  const std::string& help, uint64_t value, std::string* text) {
  *text += "# HELP " + name + " " + help + "\n";
  *text += "# TYPE " + name + " " + type + "\n";
  *text += name + " " + std::to_string(value) + "\n";
}

}  // namespace

std::string MetricsText(const Store& store) {
  std::string text;
  const varve::Counters counters = store.Counters();
#define APPEND_COUNTER(name)                                                  \
  AppendMetric("varve_" #name "_total", "counter", "varve::Counters::" #name, \
               counters.name, &text);
  VARVE_COUNTERS(APPEND_COUNTER)
#undef APPEND_COUNTER

  const varve::AgeingCounters ageing = store.Ageing();
  for (const auto& [name, value] : {
           std::pair("rewritten_bytes", ageing.rewritten_bytes_in),
           std::pair("dropped_bytes", ageing.dropped_bytes),
           std::pair("failures", ageing.failures),
           std::pair("files_set_aside", ageing.set_aside),
       }) {
    AppendMetric("varve_ageing_" + std::string(name) + "_total", "counter",
                 "of varve::AgeingCounters", value, &text);
  }

  for (const auto& [ticker, name] : rocksdb::TickersNameMap) {
    AppendMetric(MetricName(name) + "_total", "counter",
                 "RocksDB's ticker " + name, store.Ticker(ticker), &text);
  }
  // What to alert on first: errors, and writes that wait.
  for (const char* property :
       {"rocksdb.background-errors", "rocksdb.is-write-stopped",
        "rocksdb.actual-delayed-write-rate", "rocksdb.num-running-compactions",
        "rocksdb.estimate-pending-compaction-bytes",
        "rocksdb.cur-size-all-mem-tables", "rocksdb.block-cache-usage",
        "rocksdb.estimate-num-keys", "rocksdb.total-sst-files-size"}) {
    AppendMetric(MetricName(property), "gauge",
                 std::string("RocksDB's property ") + property,
                 store.Property(property), &text);
  }
  return text;
}
