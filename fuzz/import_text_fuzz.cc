// Any bytes as a file for "varve import": CSV, lines of JSON, Prometheus' text
// format, OpenMetrics, InfluxDB's line protocol, or what it is taken for; plain
// or compressed. Bad lines
// have a number and a reason, and what is written of the good ones as CSV
// reads back as the same series and samples. The first byte chooses the
// format, and how many bytes come in one read, so that any place may be the
// end of the window. (Reads of the size that the tool makes took ten times as
// long: the sanitizer maps and clears their buffers anew.)
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/fuzz_check.h"
#include "fuzz/same_samples.h"
#include "tools/csv_reader.h"
#include "tools/sample_source.h"
#include "tools/value_text.h"

namespace varve::tools {
namespace {

constexpr size_t kInputBytesMax = 16 << 10;  // less than a pipe holds
constexpr size_t kErrorBytesMax = 700;

struct Line {
  std::string series;
  std::vector<Sample> samples;
};

// A pipe that holds the bytes.
class Pipe {
 public:
  explicit Pipe(const std::string& bytes) {
    VARVE_CHECK(pipe2(ends_, O_CLOEXEC) == 0);
    VARVE_CHECK(write(ends_[1], bytes.data(), bytes.size()) ==
                static_cast<ssize_t>(bytes.size()));
    close(ends_[1]);
  }
  ~Pipe() { close(ends_[0]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::string path() const {
    return "/proc/self/fd/" + std::to_string(ends_[0]);
  }

 private:
  int ends_[2];
};

// The good lines. *bad_lines: how many others.
std::vector<Line> ReadAll(const std::string& bytes, InputFormat format,
                          size_t read_bytes, size_t* bad_lines) {
  std::vector<Line> lines;
  *bad_lines = 0;
  const Pipe pipe(bytes);
  SourceOptions options;
  options.format = format;
  options.read_bytes = read_bytes;
  ImportRemarks remarks;
  std::unique_ptr<SampleSource> source;
  const Status opened =
      SampleSource::Open(pipe.path(), options, &remarks, &source);
  if (!opened.ok()) {
    VARVE_CHECK(opened.ToString().size() < kErrorBytesMax);
    return lines;
  }
  for (;;) {
    const SampleSource::Result result = source->Next();
    if (result == SampleSource::Result::kEnd) break;
    VARVE_CHECK(source->Where().size() > pipe.path().size() + 1);
    if (result == SampleSource::Result::kBadLine) {
      VARVE_CHECK(!source->error().empty());
      VARVE_CHECK(source->error().size() < kErrorBytesMax);
      ++*bad_lines;
    } else {
      lines.push_back({source->series(), source->samples()});
    }
  }
  return lines;
}

std::string Csv(const std::vector<Line>& lines) {
  std::string text = std::string(kCsvHeader) + "\n";
  for (const Line& line : lines) {
    for (const Sample& sample : line.samples) {
      AppendCsvField(line.series, &text);
      text += ',' + std::to_string(sample.timestamp_ms) + ',';
      AppendValue(sample.value, &text);
      text += '\n';
    }
  }
  return text;
}

void CheckSameAsCsv(const std::vector<Line>& lines, size_t read_bytes) {
  const std::string text = Csv(lines);
  if (text.size() > kInputBytesMax) return;
  size_t bad_lines;
  const std::vector<Line> again =
      ReadAll(text, InputFormat::kCsv, read_bytes, &bad_lines);
  VARVE_CHECK(bad_lines == 0);
  size_t at = 0;
  for (const Line& line : lines) {
    for (const Sample& sample : line.samples) {
      VARVE_CHECK(at < again.size());
      VARVE_CHECK(again[at].series == line.series);
      VARVE_CHECK(SameSamples(again[at].samples, {sample}));
      ++at;
    }
  }
  VARVE_CHECK(at == again.size());
}

}  // namespace
}  // namespace varve::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using varve::tools::InputFormat;
  constexpr InputFormat kFormats[] = {
      InputFormat::kAuto, InputFormat::kCsv, InputFormat::kJson,
      InputFormat::kPrometheus, InputFormat::kOpenMetrics};
  if (size == 0 || size > varve::tools::kInputBytesMax) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const size_t read_bytes = size_t{4096} >> (data[0] / 5 % 12);
  size_t bad_lines;
  const InputFormat format =
      data[0] < 240 ? kFormats[data[0] % 5] : InputFormat::kInflux;
  const auto lines =
      varve::tools::ReadAll(bytes, format, read_bytes, &bad_lines);
  varve::tools::CheckSameAsCsv(lines, read_bytes);
  return 0;
}
