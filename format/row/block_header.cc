// The front of a block: PeekBlock of sample_block.h, and what the encoder
// writes there. See FORMAT.md, 'Sample block'.
#include "format/row/block_header.h"

#include <algorithm>
#include <cassert>

#include "format/coding/varint.h"

namespace varve {
namespace {

// Bits of the flags byte. On disk; they never change.
constexpr unsigned kFlagCeil = 1;
constexpr unsigned kFlagPartitionShift = 1;
constexpr unsigned kFlagPartitionMask = 3;
constexpr unsigned kFlagSingle = 1 << 3;
constexpr unsigned kFlagThinned = 1 << 4;
constexpr unsigned kFlagCounted = 1 << 5;
constexpr unsigned kFlagReserved = 0xc0;  // the unit, 0 = ms

Status Corrupt(const std::string& what) {
  return Status::Corruption("block: " + what);
}

// Reads varints off the header; false for ever after a failure.
class Cursor {
 public:
  explicit Cursor(const Slice& block)
      : p_(block.data() + kBlockTagBytes),
        begin_(block.data()),
        limit_(block.data() + block.size()) {}

  bool Byte(unsigned* v) {
    if (p_ == nullptr || p_ == limit_) return Fail();
    *v = static_cast<unsigned char>(*p_++);
    return true;
  }
  bool Varint(uint64_t max, uint64_t* v) {
    if (p_ == nullptr) return false;
    p_ = DecodeVarint(p_, limit_, v);
    return p_ != nullptr && (*v <= max || Fail());
  }
  size_t offset() const { return static_cast<size_t>(p_ - begin_); }
  size_t left() const { return static_cast<size_t>(limit_ - p_); }

 private:
  bool Fail() {
    p_ = nullptr;
    return false;
  }

