// What the series index takes and costs: bytes a series, series registered and
// resolved a CPU second, selections and labels, deletion. CPU seconds are of
// all threads, without those of the generator.
//
//   index_bench [--kind=cluster|devices] [--targets=N] [--days=N] [--queues=N]
//               [--request=N] [--dir=DIR] [--cache_mb=N]
#include <gflags/gflags.h>
#include <sys/resource.h>
#include <time.h>

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/index/label_stream.h"
#include "rocksdb/cache.h"
#include "rocksdb/table.h"
#include "varve/series_index.h"

DEFINE_string(kind, "cluster", "cluster or devices");
DEFINE_uint64(targets, 4700, "Pods, or hundreds of devices");
DEFINE_uint64(days, 3, "Days, each with a fifth of the targets replaced");
DEFINE_uint64(queues, 0, "Queues that series are spread over; 0: none");
DEFINE_uint64(request, 2000, "Series of a request");
DEFINE_string(dir, "/tmp/varve_index_bench", "Is emptied first");
DEFINE_uint64(cache_mb, 64, "Of known series, and of blocks");

namespace varve {
namespace {

constexpr int64_t kStartMs = 20000 * kMillisPerDay;

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

class Bench {
 public:
  explicit Bench(const LabelStream::Options& options) : stream_(options) {}

  void Run() {
    std::filesystem::remove_all(FLAGS_dir);
    Open(FLAGS_cache_mb << 20);
    for (uint64_t day = 0; day < FLAGS_days; ++day) {
      if (day > 0) Register(day, "known");
      Register(day, "new");
    }
    Check(db_->Flush({}));
    PrintSize("flushed");
    const double start = CpuSeconds();
    Check(index_->Compact());
    std::printf("compaction: %.2f CPU-s\n", CpuSeconds() - start);
    PrintSize("compacted");
    PrintRows();
    Open(0);
    Resolve("not cached, first");
    Resolve("not cached");
    Open(FLAGS_cache_mb << 20);
    Resolve("into the cache");
    Resolve("cached");
    if (FLAGS_kind == "cluster") SelectCluster();
    ReadDictionary();
    Delete();
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    std::printf("largest memory: %ld MB\n", usage.ru_maxrss / 1024);
  }

 private:
  void Open(size_t series_cache_bytes) {
    index_.reset();
    db_.reset();
    rocksdb::Options options;
    options.create_if_missing = true;
    options.level_compaction_dynamic_level_bytes = true;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(FLAGS_cache_mb << 20);
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    Check(ConfigureIndexColumnFamily({}, &options));
    rocksdb::DB* opened = nullptr;
    Check(rocksdb::DB::Open(options, FLAGS_dir, &opened));
    db_.reset(opened);
    SeriesIndexOptions index_options;
    index_options.series_cache_bytes = series_cache_bytes;
    Check(SeriesIndex::Open(opened, opened->DefaultColumnFamily(),
                            index_options, &index_));
  }

  // Calls `work` with each request's label sets, and returns the CPU seconds
  // that it took.
  template <typename Work>
  double Measure(uint64_t day, const std::string& which, const Work& work) {
    const double start = CpuSeconds();
    double outside = 0;
    const auto on_request = [&](const std::vector<OwnedLabelSet>& sets) {
      labels_.assign(sets.size(), {});
      label_sets_.clear();
      for (size_t i = 0; i < sets.size(); ++i) {
        for (const auto& label : sets[i]) {
          labels_[i].push_back({label.first, label.second});
        }
        label_sets_.push_back({labels_[i].data(), labels_[i].size()});
      }
      outside += ThreadSeconds() - thread_left_;
      work(label_sets_);
      thread_left_ = ThreadSeconds();
    };
    thread_left_ = ThreadSeconds();
    if (which == "new") {
      stream_.NewOf(day, on_request);
    } else {
      stream_.KnownOf(day, on_request);
    }
    outside += ThreadSeconds() - thread_left_;
    return CpuSeconds() - start - outside;
  }

  static double ThreadSeconds() {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) +
           static_cast<double>(now.tv_nsec) * 1e-9;
  }

