#include "format/timestamps/timestamp_column_dump.h"

#include <limits>

#include "format/timestamps/timestamp_streams_dump.h"

namespace varve {
namespace {

constexpr uint64_t kTimestampsMax = 8192;  // of a piece
constexpr uint64_t kSecond = 1000;

enum class Predictor { kStep, kStepSeconds, kLine, kDelta, kDelta2 };

struct Encoding {
  const char* name;
  Predictor predictor;
  bool tokens;
};

constexpr Encoding kEncodings[] = {
    {"step", Predictor::kStep, false},
    {"step in seconds", Predictor::kStepSeconds, false},
    {"line, packed", Predictor::kLine, false},
    {"line, tokens", Predictor::kLine, true},
    {"delta, packed", Predictor::kDelta, false},
    {"delta, tokens", Predictor::kDelta, true},
    {"delta2, packed", Predictor::kDelta2, false},
    {"delta2, tokens", Predictor::kDelta2, true},
};
constexpr size_t kEncodingCount = sizeof kEncodings / sizeof kEncodings[0];

struct LineParameters {
  uint64_t step = 0;
  uint64_t fraction = 0;
  std::vector<uint64_t> gaps;  // before each timestamp; empty: none
};

std::string LineFlagsText(unsigned flags) {
  std::string text;
  for (const char* name :
       {"fraction", "gaps", "step in units of 1000", "slope one less"}) {
    if ((flags & 1) != 0)
      text += (text.empty() ? " " : ", ") + std::string(name);
    flags >>= 1;
  }
  return "flags:" + (text.empty() ? " none" : text);
}

bool DumpLine(size_t residual_count, ColumnLines* lines, LineParameters* line) {
  unsigned flags = 0;
  if (!lines->TakeByte(&flags)) return lines->Damaged("the line is cut off");
  if (flags > 15) return lines->Damaged("flags that no line has");
  lines->Note(LineFlagsText(flags));
  if (!lines->TakeVarint(&line->step)) {
    return lines->Damaged("the step is cut off");
  }
  std::string note = "step: " + std::to_string(line->step);
  if ((flags & 4) != 0) line->step *= kSecond;
  if ((flags & 8) != 0) --line->step;
  if ((flags & 12) != 0) {
    note += ", that is " + std::to_string(static_cast<int64_t>(line->step));
  }
  lines->Note(note + " ms");
  if ((flags & 1) != 0) {
    unsigned low = 0, high = 0;
    if (!lines->TakeByte(&low) || !lines->TakeByte(&high)) {
      return lines->Damaged("the fraction is cut off");
    }
    line->fraction = low | high << 8;
    lines->Note("fraction: " + std::to_string(line->fraction) + " / 65536 ms");
  }
  return (flags & 2) == 0 ||
         DumpSparseList("gaps", residual_count, lines, &line->gaps);
}

// Timestamps from residuals, r[i - 1] being that of timestamp i.
std::vector<int64_t> FromResiduals(Predictor predictor,
                                   const LineParameters& line, int64_t first,
                                   const std::vector<uint64_t>& r) {
  const auto start = static_cast<uint64_t>(first);
  std::vector<int64_t> timestamps = {first};
  uint64_t t = start;
  uint64_t delta = line.step;
  uint64_t k = 0;
  for (size_t i = 0; i < r.size(); ++i) {
    if (predictor == Predictor::kLine) {
      k += 1 + (line.gaps.empty() ? 0 : line.gaps[i]);
      t = start + k * line.step + (k * line.fraction >> 16) + r[i];
    } else if (predictor == Predictor::kDelta) {
      t += r[i];
    } else {
      delta += r[i];
      t += delta;
    }
    timestamps.push_back(static_cast<int64_t>(t));
  }
  return timestamps;
}

bool DumpSteps(Predictor predictor, int64_t first, size_t count,
               ColumnLines* lines, std::vector<int64_t>* timestamps) {
  const bool seconds = predictor == Predictor::kStepSeconds;
  const uint64_t unit = seconds ? kSecond : 1;
  uint64_t step = 0;
  if (!lines->TakeVarint(&step)) return lines->Damaged("the step is cut off");
  if (step == 0 || (!seconds && step % kSecond == 0)) {
    return lines->Damaged("a step that belongs to another encoding");
  }
  lines->Note("step: " + std::to_string(step) + (seconds ? " s" : " ms"));
  if (lines->left() > 0) return lines->Damaged("bytes behind the step");
  const uint64_t room =
      static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) -
      static_cast<uint64_t>(first);
  if (step > room / (count - 1) / unit) {
    return lines->Damaged("the steps leave int64");
  }
  for (size_t i = 0; i < count; ++i) {
    timestamps->push_back(
        static_cast<int64_t>(static_cast<uint64_t>(first) + i * step * unit));
  }
  return true;
}

bool DumpColumn(int64_t first, size_t count, ColumnLines* lines,
                std::vector<int64_t>* timestamps) {
  unsigned number = 0;
  if (!lines->TakeByte(&number)) return lines->Damaged("no bytes");
  if (number >= kEncodingCount) {
    return lines->Unknown("encoding " + std::to_string(number));
  }
  const Encoding& encoding = kEncodings[number];
  lines->Note("encoding " + std::to_string(number) + ": " + encoding.name);
  if (encoding.predictor <= Predictor::kStepSeconds) {
    return DumpSteps(encoding.predictor, first, count, lines, timestamps);
  }
  LineParameters line;
  if (encoding.predictor == Predictor::kLine) {
    if (!DumpLine(count - 1, lines, &line)) return false;
  } else if (encoding.predictor == Predictor::kDelta2) {
    if (!lines->TakeVarint(&line.step)) {
      return lines->Damaged("the step before the first is cut off");
    }
    lines->Note("step before the first: " + std::to_string(line.step) + " ms");
  }
  std::vector<uint64_t> residuals;
  const bool whole = encoding.tokens
                         ? DumpTokenStream(count - 1, lines, &residuals)
                         : DumpPackedStream(count - 1, lines, &residuals);
  if (!whole) return false;
  *timestamps = FromResiduals(encoding.predictor, line, first, residuals);
  for (size_t i = 1; i < count; ++i) {
    if ((*timestamps)[i] <= (*timestamps)[i - 1]) {
      return lines->Damaged("timestamp " + std::to_string(i) +
                            " is not behind the one before it");
    }
  }
  return true;
}

}  // namespace

DumpedTimestamps DumpTimestampColumn(const Slice& column, int64_t first,
                                     uint64_t count,
                                     const ColumnDumpPlace& place,
                                     std::string* text) {
  DumpedTimestamps dumped;
  ColumnLines lines(column, place, text);
  if (count == 0 || count > kTimestampsMax) {
    lines.Damaged("a column of " + std::to_string(count) + " timestamps");
  } else if (count == 1) {
    if (column.empty()) {
      dumped.timestamps = {first};
    } else {
      lines.Damaged("bytes of a lone timestamp");
    }
  } else if (!DumpColumn(first, static_cast<size_t>(count), &lines,
                         &dumped.timestamps)) {
    dumped.timestamps.clear();
  }
  lines.Finish();
  dumped.status = lines.status();
  return dumped;
}

}  // namespace varve
