#include "store.h"

#include <utility>

namespace {

constexpr char kPolicy[] =
    "downsampling_period=7d:1m,30d:5m,180d:1h;retention_period=1y";

using rocksdb::Status;

}  // namespace

Status Store::Open(const std::string& dir, std::unique_ptr<Store>* store) {
  varve::Options varve;
  Status status = varve::Policy::Parse(kPolicy, &varve.policy);
  if (!status.ok()) return status;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kZSTD;
  options.statistics = rocksdb::CreateDBStatistics();
  // Ordinary WAL and levels: all else is RocksDB as you know it. A LOG that a
  // full disk does not end the process by.
  status = varve::OpenInfoLog(dir, options, &options.info_log);
  if (status.ok()) status = varve::ConfigureDB(varve, &options);
  if (status.ok()) status = varve::ConfigureColumnFamily(varve, &options);
  rocksdb::DB* db = nullptr;
  if (status.ok()) status = rocksdb::DB::Open(options, dir, &db);
  if (!status.ok()) return status;

  std::unique_ptr<Store> result(new Store);
  result->statistics_ = options.statistics;
  result->db_.reset(db);
  rocksdb::ColumnFamilyHandle* const family = db->DefaultColumnFamily();
  status = varve::SampleWriter::Open(db, family, &result->writer_);
  if (status.ok()) {
    status = varve::SampleReader::Open(db, family, &result->reader_);
  }
  if (status.ok()) *store = std::move(result);
  return status;
}

Store::~Store() = default;

Status Store::Write(const SeriesSamples& samples) {
  rocksdb::WriteBatch batch;
  for (const auto& [series, run] : samples) {
    const Status status = writer_->Add(series, run.data(), run.size(), &batch);
    if (!status.ok()) return status;
  }
  // In the WAL when this returns; set WriteOptions::sync to survive a power
  // cut as well.
  return db_->Write(rocksdb::WriteOptions(), &batch);
}

Status Store::Read(const std::string& series, int64_t start_ms, int64_t end_ms,
                   size_t samples_max,
                   std::vector<varve::Sample>* samples) const {
  samples->clear();
  const auto cursor = reader_->Read({}, series, start_ms, end_ms);
  while (cursor->Next()) {
    if (samples->size() + cursor->size() > samples_max) {
      return Status::InvalidArgument(
          "more than " + std::to_string(samples_max) + " samples",
          "ask for a shorter range");
    }
    for (size_t i = 0; i < cursor->size(); ++i) {
      samples->push_back({cursor->timestamps_ms()[i], cursor->values()[i]});
    }
  }
  return cursor->status();
}

Status Store::ListSeries(const std::string& prefix, size_t names_max,
                         std::vector<std::string>* names) const {
  names->clear();
  const auto cursor = reader_->ListSeries({}, prefix);
  while (names->size() < names_max && cursor->Next()) {
    // Whoever else writes here may name series as he likes; this service's
    // names are printable.
    if (IsSeriesName(cursor->series())) names->push_back(cursor->series());
  }
  return cursor->status();
}

varve::Counters Store::Counters() const {
  varve::Counters counters;
  varve::GetCounters(db_.get(), db_->DefaultColumnFamily(), &counters)
      .PermitUncheckedError();
  return counters;
}

varve::AgeingCounters Store::Ageing() const {
  varve::AgeingStatus status;
  varve::GetAgeingStatus(db_.get(), &status).PermitUncheckedError();
  return status.counters;
}

uint64_t Store::Ticker(rocksdb::Tickers ticker) const {
  return statistics_->getTickerCount(ticker);
}

uint64_t Store::Property(const std::string& name) const {
  uint64_t value = 0;
  return db_->GetIntProperty(name, &value) ? value : 0;
}