  void Register(uint64_t day, const std::string& which) {
    uint64_t count = 0;
    const double seconds =
        Measure(day, which, [&](const std::vector<LabelSet>& sets) {
          std::vector<SeriesEntry> entries;
          for (const LabelSet& set : sets) {
            entries.push_back(
                {set, kStartMs + static_cast<int64_t>(day) * kMillisPerDay});
          }
          rocksdb::WriteBatch batch;
          Registration held;
          Check(
              index_->Register(entries.data(), entries.size(), &batch, &held));
          if (batch.Count() > 0) Check(db_->Write({}, &batch));
          held.Written();
          count += sets.size();
        });
    if (which == "new") distinct_ += count;
    std::printf("day %" PRIu64 ", %s: %" PRIu64
                " series, %.2f CPU-s, %.0f a CPU-s\n",
                day, which.c_str(), count, seconds,
                static_cast<double>(count) / seconds);
    std::fflush(stdout);
  }

  void Resolve(const char* what) {
    uint64_t count = 0;
    double seconds = 0;
    for (const char* const which : {"known", "new"}) {
      seconds += Measure(
          FLAGS_days - 1, which, [&](const std::vector<LabelSet>& sets) {
            std::vector<SeriesId> ids;
            Check(index_->Resolve(sets.data(), sets.size(), &ids));
            count += ids.size();
          });
    }
    std::printf("resolved, %s: %.0f a CPU-s\n", what,
                static_cast<double>(count) / seconds);
  }

  uint64_t FileBytes() {
    uint64_t bytes = 0;
    db_->GetIntProperty("rocksdb.total-sst-files-size", &bytes);
    return bytes;
  }

  void PrintSize(const char* what) {
    const uint64_t bytes = FileBytes();
    std::printf(
        "%s: %" PRIu64 " bytes, %.2f a series of %" PRIu64 "\n", what, bytes,
        static_cast<double>(bytes) / static_cast<double>(distinct_), distinct_);
  }

  // By the first byte of the key: format/index/FORMAT.md.
  void PrintRows() {
    for (const int kind : {0x10, 0x11, 0x20, 0x21, 0x30, 0x31}) {
      const std::string begin(1, static_cast<char>(kind));
      const std::string end(1, static_cast<char>(kind + 1));
      const rocksdb::Range range(begin, end);
      uint64_t bytes = 0;
      Check(db_->GetApproximateSizes(&range, 1, &bytes));
      std::printf("  rows of kind %02x: about %.2f bytes a series\n", kind,
                  static_cast<double>(bytes) / static_cast<double>(distinct_));
    }
  }

  void Select(const char* what, const std::vector<Matcher>& matchers) {
    for (const bool one_day : {false, true}) {
      Open(0);
      SelectOptions options;
      if (one_day) options.range = {kStartMs, kStartMs + 1};
      std::unique_ptr<SeriesIdCursor> cursor;
      double ms[2];
      for (double& each : ms) {
        const double start = CpuSeconds();
        Check(index_->Select(matchers, options, &cursor));
        each = (CpuSeconds() - start) * 1e3;
      }
      const uint64_t count = cursor->count();
      uint64_t bytes = 0;
      const double start = CpuSeconds();
      Check(
          index_->ReadLabels(cursor.get(), [&](SeriesId, const LabelSet& set) {
            bytes += Print(set);
            return true;
          }));
      std::printf("%-28s %s %8" PRIu64
                  " ids, ms: first %.2f, again %.2f, labels %.1f\n",
                  what, one_day ? "a day   " : "all days", count, ms[0], ms[1],
                  (CpuSeconds() - start) * 1e3);
      if (bytes == 0 && count > 0) std::printf("no labels\n");
    }
  }

  size_t Print(const LabelSet& set) {
    text_.assign(1, '{');
    for (size_t i = 0; i < set.count; ++i) {
      text_.append(set.labels[i].name.data(), set.labels[i].name.size());
      text_ += "=\"";
      text_.append(set.labels[i].value.data(), set.labels[i].value.size());
      text_ += "\",";
    }
    text_ += '}';
    return text_.size();
  }

