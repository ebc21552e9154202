// A listener that adds up what RocksDB's flushes and compactions of samples
// read and write, and what the disk holds while they do.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "compaction/sample_properties.h"
#include "rocksdb/listener.h"
#include "rocksdb/table_properties.h"

namespace varve::bench {

// What flushes and compactions did. RocksDB calls it from its threads; the
// bench reads while there is nothing to do.
class CompactionWatch : public rocksdb::EventListener {
 public:
  void OnFlushCompleted(rocksdb::DB*,
                        const rocksdb::FlushJobInfo& info) override {
    std::lock_guard<std::mutex> lock(mutex);
    ++flushes;
    flushed += Bytes(info.table_properties);
    live += Bytes(info.table_properties);
  }

  void OnCompactionCompleted(rocksdb::DB*,
                             const rocksdb::CompactionJobInfo& info) override {
    std::lock_guard<std::mutex> lock(mutex);
    ++completed;
    if (info.stats.total_output_bytes == 0) return;  // moved
    ++compactions;
    written += info.stats.total_output_bytes;
    cpu_s += static_cast<double>(info.stats.cpu_micros) / 1e6;
    largest = std::max(largest, info.stats.total_input_bytes);
    // Inputs stay until the outputs are there.
    const uint64_t both = live + info.stats.total_output_bytes;
    peak = std::max(peak, both);
    if (samples >= warm_samples) {
      peak_per_sample =
          std::max(peak_per_sample,
                   static_cast<double>(both) / static_cast<double>(samples));
    }
    live = both - std::min(both, info.stats.total_input_bytes);
    for (const std::string& file : info.input_files) {
      const auto found = info.table_properties.find(file);
      if (found != info.table_properties.end()) CountOld(*found->second);
    }
  }

  std::mutex mutex;  // guards what follows
  uint64_t completed = 0, flushes = 0, compactions = 0;
  uint64_t flushed = 0, written = 0, old_read = 0, largest = 0;
  uint64_t live = 0, peak = 0, samples = 0, warm_samples = 0;
  double peak_per_sample = 0, cpu_s = 0;
  // Start of the oldest partition that is still written to.
  std::atomic<int64_t> old_until_ms{0};

 private:
  static uint64_t Bytes(const rocksdb::TableProperties& table) {
    return table.data_size + table.index_size + table.filter_size;
  }

  // Files of older partitions only.
  void CountOld(const rocksdb::TableProperties& table) {
    SampleProperties properties;
    if (!ParseSampleProperties(table.user_collected_properties, &properties)
             .ok()) {
      return;
    }
    if (properties.bucket_last_ms < old_until_ms) {
      old_read += Bytes(table);
    }
  }
};

}  // namespace varve::bench