  const char* p_;
  const char* begin_;
  const char* limit_;
};

// The product width * index is aligned, so that only its range is checked.
// Inlined, so that the cursor stays in registers: a quarter of a peek.
__attribute__((always_inline)) inline bool ReadShape(Cursor* cursor,
                                                     unsigned flags,
                                                     RowShape* shape,
                                                     int64_t* bucket_start_ms) {
  uint64_t width_s = 0;
  uint64_t index = 0;
  constexpr uint64_t kWidthMaxS = kBucketWidthMaxMs / kMillisPerSecond;
  if (!cursor->Varint(kWidthMaxS, &width_s) || width_s == 0) return false;
  if (!cursor->Varint(uint64_t{1} << 40, &index)) return false;
  shape->window =
      (flags & kFlagCeil) != 0 ? WindowRule::kCeil : WindowRule::kFloor;
  shape->partition = static_cast<Partition>((flags >> kFlagPartitionShift) &
                                            kFlagPartitionMask);
  shape->bucket_width_ms = static_cast<int64_t>(width_s) * kMillisPerSecond;
  return !__builtin_mul_overflow(UnZigZag(index), shape->bucket_width_ms,
                                 bucket_start_ms) &&
         shape->HoldsValidTime(*bucket_start_ms);
}

bool ReadRange(Cursor* cursor, unsigned flags, BlockHeader* header) {
  uint64_t count = 1;
  if ((flags & kFlagSingle) == 0) {
    if (!cursor->Varint(kBlockSamplesMax, &count) || count == 1) return false;
  }
  header->sample_count = static_cast<size_t>(count);
  if (count == 0) return true;
  const auto width = static_cast<uint64_t>(header->shape.bucket_width_ms);
  uint64_t offset = 0;
  uint64_t span = 0;
  uint64_t timestamp_bytes = 0;
  if (!cursor->Varint(width - 1, &offset)) return false;
  if (count > 1) {
    if (!cursor->Varint(width - 1 - offset, &span)) return false;
    if (span < count - 1) return false;
    if (!cursor->Varint(cursor->left(), &timestamp_bytes)) return false;
  }
  header->first_timestamp_ms =
      header->shape.BucketFirst(header->bucket_start_ms) +
      static_cast<int64_t>(offset);
  header->last_timestamp_ms =
      header->first_timestamp_ms + static_cast<int64_t>(span);
  header->timestamp_bytes = static_cast<size_t>(timestamp_bytes);
  return header->first_timestamp_ms >= kTimestampMin &&
         header->last_timestamp_ms <= kTimestampMax;
}

// The order in which a header lists what has been thinned: each interval
// coarser, and up to less, than the one before it. Writer and reader share it.
bool MayFollow(const ThinnedInterval& before, const ThinnedInterval& fact) {
  return fact.interval_ms > before.interval_ms &&
         fact.up_to_ms < before.up_to_ms;
}

// Where dedup_interval is a tier's interval, early builds of version 0.1 listed
// that interval twice at the front: up to the bucket's end, as dedup reaches,
// and less far, as the tier does. The second says nothing more.
bool RepeatsFirst(const BlockHeader& header, const ThinnedInterval& fact) {
  const ThinnedInterval& first = header.thinned[0];
  return fact.interval_ms == first.interval_ms &&
         fact.up_to_ms < first.up_to_ms &&
         first.up_to_ms ==
             header.bucket_start_ms + header.shape.bucket_width_ms;
}

bool ReadThinned(Cursor* cursor, BlockHeader* header) {
  uint64_t listed = 0;
  if (!cursor->Varint(kThinnedIntervalsMax, &listed) || listed == 0) {
    return false;
  }
  const auto width = static_cast<uint64_t>(header->shape.bucket_width_ms);
  size_t count = 0;
  for (uint64_t i = 0; i < listed; ++i) {
    uint64_t interval = 0;
    uint64_t windows = 0;
    if (!cursor->Varint(width, &interval) || interval == 0) return false;
    const uint64_t all = width / interval;
    if (all * interval != width || !cursor->Varint(all, &windows) ||
        windows == 0) {
      return false;
    }
    const ThinnedInterval fact = {
        static_cast<int64_t>(interval),
        header->bucket_start_ms + static_cast<int64_t>(interval * windows)};
    if (count == 0 || MayFollow(header->thinned[count - 1], fact)) {
      header->thinned[count++] = fact;
    } else if (i == 1 && RepeatsFirst(*header, fact)) {
      header->repeats_interval = true;
    } else {
      return false;
    }
  }
  header->thinned_count = count;
  return true;
}

Status PeekPlain(const Slice& block, BlockHeader* header) {
  const size_t bytes = block.size() - kBlockTagBytes;
  if (bytes == 0 || bytes % kPlainSampleBytes != 0) {
    return Corrupt("plain form with " + std::to_string(bytes) +
                   " bytes, which is not a whole number of 16-byte samples");
  }
  header->sample_count = bytes / kPlainSampleBytes;
  const char* p = block.data() + kBlockTagBytes;
  int64_t first = static_cast<int64_t>(LoadLittle64(p));
  int64_t last = first;
  for (size_t i = 1; i < header->sample_count; ++i) {
    const auto t =
        static_cast<int64_t>(LoadLittle64(p + i * kPlainSampleBytes));
    first = std::min(first, t);
    last = std::max(last, t);
  }
  header->first_timestamp_ms = first;
  header->last_timestamp_ms = last;
  if (first < kTimestampMin || last > kTimestampMax) {
    return Corrupt("plain form with a timestamp outside 1970..9999");
  }
  return Status::OK();
}

// Fewest bytes that the columns of so many samples can have, so that a header
// alone can never ask for much memory.
bool ColumnsHold(const BlockHeader& header) {
  const size_t pieces =
      (header.sample_count + kPieceSamplesMax - 1) / kPieceSamplesMax;
  if (header.sample_count <= 1) {
    return header.timestamp_bytes == 0 &&
           (header.value_bytes > 0) == (header.sample_count == 1);
  }
  return header.timestamp_bytes >= pieces && header.value_bytes >= pieces;
}

Status PeekSamples(const Slice& block, BlockHeader* header) {
  Cursor cursor(block);
  unsigned flags = 0;
  if (!cursor.Byte(&flags)) return Corrupt("cut off in its header");
  if ((flags & kFlagReserved) != 0) {
    return Status::NotSupported(
        "block: its flags are of a newer version; read it with that version");
  }
  if (!ReadShape(&cursor, flags, &header->shape, &header->bucket_start_ms)) {
    return Corrupt("bad bucket in its header");
  }
  if (!ReadRange(&cursor, flags, header)) {
    return Corrupt("bad sample count or time range in its header");
  }
  if ((flags & kFlagThinned) != 0 && !ReadThinned(&cursor, header)) {
    return Corrupt("bad thinned intervals in its header");
  }
  header->counted_pieces = (flags & kFlagCounted) != 0;
  if (header->counted_pieces && header->sample_count < 2) {
    return Corrupt("pieces of no samples in its header");
  }
  header->header_bytes = cursor.offset();
  if (header->timestamp_bytes > cursor.left()) {
    return Corrupt("cut off in its timestamp column");
  }
  header->value_bytes = cursor.left() - header->timestamp_bytes;
  if (!ColumnsHold(*header)) {
    return Corrupt("columns of " + std::to_string(header->timestamp_bytes) +
                   " and " + std::to_string(header->value_bytes) +
                   " bytes cannot hold " +
                   std::to_string(header->sample_count) + " samples");
  }
  return Status::OK();
}

Status PeekContainer(const Slice& block, BlockHeader* header) {
  const char* p = block.data() + kBlockTagBytes;
  const char* const limit = block.data() + block.size();
  while (p < limit) {
    uint64_t bytes = 0;
    p = DecodeVarint(p, limit, &bytes);
    if (p == nullptr || bytes > static_cast<uint64_t>(limit - p)) {
      return Corrupt("container cut off in entry " +
                     std::to_string(header->entry_count));
    }
    p += bytes;
    ++header->entry_count;
  }
  return Status::OK();
}

// All but thinned[]: clearing that takes longer than reading a header.
void Clear(BlockHeader* header) {
  header->sample_count = 0;
  header->first_timestamp_ms = 0;
  header->last_timestamp_ms = 0;
  header->shape = RowShape();
  header->bucket_start_ms = 0;
  header->repeats_interval = false;
  header->counted_pieces = false;
  header->thinned_count = 0;
  header->header_bytes = 0;
  header->timestamp_bytes = 0;
  header->value_bytes = 0;
  header->entry_count = 0;
}

// What of spec.thinned a header can hold. Facts spare work: one that is left
// out costs a later merge a look at the samples, one that cannot be read would
// cost the row.
size_t ListThinned(const BlockSpec& spec,
                   ThinnedInterval listed[kThinnedIntervalsMax]) {
  const int64_t width_ms = spec.shape.bucket_width_ms;
  size_t count = 0;
  for (size_t i = 0; i < spec.thinned_count; ++i) {
    const ThinnedInterval& fact = spec.thinned[i];
    const int64_t reach_ms = fact.up_to_ms - spec.bucket_start_ms;
    if (fact.interval_ms > 0 && width_ms % fact.interval_ms == 0 &&
        reach_ms > 0 && reach_ms <= width_ms &&
        reach_ms % fact.interval_ms == 0 &&
        (count == 0 || MayFollow(listed[count - 1], fact))) {
      listed[count++] = fact;
    }
  }
  return count;
}

bool HasMagic(const Slice& block) {
  return block.size() >= kBlockTagBytes &&
         static_cast<unsigned char>(block[0]) == kBlockMagic;
}

}  // namespace

Status PeekBlock(const Slice& block, BlockHeader* header) {
  Clear(header);
  if (!HasMagic(block)) {
    return Corrupt("foreign bytes: " + std::to_string(block.size()) +
                   " bytes that no version of Varve wrote");
  }
  const auto form = static_cast<unsigned char>(block[1]);
  header->form = static_cast<BlockForm>(form);
  switch (header->form) {
    case BlockForm::kPlain:
      return PeekPlain(block, header);
    case BlockForm::kBlock:
      return PeekSamples(block, header);
    case BlockForm::kContainer:
      return PeekContainer(block, header);
  }
  return Status::NotSupported("block: form " + std::to_string(form) +
                              " is of a newer version; read it with that "
                              "version");
}

bool PeekSingle(const Slice& block, int64_t* timestamp_ms,
                size_t* header_bytes) {
  if (!HasMagic(block) || block[1] != static_cast<char>(BlockForm::kBlock)) {
    return false;
  }
  Cursor cursor(block);
  unsigned flags = 0;
  RowShape shape;
  int64_t bucket_start_ms = 0;
  uint64_t offset = 0;
  if (!cursor.Byte(&flags) ||
      (flags & (kFlagReserved | kFlagCounted | kFlagThinned | kFlagSingle)) !=
          kFlagSingle ||
      !ReadShape(&cursor, flags, &shape, &bucket_start_ms) ||
      !cursor.Varint(static_cast<uint64_t>(shape.bucket_width_ms) - 1,
                     &offset)) {
    return false;
  }
  *timestamp_ms =
      shape.BucketFirst(bucket_start_ms) + static_cast<int64_t>(offset);
  *header_bytes = cursor.offset();
  return *timestamp_ms >= kTimestampMin && *timestamp_ms <= kTimestampMax &&
         cursor.left() > 0;
}

char* EncodeBlockHeader(const BlockSpec& spec, const BlockContent& content,
                        char* p) {
  const size_t count = content.count;
  const RowShape& shape = spec.shape;
  ThinnedInterval thinned[kThinnedIntervalsMax];
  const size_t thinned_count = ListThinned(spec, thinned);
  const unsigned flags =
      (shape.window == WindowRule::kCeil ? kFlagCeil : 0) |
      static_cast<unsigned>(shape.partition) << kFlagPartitionShift |
      (count == 1 ? kFlagSingle : 0) | (thinned_count > 0 ? kFlagThinned : 0) |
      (content.piece_sizes == PieceSizes::kListed ? kFlagCounted : 0);
  *p++ = static_cast<char>(kBlockMagic);
  *p++ = static_cast<char>(BlockForm::kBlock);
  *p++ = static_cast<char>(flags);
  p = EncodeVarint(
      p, static_cast<uint64_t>(shape.bucket_width_ms / kMillisPerSecond));
  p = EncodeVarint(p, ZigZag(spec.bucket_start_ms / shape.bucket_width_ms));
  if (count != 1) p = EncodeVarint(p, count);
  if (count > 0) {
    const int64_t bucket_first = shape.BucketFirst(spec.bucket_start_ms);
    p = EncodeVarint(p, static_cast<uint64_t>(content.first_ms - bucket_first));
  }
  if (count > 1) {
    p = EncodeVarint(p,
                     static_cast<uint64_t>(content.last_ms - content.first_ms));
    p = EncodeVarint(p, content.timestamp_bytes);
  }
  if (thinned_count > 0) p = EncodeVarint(p, thinned_count);
  for (size_t i = 0; i < thinned_count; ++i) {
    p = EncodeVarint(p, static_cast<uint64_t>(thinned[i].interval_ms));
    p = EncodeVarint(
        p, static_cast<uint64_t>((thinned[i].up_to_ms - spec.bucket_start_ms) /
                                 thinned[i].interval_ms));
  }
  return p;
}

}  // namespace varve
