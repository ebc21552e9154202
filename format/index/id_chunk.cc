// See id_chunk.h.
#include "format/index/id_chunk.h"

#include <algorithm>
#include <iterator>

#include "format/coding/column_bytes.h"
#include "format/coding/varint.h"
#include "format/index/index_form.h"

namespace varve {
namespace {

constexpr size_t kBitmapBytes = kIdChunkSize / 8;

struct Run {
  size_t first;
  size_t length;
};

// Goes through the runs of a value of form 0x21.
class RunReader {
 public:
  explicit RunReader(const ColumnBytes& bytes) : bytes_(bytes) {}

  // False at the end, and where the bytes are no runs: see good().
  bool Next(Run* run) {
    if (bytes_.empty()) return false;
    uint64_t head;
    uint64_t more = 0;
    good_ = false;
    if (!bytes_.TakeVarint(&head)) return false;
    if ((head & 1) != 0) {
      if (!bytes_.TakeVarint(&more) || more > kIdChunkSize) return false;
      more += 1;
    }
    const uint64_t gap = head >> 1;
    // A gap of nothing would be one run with the one before.
    if (gap > kIdChunkSize || (gap == 0 && !first_)) return false;
    if (next_ + gap + more >= kIdChunkSize) return false;
    run->first = next_ + gap;
    run->length = 1 + more;
    next_ = run->first + run->length;
    first_ = false;
    good_ = true;
    return true;
  }

  bool good() const { return good_; }

 private:
  ColumnBytes bytes_;
  size_t next_ = 0;  // the first offset that no run has reached
  bool first_ = true;
  bool good_ = false;  // of no runs
};

class RunWriter {
 public:
  explicit RunWriter(std::string* value) : value_(value) {}

  void Add(const Run& run) {
    const bool longer = run.length > 1;
    AppendVarint(value_, (run.first - next_) << 1 | (longer ? 1 : 0));
    if (longer) AppendVarint(value_, run.length - 2);
    next_ = run.first + run.length;
  }

