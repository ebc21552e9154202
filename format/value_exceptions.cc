// See value_exceptions.h and FORMAT.md.
//
// exceptions = runs:varint (gap:varint length_minus_1:varint){runs}
//              kind:u8 word:u64{1 or all}
#include "format/value_exceptions.h"

#include <algorithm>
#include <cstring>

#include "format/value_constants.h"
#include "format/varint.h"

namespace varve {
namespace {

enum ExceptionKind : uint8_t { kOneWord = 0, kEachWord = 1 };

}  // namespace

void AppendExceptions(const ValueExceptions& exceptions, std::string* out) {
  AppendVarint(out, exceptions.runs.size());
  size_t at = 0;
  for (const ExceptionRun& run : exceptions.runs) {
    AppendVarint(out, run.start - at);
    AppendVarint(out, run.length - 1);
    at = run.start + run.length;
  }
  const auto& words = exceptions.words;
  const bool one = std::all_of(words.begin(), words.end(),
                               [&](uint64_t w) { return w == words[0]; });
  out->push_back(static_cast<char>(one ? kOneWord : kEachWord));
  const size_t stored = one ? 1 : words.size();
  for (size_t i = 0; i < stored; ++i) {
    char bytes[kWordBytes];
    StoreLittle64(bytes, words[i]);
    out->append(bytes, kWordBytes);
  }
}

const char* ReadExceptions(const char* p, const char* limit, size_t count,
                           ValueExceptions* exceptions) {
  uint64_t runs;
  p = DecodeVarint(p, limit, &runs);
  if (p == nullptr || runs == 0 || runs > count) return nullptr;
  exceptions->runs.clear();
  exceptions->words.clear();
  size_t at = 0, total = 0;
  for (uint64_t i = 0; i < runs; ++i) {
    uint64_t gap, more;
    p = DecodeVarint(p, limit, &gap);
    if (p == nullptr) return nullptr;
    p = DecodeVarint(p, limit, &more);
    if (p == nullptr || gap > count - at || more >= count - at - gap) {
      return nullptr;
    }
    exceptions->runs.push_back({static_cast<uint32_t>(at + gap),
                                static_cast<uint32_t>(more + 1)});
    at += gap + more + 1;
    total += more + 1;
  }
  if (p == limit) return nullptr;
  const auto kind = static_cast<uint8_t>(*p++);
  if (kind > kEachWord) return nullptr;
  const size_t stored = kind == kOneWord ? 1 : total;
  if (static_cast<size_t>(limit - p) < stored * kWordBytes) return nullptr;
  exceptions->words.resize(total);
  for (size_t i = 0; i < stored; ++i, p += kWordBytes) {
    exceptions->words[i] = LoadLittle64(p);
  }
  if (kind == kOneWord) {
    std::fill(exceptions->words.begin(), exceptions->words.end(),
              exceptions->words[0]);
  }
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
    std::copy_n(exceptions.words.data() + word, run.length,
                values + run.start);
    to = run.start;
  }
}

}  // namespace varve
