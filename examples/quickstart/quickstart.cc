#include <varve/varve.h>

#include <cstdio>
#include <cstdlib>

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string path = argv[1];
  const int64_t now = rocksdb::SystemClock::Default()->NowMicros() / 1000;
  rocksdb::DB* db = nullptr;
  std::unique_ptr<varve::SampleWriter> writer;
  std::unique_ptr<varve::SampleReader> reader;

  varve::Options varve;
  rocksdb::Options options;
  options.create_if_missing = true;
  Check(varve::Policy::Parse(
      "downsampling_period=30d:5m,180d:1h;retention_period=1y", &varve.policy));
  Check(varve::ConfigureColumnFamily(varve, &options));
  Check(rocksdb::DB::Open(options, path, &db));
  Check(varve::SampleWriter::Open(db, db->DefaultColumnFamily(), &writer));
  Check(varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader));

  rocksdb::WriteBatch batch;
  for (int i = 0; i < 4; ++i) {
    Check(writer->Add("cpu", now + i * 15000, i * 0.25, &batch));
  }
  Check(writer->Add("cpu", now + 15000, 42, &batch));  // the last write wins
  Check(db->Write(rocksdb::WriteOptions(), &batch));

  std::vector<varve::Sample> samples;
  Check(reader->Read({}, "cpu", now, now + 60000, &samples));

  for (const varve::Sample& sample : samples) {
    std::printf("+%2d s  %g\n",
                static_cast<int>(sample.timestamp_ms - now) / 1000,
                sample.value);
  }
  writer.reset(), reader.reset();
  delete db;
}