  void SelectCluster() {
    const MatchKind equal = MatchKind::kEqual;
    const MatchKind regex = MatchKind::kRegex;
    const std::string pod = stream_.SomePod();
    const std::string amid = pod.substr(8, 6);
    const Matcher small = {"__name__", equal, "kube_pod_0_seconds_total"};
    const Matcher large = {"__name__", equal, "http_requests_total"};
    Select("name", {small});
    Select("name", {large});
    Select("name, namespace", {small, {"namespace", equal, "team-7"}});
    Select("name, pod", {large, {"pod", equal, pod}});
    Select("pod", {{"pod", equal, pod}});
    Select("name, pod=~\"x.*\"",
           {small, {"pod", regex, pod.substr(0, pod.rfind('-')) + ".*"}});
    Select("name, pod=~\".*x.*\"", {small, {"pod", regex, ".*" + amid + ".*"}});
    Select("pod=~\".*x.*\"", {{"pod", regex, ".*" + amid + ".*"}});
    Select("pod=~\".*[x]y.*\"",
           {{"pod", regex,
             ".*[" + amid.substr(0, 1) + "]" + amid.substr(1) + ".*"}});
    Select("name, namespace!=",
           {small, {"namespace", MatchKind::kNotEqual, "team-7"}});
    Select("name, code!=", {large, {"code", MatchKind::kNotEqual, "200"}});
    Select("name, namespace=~\"a|b|c\"",
           {small, {"namespace", regex, "team-1|team-2|team-3"}});
    Select("cluster", {{"cluster", equal, "prod-eu1"}});
    Select("pod=~\".+\"", {{"pod", regex, ".+"}});
  }

  void ReadDictionary() {
    Open(0);
    const char* const label = FLAGS_kind == "cluster" ? "pod" : "device";
    std::vector<std::string> texts;
    double start = CpuSeconds();
    Check(index_->LabelNames({}, {}, &texts));
    std::printf("label names: %.2f ms\n", (CpuSeconds() - start) * 1e3);
    start = CpuSeconds();
    Check(index_->LabelValues(label, {}, {}, &texts));
    std::printf("values of %s: %zu, %.2f ms\n", label, texts.size(),
                (CpuSeconds() - start) * 1e3);
    IndexCardinality cardinality;
    start = CpuSeconds();
    Check(index_->GetCardinality(10, &cardinality));
    std::printf("cardinality: %" PRIu64 " series, %" PRIu64 " pairs, %.2f ms\n",
                cardinality.series, cardinality.pairs,
                (CpuSeconds() - start) * 1e3);
  }

  void Delete() {
    const Matcher matcher =
        FLAGS_kind == "cluster"
            ? Matcher{"job", MatchKind::kRegex, "kubelet|kube-state-metrics"}
            : Matcher{"region", MatchKind::kRegex, "r1?[0-4]"};
    const uint64_t before = FileBytes();
    uint64_t deleted = 0;
    const double start = CpuSeconds();
    Check(index_->DeleteSeries({matcher}, nullptr, &deleted));
    const double marked = CpuSeconds();
    Check(index_->Compact());
    std::printf(
        "deleted %.1f %% of the series: %.2f CPU-s, compaction %.2f, "
        "bytes %+.1f %%\n",
        100.0 * static_cast<double>(deleted) / static_cast<double>(distinct_),
        marked - start, CpuSeconds() - marked,
        100.0 * static_cast<double>(FileBytes()) / static_cast<double>(before) -
            100.0);
  }

  const LabelStream stream_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<SeriesIndex> index_;
  uint64_t distinct_ = 0;
  double thread_left_ = 0;
  std::vector<std::vector<Label>> labels_;
  std::vector<LabelSet> label_sets_;
  std::string text_;
};

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  varve::LabelStream::Options options;
  options.kind = FLAGS_kind == "devices" ? varve::LabelKind::kDevices
                                         : varve::LabelKind::kCluster;
  options.targets = FLAGS_targets;
  options.days = FLAGS_days;
  options.queues = FLAGS_queues;
  options.request = FLAGS_request;
  varve::Bench(options).Run();
  return 0;
}
