// See sample_output.h and, for DecodeSamples, the public header.
#include "plugin/samples/sample_output.h"

#include <iterator>

#include "compaction/sample_merge.h"
#include "format/coding/value_bits.h"
#include "format/row/row_entries.h"
#include "format/row/sample_block.h"
#include "plugin/host/no_throw.h"

namespace varve {
namespace {

// A run's samples one by one: a vector takes them from here without clearing
// their memory first.
class RunIterator {
 public:
  using iterator_category = std::random_access_iterator_tag;
  using value_type = Sample;
  using difference_type = ptrdiff_t;
  using pointer = const Sample*;
  using reference = Sample;

  RunIterator(const SampleRun& run, size_t i)
      : timestamp_(run.timestamps() + i), bits_(run.value_bits() + i) {}

  Sample operator*() const { return {*timestamp_, ValueOf(*bits_)}; }
  RunIterator& operator+=(ptrdiff_t n) {
    timestamp_ += n;
    bits_ += n;
    return *this;
  }
  RunIterator& operator++() { return *this += 1; }
  RunIterator& operator--() { return *this += -1; }
  ptrdiff_t operator-(const RunIterator& other) const {
    return timestamp_ - other.timestamp_;
  }
  bool operator==(const RunIterator& other) const {
    return timestamp_ == other.timestamp_;
  }
  bool operator!=(const RunIterator& other) const { return !(*this == other); }

 private:
  const int64_t* timestamp_;
  const uint64_t* bits_;
};

Status DecodeEntries(const Slice& block, std::vector<Sample>* samples) {
  SampleRun run;
  MergeScratch scratch;
  BlockDecoder decoder;
  RowEntries entries(block);
  while (entries.Next()) {
    if (!entries.status().ok()) return entries.status();
    const Status status = decoder.DecodeRange(entries.entry(), entries.header(),
                                              INT64_MIN, INT64_MAX, &run);
    if (!status.ok()) return status;
  }
  SortLastWriteWins(&run, &scratch);
  AppendSamples(run, samples);
  return Status::OK();
}

}  // namespace

void AppendSamples(const SampleRun& run, std::vector<Sample>* samples) {
  samples->insert(samples->end(), RunIterator(run, 0),
                  RunIterator(run, run.size()));
}

Status DecodeSamples(const Slice& block, std::vector<Sample>* samples) {
  return NoThrow([&] { return DecodeEntries(block, samples); });
}

}  // namespace varve
