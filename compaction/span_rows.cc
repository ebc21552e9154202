// See span_rows.h.
#include "compaction/span_rows.h"

#include "format/row/block_header.h"
#include "format/row/row_key.h"
#include "format/row/sample_block.h"

namespace varve {
namespace {

bool IsSpanKey(const Slice& key) {
  return key.empty() ||
         (key.size() == kSeriesBytesMax + 1 && key == SpanLastKey());
}

}  // namespace

std::string SpanLastKey() {
  // Bytes of FF are not escaped in a row's key, and something follows them.
  return std::string(kSeriesBytesMax + 1, '\xff');
}

std::string SpanOperand() {
  std::string operand;
  ContainerWriter().Finish(&operand);
  return operand;
}

bool IsSpanRow(const Slice& key, const Slice& value) {
  return value.size() == kBlockTagBytes && IsSpanKey(key) &&
         value == SpanOperand();
}

}  // namespace varve
