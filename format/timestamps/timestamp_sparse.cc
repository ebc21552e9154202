// See timestamp_sparse.h.
#include "format/timestamps/timestamp_sparse.h"

#include <algorithm>

namespace varve {
namespace {

// The cheapest number of a skip's bits below its ones.
unsigned ChooseSkipBits(const SparseEntry* entries, size_t count) {
  // The mean decides, where skips are as chance would have it; two around it
  // are tried.
  const uint64_t last = entries[count - 1].position;
  const unsigned mean_bits = BitLength((last + 1) / count);
  const unsigned from = mean_bits > 2 ? mean_bits - 2 : 0;
  unsigned best = from;
  uint64_t best_bits = ~uint64_t{0};
  for (unsigned skip_bits = from;
       skip_bits <= std::min(mean_bits + 1, kSkipBitsMax); ++skip_bits) {
    uint64_t bits = 0;
    uint64_t next = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t ones = (entries[i].position - next) >> skip_bits;
      bits += ones < kSkipOnesMax ? ones + 1 + skip_bits
                                  : kSkipOnesMax + kSkipFullBits;
      next = entries[i].position + 1;
    }
    if (bits < best_bits) {
      best_bits = bits;
      best = skip_bits;
    }
  }
  return best;
}

// How many ones a code takes at this order.
unsigned ValueOnes(uint64_t code, unsigned order) {
  return BitLength((code >> order) + 1) - 1;
}

unsigned ChooseOrder(const SparseEntry* entries, size_t count) {
  size_t with_bits[65] = {};
  unsigned most = 0;
  for (size_t i = 0; i < count; ++i) {
    const unsigned length = BitLength(SparseCode(entries[i].value));
    ++with_bits[length];
    most = std::max(most, length);
  }
  unsigned best = 0;
  uint64_t best_bits = ~uint64_t{0};
  for (unsigned order = 0; order <= std::min(most, kSparseOrderMax); ++order) {
    uint64_t bits = 0;
    for (unsigned length = 0; length <= most; ++length) {
      // As the middle of the codes of this length.
      const uint64_t code = length < 2 ? length : uint64_t{3} << (length - 2);
      const unsigned ones = length > order ? ValueOnes(code, order) : 0;
      bits += with_bits[length] * (2 * ones + 1 + order);
    }
    if (bits < best_bits) {
      best_bits = bits;
      best = order;
    }
  }
  return best;
}

void PutOnes(unsigned ones, BitStringWriter* writer) {
  for (; ones >= 32; ones -= 32) writer->Put(LowBits(32), 32);
  writer->Put(LowBits(ones), ones);
}

void PutSkip(uint64_t skip, unsigned skip_bits, BitStringWriter* writer) {
  const uint64_t ones = skip >> skip_bits;
  if (ones < kSkipOnesMax) {
    writer->Put(LowBits(static_cast<unsigned>(ones)),
                static_cast<unsigned>(ones) + 1);
    writer->Put(skip & LowBits(skip_bits), skip_bits);
  } else {
    writer->Put(LowBits(kSkipOnesMax), kSkipOnesMax);
    writer->Put(skip, kSkipFullBits);
  }
}

void PutValue(uint64_t code, unsigned order, BitStringWriter* writer) {
  const unsigned ones = ValueOnes(code, order);
  const unsigned bits = order + ones;
  PutOnes(ones, writer);
  if (ones < 64) writer->Put(0, 1);
  writer->PutWide((code + (uint64_t{1} << order)) & LowBits(bits), bits);
}

}  // namespace

void AppendSparse(const SparseEntry* entries, size_t count, std::string* out) {
  const unsigned skip_bits = ChooseSkipBits(entries, count);
  const unsigned order = ChooseOrder(entries, count);
  AppendVarint(out, count);
  out->push_back(
      static_cast<char>(skip_bits | std::min(order, kSparseOrderNext) << 4));
  if (order >= kSparseOrderNext) out->push_back(static_cast<char>(order));

  constexpr size_t kChunkBytes = 256;
  constexpr size_t kEntryBytesMax = 32;  // 37 + 64 + 1 + 64 bits, and 8 bytes
  char chunk[kChunkBytes + kEntryBytesMax];
  BitStringWriter writer(chunk);
  uint64_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    PutSkip(entries[i].position - next, skip_bits, &writer);
    next = entries[i].position + 1;
    PutValue(SparseCode(entries[i].value), order, &writer);
    if (writer.at() < chunk + kChunkBytes) continue;
    out->append(chunk, static_cast<size_t>(writer.at() - chunk));
    writer.Restart(chunk);
  }
  char* const end = writer.Finish();
  out->append(chunk, static_cast<size_t>(end - chunk));
}

}  // namespace varve
