// See time_partitioner.h.
#include "compaction/time_partitioner.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "format/coding/varint.h"
#include "format/row/row_key.h"

namespace varve {
namespace {

using rocksdb::Slice;

class TimePartitioner : public rocksdb::SstPartitioner {
 public:
  explicit TimePartitioner(const RowShape& shape)
      : shape_(shape),
        first_day_(
            PartitionDay(shape.partition, shape.BucketStart(kTimestampMin))),
        last_day_(
            PartitionDay(shape.partition, shape.BucketStart(kTimestampMax))) {}

  const char* Name() const override { return kTimePartitionerId; }

  rocksdb::PartitionerResult ShouldPartition(
      const rocksdb::PartitionerRequest& request) override {
    const Slice& key = *request.current_user_key;
    // RocksDB asks for each key but a file's first: what came before a
    // foreign key is remembered here, the file's first key is in the request.
    Remember(*request.prev_user_key);
    if (!known_ || StartsAlike(key)) {
      return rocksdb::kNotRequired;
    }
    return Remember(key) ? rocksdb::kRequired : rocksdb::kNotRequired;
  }

  // Keys are sorted by partition, so the range between two keys says which
  // partitions the file may hold, whatever the keys are.
  bool CanDoTrivialMove(const Slice& smallest, const Slice& largest) override {
    const int64_t from = std::max(Day(smallest), first_day_);
    const int64_t to = std::min(Day(largest), last_day_);
    if (from > to) return true;
    auto first = PartitionDay(shape_.partition, from * kMillisPerDay);
    if (first < from) first = NextPartitionDay(shape_.partition, first);
    return NextPartitionDay(shape_.partition, first) > to;
  }

 private:
  bool StartsAlike(const Slice& key) const {
    return key.size() >= kPartitionBytes &&
           std::memcmp(key.data(), partition_, kPartitionBytes) == 0;
  }

  // Takes the partition of a row key; false for a foreign key.
  bool Remember(const Slice& key) {
    if (known_ && StartsAlike(key)) return true;
    ParsedRowKey parsed;
    if (!ParseRowKey(shape_, key, &parsed)) return false;
    std::memcpy(partition_, key.data(), kPartitionBytes);
    known_ = true;
    return true;
  }

  // The first bytes of any key as a day; short keys as if zeros followed.
  static int64_t Day(const Slice& key) {
    char bytes[kPartitionBytes] = {};
    std::memcpy(bytes, key.data(), std::min(key.size(), sizeof bytes));
    return static_cast<int64_t>(LoadBig32(bytes)) - (int64_t{1} << 31);
  }

  const RowShape shape_;
  const int64_t first_day_;  // of the first and the last partition
  const int64_t last_day_;
  bool known_ = false;
  char partition_[kPartitionBytes] = {};  // of the last row
};

}  // namespace

TimePartitionerFactory::TimePartitionerFactory()
    : PolicyObject(PolicyUse::kShape, PolicyText::kOptional,
                   kPartitionerOption) {}

std::unique_ptr<rocksdb::SstPartitioner>
TimePartitionerFactory::CreatePartitioner(
    const rocksdb::SstPartitioner::Context& /*context*/) const {
  const RowShape& shape = policy().Get().shape;
  if (shape.partition == Partition::kNone) return nullptr;
  return std::make_unique<TimePartitioner>(shape);
}

}  // namespace varve