 private:
  std::string* const value_;
  size_t next_ = 0;
};

// The first bit from `from` on that is set (or, inverted, not).
size_t FindBit(const std::vector<uint64_t>& words, size_t from,
               uint64_t inverted) {
  if (from >= kIdChunkSize) return kIdChunkSize;
  size_t at = from / 64;
  uint64_t word = (words[at] ^ inverted) & (~uint64_t{0} << (from % 64));
  while (word == 0) {
    if (++at == kIdChunkWords) return kIdChunkSize;
    word = words[at] ^ inverted;
  }
  return at * 64 + static_cast<size_t>(__builtin_ctzll(word));
}

void EncodeWords(const std::vector<uint64_t>& words, std::string* value) {
  const size_t start = value->size();
  value->push_back(static_cast<char>(IndexForm::kIdRuns));
  RunWriter writer(value);
  for (size_t from = 0;;) {
    const size_t first = FindBit(words, from, 0);
    if (first == kIdChunkSize) return;
    const size_t end = FindBit(words, first, ~uint64_t{0});
    writer.Add({first, end - first});
    if (value->size() - start > kBitmapBytes) break;
    from = end;
  }
  value->resize(start);
  value->push_back(static_cast<char>(IndexForm::kIdBitmap));
  for (const uint64_t word : words) {
    char bytes[8];
    StoreLittle64(bytes, word);
    value->append(bytes, sizeof bytes);
  }
}

Status NotIds() { return Status::Corruption("not a posting's row"); }

// What a value holds, checked. `bits` is called with each run, `word` with
// each word of a bitmap.
template <typename OnRun, typename OnWord>
Status ReadIds(const Slice& value, const OnRun& on_run, const OnWord& on_word) {
  if (value.empty()) return NotIds();
  const ColumnBytes bytes = BytesBehind(value, 1);
  if (value[0] == static_cast<char>(IndexForm::kIdRuns)) {
    RunReader reader(bytes);
    Run run;
    while (reader.Next(&run)) on_run(run);
    return reader.good() ? Status::OK() : NotIds();
  }
  if (value[0] != static_cast<char>(IndexForm::kIdBitmap) ||
      bytes.size() != kBitmapBytes) {
    return NotIds();
  }
  uint64_t any = 0;
  for (size_t i = 0; i < kIdChunkWords; ++i) {
    const uint64_t word = LoadLittle64(bytes.p + i * 8);
    any |= word;
    on_word(i, word);
  }
  return any != 0 ? Status::OK() : NotIds();
}

size_t CountBits(const std::vector<uint64_t>& words) {
  size_t count = 0;
  for (const uint64_t word : words) {
    count += static_cast<size_t>(__builtin_popcountll(word));
  }
  return count;
}

std::vector<uint16_t> OffsetsOf(const std::vector<uint64_t>& words,
                                size_t count) {
  std::vector<uint16_t> offsets;
  offsets.reserve(count);
  for (size_t i = 0; i < kIdChunkWords; ++i) {
    for (uint64_t word = words[i]; word != 0; word &= word - 1) {
      offsets.push_back(static_cast<uint16_t>(
          i * 64 + static_cast<size_t>(__builtin_ctzll(word))));
    }
  }
  return offsets;
}

bool TestBit(const std::vector<uint64_t>& words, size_t offset) {
  return (words[offset / 64] >> (offset % 64) & 1) != 0;
}

}  // namespace

bool IdChunk::Contains(uint16_t offset) const {
  if (is_bitmap()) return TestBit(words_, offset);
  return std::binary_search(offsets_.begin(), offsets_.end(), offset);
}

size_t IdChunk::memory_bytes() const {
  return sizeof *this + offsets_.capacity() * sizeof offsets_[0] +
         words_.capacity() * sizeof words_[0];
}

size_t IdChunk::Next(size_t from) const {
  if (is_bitmap()) return FindBit(words_, from, 0);
  const auto at = std::lower_bound(offsets_.begin(), offsets_.end(), from);
  return at == offsets_.end() ? kIdChunkSize : *at;
}

void IdChunk::MakeBitmap() {
  if (is_bitmap()) return;
  words_.assign(kIdChunkWords, 0);
  for (const uint16_t offset : offsets_) {
    words_[offset / 64] |= uint64_t{1} << (offset % 64);
  }
  offsets_ = {};
}

void IdChunk::Settle() {
  if (!is_bitmap()) {
    count_ = offsets_.size();
    return;
  }
  count_ = CountBits(words_);
  if (count_ > kIdArrayMax) return;
  offsets_ = OffsetsOf(words_, count_);
  words_ = {};
}

void IdChunk::UniteWith(const IdChunk& other) {
  if (other.empty()) return;
  if (!is_bitmap() && !other.is_bitmap() &&
      count_ + other.count_ <= kIdArrayMax) {
    std::vector<uint16_t> united;
    united.reserve(count_ + other.count_);
    std::set_union(offsets_.begin(), offsets_.end(), other.offsets_.begin(),
                   other.offsets_.end(), std::back_inserter(united));
    offsets_ = std::move(united);
    Settle();
    return;
  }
  MakeBitmap();
  for (const uint16_t offset : other.offsets_) {
    words_[offset / 64] |= uint64_t{1} << (offset % 64);
  }
  for (size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  Settle();
}

void IdChunk::IntersectWith(const IdChunk& other) {
  if (is_bitmap() && other.is_bitmap()) {
    for (size_t i = 0; i < kIdChunkWords; ++i) words_[i] &= other.words_[i];
  } else if (is_bitmap()) {
    std::vector<uint16_t> kept;
    for (const uint16_t offset : other.offsets_) {
      if (TestBit(words_, offset)) kept.push_back(offset);
    }
    words_ = {};
    offsets_ = std::move(kept);
  } else if (other.is_bitmap()) {
    const auto gone = [&](uint16_t offset) {
      return !TestBit(other.words_, offset);
    };
    offsets_.erase(std::remove_if(offsets_.begin(), offsets_.end(), gone),
                   offsets_.end());
  } else {
    std::vector<uint16_t> kept;
    std::set_intersection(offsets_.begin(), offsets_.end(),
                          other.offsets_.begin(), other.offsets_.end(),
                          std::back_inserter(kept));
    offsets_ = std::move(kept);
  }
  Settle();
}

void IdChunk::Subtract(const IdChunk& other) {
  if (is_bitmap()) {
    for (size_t i = 0; i < other.words_.size(); ++i) {
      words_[i] &= ~other.words_[i];
    }
    for (const uint16_t offset : other.offsets_) {
      words_[offset / 64] &= ~(uint64_t{1} << (offset % 64));
    }
  } else {
    const auto gone = [&](uint16_t offset) { return other.Contains(offset); };
    offsets_.erase(std::remove_if(offsets_.begin(), offsets_.end(), gone),
                   offsets_.end());
  }
  Settle();
}

void IdChunk::EncodeTo(std::string* value) const {
  if (is_bitmap()) {
    EncodeWords(words_, value);
  } else {
    EncodeSortedIds(offsets_.data(), offsets_.size(), value);
  }
}

Status IdChunk::Add(const Slice& value) {
  IdChunk read;
  const Status status = ReadIds(
      value,
      [&](const Run& run) {
        read.count_ += run.length;
        if (read.count_ > kIdArrayMax) read.MakeBitmap();
        for (size_t i = run.first; i < run.first + run.length; ++i) {
          if (read.is_bitmap()) {
            read.words_[i / 64] |= uint64_t{1} << (i % 64);
          } else {
            read.offsets_.push_back(static_cast<uint16_t>(i));
          }
        }
      },
      [&](size_t i, uint64_t word) {
        if (!read.is_bitmap()) read.MakeBitmap();
        read.words_[i] = word;
      });
  if (!status.ok()) return status;
  read.Settle();
  if (empty()) {
    *this = std::move(read);
  } else {
    UniteWith(read);
  }
  return status;
}

IdChunk IdChunk::OfSorted(const uint16_t* offsets, size_t count) {
  IdChunk chunk;
  chunk.offsets_.assign(offsets, offsets + count);
  if (count > kIdArrayMax) chunk.MakeBitmap();
  chunk.Settle();
  return chunk;
}

bool IdChunk::operator==(const IdChunk& other) const {
  return offsets_ == other.offsets_ && words_ == other.words_;
}

void IdBits::SetRun(size_t first, size_t length) {
  const size_t end = first + length;
  while (first < end) {
    const size_t bits = std::min<size_t>(64 - first % 64, end - first);
    const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
    words_[first / 64] |= mask << (first % 64);
    first += bits;
  }
}

Status IdBits::Add(const Slice& value) {
  // First as a whole, since nothing may remain of what is damaged.
  const auto ignore = [](auto&&...) {};
  Status status = ReadIds(value, ignore, ignore);
  if (!status.ok()) return status;
  any_ = true;
  return ReadIds(
      value, [&](const Run& run) { SetRun(run.first, run.length); },
      [&](size_t i, uint64_t word) { words_[i] |= word; });
}

void IdBits::EncodeTo(std::string* value) {
  EncodeWords(words_, value);
  std::fill(words_.begin(), words_.end(), 0);
  any_ = false;
}

IdChunk IdBits::Take() {
  IdChunk chunk;
  chunk.words_ = words_;
  chunk.Settle();
  std::fill(words_.begin(), words_.end(), 0);
  any_ = false;
  return chunk;
}

void EncodeSortedIds(const uint16_t* offsets, size_t count,
                     std::string* value) {
  const size_t start = value->size();
  value->push_back(static_cast<char>(IndexForm::kIdRuns));
  RunWriter writer(value);
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && offsets[end] == offsets[end - 1] + 1) ++end;
    writer.Add({offsets[i], end - i});
    i = end;
  }
  if (value->size() - start <= 1 + kBitmapBytes) return;
  value->resize(start);
  IdChunk chunk = IdChunk::OfSorted(offsets, count);
  chunk.EncodeTo(value);
}

}  // namespace varve
