#include <cstdio>

#include <varve/varve.h>

int main(int, char** argv) {
  varve::Options varve;
  if (!varve::Policy::Parse("downsampling_period=30d:5m,180d:1h;"
                            "retention_period=1y", &varve.policy).ok()) return 1;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  if (!varve::ConfigureColumnFamily(varve, &options).ok()) return 1;
  if (!rocksdb::DB::Open(options, argv[1], &db).ok()) return 1;

  const int64_t now = rocksdb::SystemClock::Default()->NowMicros() / 1000;
  std::unique_ptr<varve::SampleWriter> writer;
  if (!varve::SampleWriter::Open(db, db->DefaultColumnFamily(), &writer).ok()) return 1;
  rocksdb::WriteBatch batch;
  for (int i = 0; i < 4; ++i) writer->Add("cpu", now + i * 15000, i * 0.25, &batch);
  writer->Add("cpu", now + 15000, 42, &batch);  // the last write wins
  db->Write(rocksdb::WriteOptions(), &batch);

  std::unique_ptr<varve::SampleReader> reader;
  if (!varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader).ok()) return 1;
  std::vector<varve::Sample> samples;
  reader->Read({}, "cpu", now, now + 60000, &samples);
  for (const auto& s : samples) std::printf("+%2d s  %g\n", int(s.timestamp_ms - now) / 1000, s.value);
  writer.reset(), reader.reset();
  delete db;
}
