#include "format/values/value_column_dump.h"

#include <cinttypes>
#include <cstdio>

#include "format/coding/value_bits.h"
#include "format/coding/varint.h"
#include "format/values/value_integers_dump.h"

namespace varve {
namespace {

using Words = std::vector<uint64_t>;

constexpr uint64_t kValuesMax = 8192;  // of a piece
constexpr size_t kDepthMax = 2;
constexpr unsigned kDecimalMax = 22;
constexpr unsigned kRationalSource = 30;
constexpr unsigned kWordsSource = 31;

constexpr double kTens[kDecimalMax + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct Source {
  unsigned number = 0;
  double divisor = 1;
  unsigned shift = 0;
};

struct Run {
  size_t start;
  size_t length;
};

uint64_t WordFrom(const Source& source, uint64_t integer) {
  const auto k = static_cast<int64_t>(integer);
  if (source.number == kWordsSource) {
    const uint64_t sign = uint64_t{1} << 63;
    return k < 0 ? sign | (~integer << source.shift & ~sign)
                 : integer << source.shift & ~sign;
  }
  return BitsOf(static_cast<double>(k) / source.divisor);
}

std::string SourceText(unsigned source) {
  if (source == kRationalSource) return "rationals";
  if (source == kWordsSource) return "words";
  return "decimals, integers / 10^" + std::to_string(source);
}

class ValueDumper {
 public:
  explicit ValueDumper(ColumnLines* lines) : lines_(lines) {}

  // What is left of the part in hand, as a column. False when it is none.
  bool Column(size_t count, size_t depth, Words* words);

 private:
  bool Raw(size_t count, Words* words);
  bool Constant(unsigned encoding, size_t count, Words* words);
  bool Dictionary(size_t count, size_t depth, Words* words);
  bool Sourced(unsigned encoding, size_t count, size_t depth, Words* words);
  bool TakeSource(unsigned number, Source* source);
  bool SizedIntegers(const std::string& name, size_t count, Words* integers);
  bool Runs(size_t count, std::vector<Run>* runs);
  bool RunNumbers(size_t number, bool columns, Words* gaps, Words* lengths);

  ColumnLines* const lines_;
};

std::string EncodingText(const char* family, unsigned number,
                         const std::string& text) {
  return std::string("encoding ") + family + " + " + std::to_string(number) +
         ": " + text;
}

bool ValueDumper::Column(size_t count, size_t depth, Words* words) {
  unsigned encoding = 0;
  if (!lines_->TakeByte(&encoding)) return lines_->Damaged("no bytes");
  const unsigned family = encoding & 0xe0;
  const unsigned low = encoding & 0x1f;
  const bool decimal = low <= kDecimalMax;
  if (encoding == 0x00) {
    lines_->Note("encoding 0x00: raw");
    return Raw(count, words);
  }
  if (encoding == 0x01 || (family == 0x20 && decimal)) {
    lines_->Note(encoding == 0x01 ? "encoding 0x01: constant word"
                                  : EncodingText("0x20", low,
                                                 "constant decimal, integer / "
                                                 "10^" +
                                                     std::to_string(low)));
    return Constant(encoding, count, words);
  }
  const bool sourced =
      (family == 0x40 || family == 0x60) && (decimal || low >= kRationalSource);
  if (encoding != 0x03 && !sourced) {
    return lines_->Unknown("encoding " + std::to_string(encoding));
  }
  if (depth == kDepthMax) {
    return lines_->Damaged("a column that is nested too deep");
  }
  if (encoding == 0x03) return Dictionary(count, depth, words);
  return Sourced(encoding, count, depth, words);
}

bool ValueDumper::Raw(size_t count, Words* words) {
  for (size_t i = 0; i < count; ++i) {
    const char* bytes = nullptr;
    if (!lines_->TakeBytes(sizeof(uint64_t), &bytes)) {
      return lines_->Damaged("the words are cut off");
    }
    words->push_back(LoadLittle64(bytes));
    lines_->Note(WordText(words->back()));
  }
  return lines_->left() == 0 || lines_->Damaged("bytes behind the words");
}

bool ValueDumper::Constant(unsigned encoding, size_t count, Words* words) {
  const size_t size = lines_->left();
  const char* bytes = nullptr;
  if (size > sizeof(uint64_t) || !lines_->TakeBytes(size, &bytes)) {
    return lines_->Damaged("bytes behind the constant");
  }
  char padded[sizeof(uint64_t)] = {};
  for (size_t i = 0; i < size; ++i) padded[i] = bytes[i];
  std::string note;
  uint64_t word = LoadBig64(padded);
  if (encoding != 0x01) {
    const int64_t k = UnZigZag(LoadLittle64(padded));
    word = BitsOf(static_cast<double>(k) / kTens[encoding & 0x1f]);
    note = "integer: " + std::to_string(k) + ", ";
  }
  if (size > 0) lines_->Note(note + WordText(word));
  words->assign(count, word);
  return true;
}

bool ValueDumper::SizedIntegers(const std::string& name, size_t count,
                                Words* integers) {
  uint64_t bytes = 0;
  ColumnLines::Part outer;
  if (!lines_->TakeVarint(&bytes)) {
    return lines_->Damaged(name + " are cut off");
  }
  lines_->Note(name + ": " + std::to_string(bytes) + " bytes");
  if (!lines_->Enter(bytes, &outer)) {
    return lines_->Damaged(name + " are cut off");
  }
  if (!DumpIntegers(count, lines_, integers)) return false;
  lines_->Leave(outer);
  return true;
}

bool ValueDumper::Dictionary(size_t count, size_t depth, Words* words) {
  if (depth != 0) return lines_->Damaged("a dictionary in another column");
  lines_->Note("encoding 0x03: dictionary");
  uint64_t distinct = 0;
  if (!lines_->TakeVarint(&distinct) || distinct == 0 || distinct > count) {
    return lines_->Damaged("a number of values that cannot be");
  }
  lines_->Note("distinct values: " + std::to_string(distinct));
  Words indexes, values;
  ColumnLines::Part outer;
  if (!SizedIntegers("indexes", count, &indexes)) return false;
  lines_->Name("values: ");
  lines_->Enter(lines_->left(), &outer);
  if (!Column(static_cast<size_t>(distinct), depth + 1, &values)) return false;
  lines_->Leave(outer);
  for (const uint64_t index : indexes) {
    if (index >= distinct) {
      return lines_->Damaged("an index beyond the values");
    }
    words->push_back(values[index]);
  }
  return true;
}

bool ValueDumper::TakeSource(unsigned number, Source* source) {
  source->number = number;
  if (number <= kDecimalMax) {
    source->divisor = kTens[number];
  } else if (number == kRationalSource) {
    uint64_t divisor = 0;
    if (!lines_->TakeVarint(&divisor) || divisor == 0 || divisor >> 53 != 0) {
      return lines_->Damaged("this is not a divisor");
    }
    source->divisor = static_cast<double>(divisor);
    lines_->Note("divisor: " + std::to_string(divisor));
  } else {
    if (!lines_->TakeByte(&source->shift) || source->shift > 63) {
      return lines_->Damaged("this is not a shift");
    }
    lines_->Note("shift: " + std::to_string(source->shift));
  }
  return true;
}

// Gaps and lengths - 1, as they stand there.
bool ValueDumper::RunNumbers(size_t number, bool columns, Words* gaps,
                             Words* lengths) {
  if (columns) {
    return SizedIntegers("gaps", number, gaps) &&
           SizedIntegers("lengths - 1", number, lengths);
  }
  for (size_t i = 0; i < number; ++i) {
    gaps->push_back(0);
    lengths->push_back(0);
    if (!lines_->TakeVarint(&gaps->back()) ||
        !lines_->TakeVarint(&lengths->back())) {
      return lines_->Damaged("the runs are cut off");
    }
    lines_->Note("run " + std::to_string(i) + ": gap " +
                 std::to_string(gaps->back()) + ", length - 1 " +
                 std::to_string(lengths->back()));
  }
  return true;
}

bool ValueDumper::Runs(size_t count, std::vector<Run>* runs) {
  uint64_t head = 0;
  if (!lines_->TakeVarint(&head)) {
    return lines_->Damaged("the number of runs is cut off");
  }
  const uint64_t number = head / 2;
  const bool columns = head % 2 == 1;
  if (number == 0 || number > count) {
    return lines_->Damaged("a number of runs that cannot be");
  }
  lines_->Note("runs of exceptions: " + std::to_string(number) +
               (columns ? ", as two columns" : ""));
  Words gaps, lengths;
  if (!RunNumbers(static_cast<size_t>(number), columns, &gaps, &lengths)) {
    return false;
  }
  size_t at = 0;
  std::vector<std::string> words = {"exceptions:"};
  for (size_t i = 0; i < number; ++i) {
    if (gaps[i] > count - at || lengths[i] >= count - at - gaps[i]) {
      return lines_->Damaged("a run beyond the values");
    }
    const size_t start = at + static_cast<size_t>(gaps[i]);
    at = start + static_cast<size_t>(lengths[i]) + 1;
    runs->push_back({start, at - start});
    words.push_back(std::to_string(start) +
                    (at - start > 1 ? ".." + std::to_string(at - 1) : ""));
  }
  lines_->Details(words);
  return true;
}

// Exceptions between the values that are expressed.
void InsertAll(const std::vector<Run>& runs, const Words& exceptions,
               const Words& expressed, Words* words) {
  size_t exception = 0, other = 0;
  for (const Run& run : runs) {
    while (words->size() < run.start) words->push_back(expressed[other++]);
    for (size_t i = 0; i < run.length; ++i) {
      words->push_back(exceptions[exception++]);
    }
  }
  while (other < expressed.size()) words->push_back(expressed[other++]);
}

bool ValueDumper::Sourced(unsigned encoding, size_t count, size_t depth,
                          Words* words) {
  const bool with_parts = (encoding & 0xe0) == 0x60;
  const unsigned number = encoding & 0x1f;
  lines_->Note(EncodingText(with_parts ? "0x60" : "0x40", number,
                            std::string("column of ") + SourceText(number) +
                                (with_parts ? ", with parts" : "")));
  unsigned parts = 0;
  if (with_parts) {
    if (!lines_->TakeByte(&parts) || parts == 0 || parts > 3) {
      return lines_->Damaged("there are no such parts");
    }
    lines_->Note(std::string("parts:") + (parts & 1 ? " exceptions" : "") +
                 (parts == 3 ? "," : "") + (parts & 2 ? " corrections" : ""));
  }
  Source source;
  std::vector<Run> runs;
  if (!TakeSource(number, &source)) return false;
  if ((parts & 1) != 0 && !Runs(count, &runs)) return false;
  size_t exception_count = 0;
  for (const Run& run : runs) exception_count += run.length;
  const size_t kept = count - exception_count;
  if (kept == 0) return lines_->Damaged("nothing but exceptions");
  Words corrections, expressed, exceptions;
  if ((parts & 2) != 0 && !SizedIntegers("corrections", kept, &corrections)) {
    return false;
  }
  const bool whole = (parts & 1) != 0
                         ? SizedIntegers("integers", kept, &expressed)
                         : DumpIntegers(kept, lines_, &expressed);
  if (!whole) return false;
  for (size_t i = 0; i < kept; ++i) {
    expressed[i] = WordFrom(source, expressed[i]);
    if (!corrections.empty()) expressed[i] += corrections[i];
  }
  if ((parts & 1) != 0) {
    ColumnLines::Part outer;
    lines_->Name("exceptions: ");
    lines_->Enter(lines_->left(), &outer);
    if (!Column(exception_count, depth + 1, &exceptions)) return false;
    lines_->Leave(outer);
  }
  InsertAll(runs, exceptions, expressed, words);
  return true;
}

}  // namespace

std::string WordText(uint64_t word) {
  const double value = ValueOf(word);
  char text[64];
  snprintf(text, sizeof text, "%016" PRIx64 "  %.17g", word, value);
  return text;
}

DumpedValues DumpValueColumn(const Slice& column, uint64_t count,
                             const ColumnDumpPlace& place, std::string* text) {
  DumpedValues dumped;
  ColumnLines lines(column, place, text);
  if (count == 0 || count > kValuesMax) {
    lines.Damaged("a column of " + std::to_string(count) + " values");
  } else if (!ValueDumper(&lines).Column(static_cast<size_t>(count), 0,
                                         &dumped.words)) {
    dumped.words.clear();
  }
  lines.Finish();
  dumped.status = lines.status();
  return dumped;
}

}  // namespace varve
