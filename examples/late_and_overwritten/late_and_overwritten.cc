// What late, repeated and overwriting writes do. The samples are three days
// old, and tiers thin them to one in five minutes after one day: the sample
// with the largest timestamp of each window stays, whenever it was written.
//
//   late_and_overwritten DIR
#include <rocksdb/db.h>
#include <varve/varve.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr int64_t kMinuteMs = 60 * 1000;
constexpr int64_t kDayMs = 24 * 60 * kMinuteMs;

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

class Story {
 public:
  Story(rocksdb::DB* db, int64_t start_ms) : db_(db), start_ms_(start_ms) {
    Check(varve::SampleWriter::Open(db, db->DefaultColumnFamily(), &writer_));
    Check(varve::SampleReader::Open(db, db->DefaultColumnFamily(), &reader_));
  }

  void Write(double minute, double value) {
    const auto offset_ms = static_cast<int64_t>(minute * kMinuteMs);
    Check(writer_->Add("cpu", start_ms_ + offset_ms, value, &batch_));
  }

  // Commits what was written and prints what a reader then sees: before it
  // reaches a file, and after it has been merged and thinned in one.
  void Show(const char* title) {
    Check(db_->Write(rocksdb::WriteOptions(), &batch_));
    batch_.Clear();
    const std::string before = Read();
    Check(db_->Flush(rocksdb::FlushOptions()));
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    Check(db_->CompactRange(all, nullptr, nullptr));
    std::printf("%-42s%s%s\n", title, before.c_str(),
                Read() == before ? "" : "  BUT NOT ON DISK");
  }

 private:
  std::string Read() {
    std::vector<varve::Sample> samples;
    Check(reader_->Read({}, "cpu", start_ms_, start_ms_ + 15 * kMinuteMs - 1,
                        &samples));
    std::string text;
    for (const varve::Sample& sample : samples) {
      const int64_t second = (sample.timestamp_ms - start_ms_) / 1000;
      char cell[40];
      std::snprintf(cell, sizeof cell, "  %02d:%02d=%g",
                    static_cast<int>(second / 60),
                    static_cast<int>(second % 60), sample.value);
      text += cell;
    }
    return text;
  }

  rocksdb::DB* const db_;
  const int64_t start_ms_;
  rocksdb::WriteBatch batch_;
  std::unique_ptr<varve::SampleWriter> writer_;
  std::unique_ptr<varve::SampleReader> reader_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: late_and_overwritten DIR\n");
    return 2;
  }
  varve::Options varve;
  Check(varve::Policy::Parse("downsampling_period=1d:5m", &varve.policy));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;  // the story begins with nothing
  Check(varve::ConfigureColumnFamily(varve, &options));
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, argv[1], &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);

  const int64_t now_ms = rocksdb::SystemClock::Default()->NowMicros() / 1000;
  Story story(db.get(), now_ms / kDayMs * kDayMs - 3 * kDayMs);
  for (int minute = 0; minute < 15; ++minute) story.Write(minute, minute);
  story.Show("one sample a minute");

  story.Write(2, 200);
  story.Show("02:00 again: its window ends with 04:00");

  story.Write(4.5, 450);
  story.Show("04:30, late: now the last of its window");

  story.Write(9, 900);
  story.Show("09:00 overwritten: the last write wins");

  for (int minute = 14; minute >= 0; --minute) story.Write(minute, minute);
  story.Show("the first fifteen again, backwards");
}
