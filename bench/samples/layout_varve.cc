// The layout "varve": see layout.h.
#include "bench/samples/layout.h"
#include "rocksdb/convenience.h"
#include "rocksdb/memtablerep.h"
#include "rocksdb/merge_operator.h"
#include "tools/bulk_load.h"

namespace varve::bench {
namespace {

constexpr size_t kHeldBytesMax = size_t{512} << 20;

class VarveLayout : public Layout {
 public:
  explicit VarveLayout(const LayoutOptions& options) : Layout(options) {}
  ~VarveLayout() override { BeforeClose(); }

  Status Add(const std::string& series, const Sample* samples, size_t count,
             rocksdb::WriteBatch* batch) override {
    return writer_->Add(series, samples, count, batch);
  }

  Status OpenBulk(std::unique_ptr<tools::SampleSink>* sink) override {
    std::unique_ptr<tools::BulkLoad> load;
    const Status status = tools::BulkLoad::Open(
        db_.get(), db_->DefaultColumnFamily(), kHeldBytesMax, &load);
    *sink = std::move(load);
    return status;
  }

  Status Read(const std::string& series, int64_t start_ms, int64_t end_ms,
              std::vector<Sample>* samples) override {
    return reader_->Read({}, series, start_ms, end_ms, samples);
  }

  Status ScanAll(const SeriesFunction& on_samples) override {
    SampleReadOptions options;
    options.rocksdb.fill_cache = false;
    std::vector<Sample> samples;
    const auto cursor = reader_->Scan(options, ScanOptions());
    while (cursor->NextSeries()) {
      while (cursor->Next()) {
        samples.resize(cursor->size());
        for (size_t i = 0; i < samples.size(); ++i) {
          samples[i] = {cursor->timestamps_ms()[i], cursor->values()[i]};
        }
        on_samples(samples.data(), samples.size());
      }
      if (!cursor->status().ok()) return cursor->status();
    }
    return cursor->status();
  }

  bool ages() const override { return true; }

 protected:
  Status Configure(rocksdb::Options* options) override {
    const Status status = ConfigureVarve(options);
    if (!status.ok() || options_.memtable.empty()) return status;
    rocksdb::ConfigOptions strict;
    strict.ignore_unsupported_options = false;
    return rocksdb::MemTableRepFactory::CreateFromString(
        strict, options_.memtable, &options->memtable_factory);
  }

  Status AfterOpen() override {
    const Status status =
        SampleWriter::Open(db_.get(), db_->DefaultColumnFamily(), &writer_);
    return status.ok() ? SampleReader::Open(
                             db_.get(), db_->DefaultColumnFamily(), &reader_)
                       : status;
  }

  void BeforeClose() override {
    writer_.reset();
    reader_.reset();
  }

 private:
  Status ConfigureVarve(rocksdb::Options* options) {
    const bool is_ours =
        options->merge_operator != nullptr &&
        options->merge_operator->IsInstanceOf("VarveSampleMerge");
    Options varve_options;
    varve_options.clock = clock_;
    if (is_ours) {
      if (options_.policy_or_table_is_given) {
        return Status::InvalidArgument(
            "the options file has a policy and a table of its own",
            "leave --policy and --table away");
      }
      SetClock(*options, clock_);
      return ConfigureDB(varve_options, options);
    }
    Status status = Policy::Parse(options_.policy, &varve_options.policy);
    const auto stock_table = options->table_factory;
    if (status.ok()) status = ConfigureColumnFamily(varve_options, options);
    if (status.ok()) status = ConfigureDB(varve_options, options);
    if (!options_.part_table) options->table_factory = stock_table;
    return status;
  }

  std::unique_ptr<SampleWriter> writer_;
  std::unique_ptr<SampleReader> reader_;
};

}  // namespace

std::unique_ptr<Layout> NewVarveLayout(const LayoutOptions& options) {
  return std::make_unique<VarveLayout>(options);
}

}  // namespace varve::bench
