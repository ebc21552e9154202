// See value_exceptions.h and FORMAT-values.md.
//
// runs = run_count * 2 + 0:varint (gap:varint length_minus_1:varint){run_count}
//      | run_count * 2 + 1:varint gaps lengths_minus_1
// where gaps and lengths_minus_1 are each bytes:varint integer_column
#include "format/values/value_exceptions.h"

#include <algorithm>
#include <cstring>

#include "format/coding/column_bytes.h"
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

constexpr Fault kDamaged = "exceptions are damaged";

Fault TakeNumbers(ColumnBytes* column, size_t count,
                  PackingDecodeScratch* scratch,
                  std::vector<uint64_t>* numbers) {
  ColumnBytes integers;
  if (!column->TakeSized(&integers)) return kDamaged;
  numbers->resize(count);
  const Fault fault =
      DecodeIntegers(integers, count, {0, count}, scratch, numbers->data());
  return fault.ok() ? kNoFault : kDamaged;
}

// Gap and length - 1 of each run, one run behind the other.
Fault TakePlainRuns(ColumnBytes* column, std::vector<uint64_t>* gaps,
                    std::vector<uint64_t>* lengths) {
  for (size_t i = 0; i < gaps->size(); ++i) {
    if (!column->TakeVarint(&(*gaps)[i]) ||
        !column->TakeVarint(&(*lengths)[i])) {
      return kDamaged;
    }
  }
  return kNoFault;
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

Fault TakeRuns(ColumnBytes* column, size_t count, PackingDecodeScratch* scratch,
               ValueExceptions* exceptions) {
  uint64_t head;
  if (!column->TakeVarint(&head)) return kDamaged;
  const size_t runs = head / 2;
  if (runs == 0 || runs > count) return kDamaged;
  exceptions->runs.resize(runs);
  auto& gaps = exceptions->words;
  auto& lengths = exceptions->numbers;  // less 1
  Fault fault;
  if (head % 2 == 1) {
    fault = TakeNumbers(column, runs, scratch, &gaps);
    if (fault.ok()) fault = TakeNumbers(column, runs, scratch, &lengths);
  } else {
    gaps.resize(runs);
    lengths.resize(runs);
    fault = TakePlainRuns(column, &gaps, &lengths);
  }
  if (!fault.ok()) return fault;
  size_t at = 0, total = 0;
  for (size_t i = 0; i < runs; ++i) {
    const uint64_t gap = gaps[i];
    const uint64_t more = lengths[i];
    if (gap > count - at || more >= count - at - gap) return kDamaged;
    exceptions->runs[i] = {static_cast<uint32_t>(at + gap),
                           static_cast<uint32_t>(more + 1)};
    at += gap + more + 1;
    total += more + 1;
  }
  exceptions->words.resize(total);
  return kNoFault;
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
