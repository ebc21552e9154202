// Loads history without going through memtables: rows are encoded straight
// into sorted files, which the database then ingests. The entries are merge
// operands, so that rows that already hold samples keep them, and what is
// written later overwrites what was loaded.
//
//   bulk_load DIR
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <varve/varve.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr int kSeries = 100;
constexpr int kDays = 3;
constexpr int64_t kIntervalMs = 15000;
constexpr int64_t kStartMs = 1698796800000;  // 2023-11-01
constexpr int64_t kEndMs = kStartMs + kDays * varve::kMillisPerDay;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

std::string SeriesName(int number) {
  char name[16];
  std::snprintf(name, sizeof name, "sensor%03d", number);
  return name;
}

double ValueAt(int series, int64_t timestamp_ms) {
  const double hours = static_cast<double>(timestamp_ms - kStartMs) / 3600000;
  return std::round(200 + series + 50 * std::sin(hours / 4)) / 10;
}

// The rows of all series, by their keys: an SST file takes them in order. A
// real load would sort by series and time first and write a file at a time.
std::map<std::string, std::string> EncodeRows(const varve::RowShape& shape) {
  std::map<std::string, std::string> rows;
  for (int series = 0; series < kSeries; ++series) {
    int64_t t = kStartMs;
    while (t < kEndMs) {
      std::string key, operand;
      Check(varve::EncodeRowKey(shape, SeriesName(series), t, &key));
      // Everything up to the end of the bucket goes into this row.
      const int64_t last_ms = shape.BucketLast(shape.BucketStart(t));
      std::vector<varve::Sample> samples;
      for (; t <= last_ms && t < kEndMs; t += kIntervalMs) {
        samples.push_back({t, ValueAt(series, t)});
      }
      Check(varve::EncodeSamples(shape, samples.data(), samples.size(),
                                 &operand));
      rows.emplace(std::move(key), std::move(operand));
    }
  }
  return rows;
}

// With the options of the column family, so that the file is in its table
// format and tells what it holds.
void WriteFile(const rocksdb::Options& options,
               const std::map<std::string, std::string>& rows,
               const std::string& path) {
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(), options);
  Check(file.Open(path));
  for (const auto& [key, operand] : rows) Check(file.Merge(key, operand));
  rocksdb::ExternalSstFileInfo info;
  Check(file.Finish(&info));
  std::printf("%llu rows, %.2f bytes a sample\n",
              static_cast<unsigned long long>(info.num_entries),
              static_cast<double>(info.file_size) /
                  (kSeries * (kEndMs - kStartMs) / kIntervalMs));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bulk_load DIR\n");
    return 2;
  }
  const std::string dir = argv[1];
  varve::Options varve;
  Check(varve::Policy::Parse("bucket=1d", &varve.policy));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;  // the story begins with nothing
  options.compression = rocksdb::kZSTD;
  Check(varve::ConfigureColumnFamily(varve, &options));
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, dir, &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);

  const std::string path = dir + ".sst";
  WriteFile(options, EncodeRows(varve.policy.shape), path);
  // Moved into the database, beside whatever else is written at the time.
  Check(varve::IngestFiles(db.get(), db->DefaultColumnFamily(), {path}));

  // A correction after the load overwrites one sample of it.
  std::unique_ptr<varve::SampleWriter> writer;
  std::unique_ptr<varve::SampleReader> reader;
  Check(
      varve::SampleWriter::Open(db.get(), db->DefaultColumnFamily(), &writer));
  Check(
      varve::SampleReader::Open(db.get(), db->DefaultColumnFamily(), &reader));
  rocksdb::WriteBatch batch;
  Check(writer->Add("sensor042", kStartMs + kIntervalMs, -1, &batch));
  Check(db->Write(rocksdb::WriteOptions(), &batch));

  size_t total = 0;
  varve::ScanOptions scan;
  scan.prefix = "sensor";
  scan.start_ms = kStartMs;
  scan.end_ms = kEndMs;
  const auto cursor = reader->Scan({}, scan);
  while (cursor->NextSeries()) {
    while (cursor->Next()) total += cursor->size();
    Check(cursor->status());
  }
  Check(cursor->status());
  std::printf("%zu samples read back\n", total);
  std::vector<varve::Sample> samples;
  Check(reader->Read({}, "sensor042", kStartMs, kStartMs + 2 * kIntervalMs,
                     &samples));
  for (const varve::Sample& sample : samples) {
    std::printf("sensor042 +%2d s  %g\n",
                static_cast<int>(sample.timestamp_ms - kStartMs) / 1000,
                sample.value);
  }
}
