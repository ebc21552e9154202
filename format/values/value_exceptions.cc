// See value_exceptions.h and FORMAT-values.md.
//
// runs = run_count * 2 + 0:varint (gap:varint length_minus_1:varint){run_count}
//      | run_count * 2 + 1:varint gaps lengths_minus_1
// where gaps and lengths_minus_1 are each bytes:varint integer_column
#include "format/values/value_exceptions.h"

#include <algorithm>
#include <cstring>

#include "format/coding/varint.h"

namespace varve {
namespace {

constexpr size_t kPlainRunsMax = 8;  // with more, two columns are smaller

void AppendNumbers(const std::vector<uint64_t>& numbers, Profile profile,
                   IntegerEncodeScratch* scratch, std::string* out) {
  std::string column;
  EncodeIntegers(reinterpret_cast<const int64_t*>(numbers.data()),
                 numbers.size(), profile, scratch, &column);
  AppendVarint(out, column.size());
  out->append(column);
}

const char* ReadNumbers(const char* p, const char* limit, size_t count,
                        PackingDecodeScratch* scratch,
                        std::vector<uint64_t>* numbers) {
  uint64_t bytes;
  p = DecodeVarint(p, limit, &bytes);
  if (p == nullptr || bytes > static_cast<size_t>(limit - p)) return nullptr;
  numbers->resize(count);
  if (DecodeIntegers(p, p + bytes, count, {0, count}, scratch,
                     numbers->data()) != nullptr) {
    return nullptr;
  }
  return p + bytes;
}

// Reads gap and length - 1 of each run, as start and length.
const char* ReadNumbersOfRuns(const char* p, const char* limit, bool columns,
                              PackingDecodeScratch* scratch,
                              ValueExceptions* exceptions,
                              std::vector<uint64_t>* gaps) {
  const size_t count = exceptions->runs.size();
  auto& lengths = exceptions->numbers;
  if (columns) {
    p = ReadNumbers(p, limit, count, scratch, gaps);
    if (p == nullptr) return nullptr;
    return ReadNumbers(p, limit, count, scratch, &lengths);
  }
  gaps->resize(count);
  lengths.resize(count);
  for (size_t i = 0; i < count; ++i) {
    p = DecodeVarint(p, limit, &(*gaps)[i]);
    if (p == nullptr) return nullptr;
    p = DecodeVarint(p, limit, &lengths[i]);
    if (p == nullptr) return nullptr;
  }
  return p;
}

}  // namespace

void AppendRuns(ValueExceptions* exceptions, Profile profile,
                IntegerEncodeScratch* scratch, std::string* out) {
  const auto& runs = exceptions->runs;
  const bool columns = runs.size() > kPlainRunsMax;
  AppendVarint(out, runs.size() * 2 + (columns ? 1 : 0));
  size_t at = 0;
  if (!columns) {
    for (const ExceptionRun& run : runs) {
      AppendVarint(out, run.start - at);
      AppendVarint(out, run.length - 1);
      at = run.start + run.length;
    }
    return;
  }
  auto& numbers = exceptions->numbers;
  numbers.clear();
  for (const ExceptionRun& run : runs) {
    numbers.push_back(run.start - at);
    at = run.start + run.length;
  }
  AppendNumbers(numbers, profile, scratch, out);
  numbers.clear();
  for (const ExceptionRun& run : runs) numbers.push_back(run.length - 1);
  AppendNumbers(numbers, profile, scratch, out);
}

const char* ReadRuns(const char* p, const char* limit, size_t count,
                     PackingDecodeScratch* scratch,
                     ValueExceptions* exceptions) {
  uint64_t head;
  p = DecodeVarint(p, limit, &head);
  if (p == nullptr || head / 2 == 0 || head / 2 > count) return nullptr;
  exceptions->runs.resize(head / 2);
  p = ReadNumbersOfRuns(p, limit, head % 2 == 1, scratch, exceptions,
                        &exceptions->words);
  if (p == nullptr) return nullptr;
  size_t at = 0, total = 0;
  for (size_t i = 0; i < exceptions->runs.size(); ++i) {
    const uint64_t gap = exceptions->words[i];
    const uint64_t more = exceptions->numbers[i];
    if (gap > count - at || more >= count - at - gap) return nullptr;
    exceptions->runs[i] = {static_cast<uint32_t>(at + gap),
                           static_cast<uint32_t>(more + 1)};
    at += gap + more + 1;
    total += more + 1;
  }
  exceptions->words.resize(total);
  return p;
}

void InsertExceptions(const ValueExceptions& exceptions, size_t count,
                      uint64_t* values) {
  size_t to = count;
  size_t from = count - exceptions.words.size();
  size_t word = exceptions.words.size();
  for (size_t r = exceptions.runs.size(); r-- > 0;) {
    const ExceptionRun& run = exceptions.runs[r];
    const size_t kept = to - (run.start + run.length);
    from -= kept;
    std::memmove(values + run.start + run.length, values + from,
                 kept * sizeof *values);
    word -= run.length;
    std::copy_n(exceptions.words.data() + word, run.length, values + run.start);
    to = run.start;
  }
}

}  // namespace varve
