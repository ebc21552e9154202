#include "format/values/value_integers_dump.h"

#include <algorithm>
#include <string>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/coding/zstd_frames.h"

namespace varve {
namespace {

constexpr size_t kMiniBlock = 128;

struct IntegerMode {
  unsigned predictor = 0;
  unsigned packing = 0;
  bool has_factor = false;
  bool zigzag = false;
};

std::string Signed(uint64_t v) {
  return std::to_string(static_cast<int64_t>(v));
}

bool DumpMode(ColumnLines* lines, IntegerMode* mode) {
  static const char* const kPredictors[] = {"from last", "delta", "delta2"};
  static const char* const kPackings[] = {"zero", "mini-blocks", "tokens",
                                          "bytes"};
  unsigned bits = 0;
  if (!lines->TakeByte(&bits)) {
    return lines->Damaged("the integer column ends before its mode");
  }
  mode->predictor = bits & 3;
  mode->has_factor = (bits & 4) != 0;
  mode->packing = bits >> 3 & 7;
  mode->zigzag = (bits & 0x40) != 0;
  if (mode->predictor > 2 || mode->packing > 3 || bits > 0x7f) {
    return lines->Damaged("no integer column has this mode");
  }
  std::string note = std::string("mode: ") + kPredictors[mode->predictor];
  if (mode->has_factor) note += ", factor";
  note += std::string(", ") + kPackings[mode->packing];
  if (mode->packing >= 2) note += mode->zigzag ? ", zigzag" : ", bias";
  lines->Note(note);
  return true;
}

// Positions and what is added there.
bool TakePatches(size_t count, unsigned width, ColumnLines* lines,
                 std::string* note, std::vector<uint64_t>* residuals) {
  unsigned patches = 0, patch_width = 0;
  const char* positions = nullptr;
  const char* fields = nullptr;
  if (!lines->TakeByte(&patches) || !lines->TakeByte(&patch_width)) {
    return lines->Damaged("the patches are cut off");
  }
  if (patches > count || width == 64 || width + patch_width > 64) {
    return lines->Damaged("more patches or wider ones than there can be");
  }
  if (!lines->TakeBytes(patches, &positions) ||
      !lines->TakeBytes(BytesOfBits(uint64_t{patches} * patch_width),
                        &fields)) {
    return lines->Damaged("the patches are cut off");
  }
  *note += "; " + std::to_string(patches) + " patches of " +
           std::to_string(patch_width) + " bits:";
  const std::vector<uint64_t> high = UnpackFields(fields, patches, patch_width);
  for (size_t i = 0; i < patches; ++i) {
    const auto at = static_cast<unsigned char>(positions[i]);
    if (at >= count) {
      return lines->Damaged("a patch lies behind its mini-block");
    }
    (*residuals)[at] += high[i] << width;
    *note += (i == 0 ? " " : ", ") + std::to_string(high[i]) + " at " +
             std::to_string(at);
  }
  return true;
}

bool DumpMiniBlock(size_t number, size_t count, ColumnLines* lines,
                   uint64_t* reference, std::vector<uint64_t>* integers) {
  unsigned head = 0;
  if (!lines->TakeByte(&head)) {
    return lines->Damaged("the mini-blocks end early");
  }
  const unsigned width = (head & 63) == 63 ? 64 : head & 63;
  const bool same = (head & 0x80) != 0;
  uint64_t difference = 0;
  if (!same && !lines->TakeZigZag(&difference)) {
    return lines->Damaged("the reference is cut off");
  }
  *reference += difference;
  std::string note = "mini-block " + std::to_string(number) + ": " +
                     std::to_string(count) + " of " + std::to_string(width) +
                     " bits above " + Signed(*reference) +
                     (same ? ", as before" : "");
  std::vector<uint64_t> residuals(count, *reference);
  if ((head & 0x40) != 0 &&
      !TakePatches(count, width, lines, &note, &residuals)) {
    return false;
  }
  lines->Note(note);
  if (width > 0) {
    const char* bytes = nullptr;
    if (!lines->TakeBytes(BytesOfBits(count * width), &bytes)) {
      return lines->Damaged("the fields are cut off");
    }
    const std::vector<uint64_t> fields = UnpackFields(bytes, count, width);
    for (size_t i = 0; i < count; ++i) residuals[i] += fields[i];
    lines->Note("fields");
  }
  integers->insert(integers->end(), residuals.begin(), residuals.end());
  return true;
}

bool DumpMiniBlocks(size_t count, ColumnLines* lines,
                    std::vector<uint64_t>* residuals) {
  uint64_t reference = 0;
  for (size_t at = 0; at < count; at += kMiniBlock) {
    if (!DumpMiniBlock(at / kMiniBlock, std::min(kMiniBlock, count - at), lines,
                       &reference, residuals)) {
      return false;
    }
  }
  return true;
}

bool DumpBytes(size_t count, bool zigzag, ColumnLines* lines,
               std::vector<uint64_t>* residuals) {
  uint64_t bias = 0, size = 0;
  if (!DumpBias(zigzag, lines, &bias)) return false;
  if (!lines->TakeVarint(&size)) {
    return lines->Damaged("the varints' size is cut off");
  }
  if (size < count || size > count * kVarint64Bytes) {
    return lines->Damaged("a size that so many varints cannot have");
  }
  lines->Note("varints: " + std::to_string(size) + " bytes");
  const char* frame = nullptr;
  const size_t frame_bytes = lines->left();
  std::string varints(static_cast<size_t>(size), '\0');
  if (!lines->TakeBytes(frame_bytes, &frame) ||
      !ZstdDecompressor().Read(frame, frame_bytes, &varints[0],
                               varints.size())) {
    return lines->Damaged("the frame does not unpack to the varints' size");
  }
  const char* p = varints.data();
  const char* const limit = p + varints.size();
  for (size_t i = 0; i < count; ++i) {
    uint64_t v = 0;
    p = DecodeVarint(p, limit, &v);
    if (p == nullptr) return lines->Damaged("the frame holds no such varints");
    residuals->push_back(SignedResidual(v, zigzag, bias));
  }
  if (p != limit) return lines->Damaged("the frame holds more varints");
  lines->Note("zstd frame of the varints");
  lines->Unpacked(varints);
  return true;
}

// Residuals to integers, from the last one back.
std::vector<uint64_t> Integers(unsigned predictor, size_t count, uint64_t last,
                               uint64_t last_delta,
                               const std::vector<uint64_t>& residuals) {
  std::vector<uint64_t> integers(count, last);
  uint64_t delta = last_delta;
  for (size_t i = count - 1; i-- > 0;) {
    if (predictor == 0) {
      integers[i] = last + residuals[i];
    } else if (predictor == 1) {
      integers[i] = integers[i + 1] - residuals[i];
    } else {
      if (i + 2 < count) delta -= residuals[i];
      integers[i] = integers[i + 1] - delta;
    }
  }
  return integers;
}

}  // namespace

uint64_t SignedResidual(uint64_t residual, bool zigzag, uint64_t bias) {
  return zigzag ? static_cast<uint64_t>(UnZigZag(residual)) : residual + bias;
}

bool DumpBias(bool zigzag, ColumnLines* lines, uint64_t* bias) {
  *bias = 0;
  if (zigzag) return true;
  if (!lines->TakeZigZag(bias)) return lines->Damaged("the bias is cut off");
  lines->Note("bias: " + Signed(*bias));
  return true;
}

bool DumpIntegers(size_t count, ColumnLines* lines,
                  std::vector<uint64_t>* integers) {
  IntegerMode mode;
  if (!DumpMode(lines, &mode)) return false;
  uint64_t last = 0, last_delta = 0, factor = 1;
  if (!lines->TakeZigZag(&last)) return lines->Damaged("the last is cut off");
  lines->Note("last: " + Signed(last));
  if (mode.predictor == 2) {
    if (!lines->TakeZigZag(&last_delta)) {
      return lines->Damaged("the last delta is cut off");
    }
    lines->Note("last delta: " + Signed(last_delta));
  }
  if (mode.has_factor) {
    if (!lines->TakeVarint(&factor)) {
      return lines->Damaged("the factor is cut off");
    }
    lines->Note("factor: " + std::to_string(factor));
  }
  const size_t fewer = mode.predictor == 2 ? 2 : 1;
  const size_t residual_count = count > fewer ? count - fewer : 0;
  std::vector<uint64_t> residuals;
  if (mode.packing == 0 || residual_count == 0) {
    residuals.resize(residual_count);
  } else if (mode.packing == 1) {
    if (!DumpMiniBlocks(residual_count, lines, &residuals)) return false;
  } else if (mode.packing == 2) {
    if (!DumpTokens(residual_count, mode.zigzag, lines, &residuals)) {
      return false;
    }
  } else if (!DumpBytes(residual_count, mode.zigzag, lines, &residuals)) {
    return false;
  }
  if (lines->left() > 0) return lines->Damaged("bytes behind the integers");
  for (uint64_t& residual : residuals) residual *= factor;
  *integers = Integers(mode.predictor, count, last, last_delta, residuals);
  return true;
}

}  // namespace varve
