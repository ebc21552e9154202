// Mini-blocks of bit-packed integers. See integer_packing.h and
// FORMAT-values.md.
//
// mini_block = head:u8 [reference:varint] [patches] fields
// head   = width code (low 6 bits; 63 stands for 64), 0x40 patches follow,
//          0x80 the reference is that of the mini-block before (0 before the
//          first); else it is stored as a zigzag difference from that one
// patches= count:u8 width:u8 position:u8{count} high fields
#include <algorithm>
#include <cassert>

#include "format/coding/bit_stream.h"
#include "format/coding/varint.h"
#include "format/values/integer_packing.h"
#include "format/values/value_constants.h"

namespace varve {
namespace {

constexpr uint8_t kWidthMask = 0x3f;
constexpr uint8_t kWidth64Code = 63;
constexpr uint8_t kPatchFlag = 0x40;
constexpr uint8_t kSameReferenceFlag = 0x80;
constexpr size_t kPatchHeadBytes = 2;
// No head, reference, patches and fields of a mini-block take more.
constexpr size_t kMiniBlockBytesMax = 16 + kMiniBlockValues * (1 + 8 + 8);
constexpr size_t kPackSlackBytes = 64;

struct MiniBlockShape {
  uint64_t reference = 0;
  unsigned width = 0;
  size_t patches = 0;
  unsigned patch_width = 0;
};

// Wider fields do not fit a word read at any byte: they are words.
constexpr unsigned kWidthMax = 57;

unsigned StoredWidth(unsigned width) { return width > kWidthMax ? 64 : width; }

// The cheapest width for values - reference, the widest of which has `longest`
// bits, with outliers above it patched. Returns the bytes of patches and
// fields.
size_t ChooseWidth(const int64_t* values, size_t count, unsigned longest,
                   const ValueKernels& kernels, MiniBlockShape* shape) {
  shape->width = StoredWidth(longest);
  shape->patches = 0;
  size_t best = BytesOfBits(count * shape->width);
  for (unsigned width = longest; width-- > 0;) {
    const size_t above =
        kernels.count_wider(values, count, shape->reference, width);
    if (above > count / 8) break;
    if (width > kWidthMax) continue;
    const unsigned patch_width = longest - width;
    const size_t bytes = BytesOfBits(count * width) + kPatchHeadBytes + above +
                         BytesOfBits(above * patch_width);
    if (bytes < best) {
      best = bytes;
      shape->width = width;
      shape->patches = above;
      shape->patch_width = patch_width;
    }
  }
  return best;
}

MiniBlockShape ChooseShape(const int64_t* values, size_t count,
                           const ValueKernels& kernels) {
  const auto [least, most] = kernels.range(values, count);
  MiniBlockShape shape;
  shape.reference = static_cast<uint64_t>(least);
  const unsigned span =
      BitLength(static_cast<uint64_t>(most) - static_cast<uint64_t>(least));
  shape.width = StoredWidth(span);
  if (count * span <= 8 * (kPatchHeadBytes + 1) || span < 3) return shape;
  const size_t bytes = ChooseWidth(values, count, span, kernels, &shape);
  if (span < 8) return shape;
  // One low outlier, a counter's reset, would lift all others: wrap it.
  int64_t second = most;
  bool least_seen = false;
  for (size_t i = 0; i < count; ++i) {
    if (values[i] == least && !least_seen) {
      least_seen = true;
    } else {
      second = std::min(second, values[i]);
    }
  }
  if (BitLength(static_cast<uint64_t>(most) - static_cast<uint64_t>(second)) <
      span) {
    MiniBlockShape wrapped;
    wrapped.reference = static_cast<uint64_t>(second);
    if (ChooseWidth(values, count, 64, kernels, &wrapped) < bytes) {
      return wrapped;
    }
  }
  return shape;
}

char* WritePatches(const int64_t* values, size_t count,
                   const MiniBlockShape& shape, char* p) {
  *p++ = static_cast<char>(shape.patches);
  *p++ = static_cast<char>(shape.patch_width);
  uint64_t high[kMiniBlockValues + 1];
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t h =
        (static_cast<uint64_t>(values[i]) - shape.reference) >> shape.width;
    high[found] = h;
    p[found] = static_cast<char>(i);
    found += h != 0;
  }
  p += found;
  assert(found == shape.patches);
  BitWriter writer(p);
  for (size_t i = 0; i < found; ++i) writer.Put(high[i], shape.patch_width);
  return writer.Finish();
}

struct Patches {
  size_t count = 0;
  uint8_t positions[kMiniBlockValues];
  uint64_t high[kMiniBlockValues];  // what each adds to its value
};

// Takes what WritePatches wrote for a mini-block of `count` values.
Fault TakePatches(ColumnBytes* body, size_t count, unsigned width,
                  Patches* patches) {
  constexpr Fault kDamaged = "mini-block patches are damaged";
  if (body->size() < kPatchHeadBytes) return kDamaged;
  const size_t found = static_cast<unsigned char>(*body->p++);
  const unsigned patch_width = static_cast<unsigned char>(*body->p++);
  if (found > count || width >= 64 || patch_width > 64 - width) return kDamaged;
  const size_t bytes = found + BytesOfBits(found * patch_width);
  if (body->size() < bytes) return kDamaged;
  for (size_t i = 0; i < found; ++i) {
    patches->positions[i] = static_cast<uint8_t>(body->p[i]);
    if (patches->positions[i] >= count) return kDamaged;
  }
  const char* const fields = body->p + found;
  for (size_t i = 0; i < found; ++i) {
    patches->high[i] =
        patch_width == 0
            ? 0
            : (LoadBits(fields, body->limit, i * patch_width, patch_width) &
               LowBits(patch_width))
                  << width;
  }
  patches->count = found;
  body->p += bytes;
  return kNoFault;
}

}  // namespace

void EncodeMiniBlocks(const int64_t* values, size_t count,
                      PackingEncodeScratch* scratch, std::string* out) {
  const size_t mini_blocks = (count + kMiniBlockValues - 1) / kMiniBlockValues;
  const size_t room = mini_blocks * kMiniBlockBytesMax + kPackSlackBytes;
  if (scratch->bytes.size() < room) scratch->bytes.resize(room);
  char* p = scratch->bytes.data();
  uint64_t reference_before = 0;
  for (size_t at = 0; at < count; at += kMiniBlockValues) {
    const size_t n = std::min(kMiniBlockValues, count - at);
    const MiniBlockShape shape = ChooseShape(values + at, n, scratch->kernels);
    const bool same = shape.reference == reference_before;
    const uint8_t code =
        shape.width == 64 ? kWidth64Code : static_cast<uint8_t>(shape.width);
    *p++ = static_cast<char>(code | (shape.patches != 0 ? kPatchFlag : 0) |
                             (same ? kSameReferenceFlag : 0));
    if (!same) {
      p = EncodeVarint(
          p, ZigZag(static_cast<int64_t>(shape.reference - reference_before)));
    }
    reference_before = shape.reference;
    if (shape.patches != 0) p = WritePatches(values + at, n, shape, p);
    p = scratch->kernels.pack(reinterpret_cast<const uint64_t*>(values + at), n,
                              shape.width, shape.reference, p);
  }
  out->append(scratch->bytes.data(),
              static_cast<size_t>(p - scratch->bytes.data()));
}

Fault DecodeMiniBlocks(ColumnBytes body, size_t count, IndexRange range,
                       PackingDecodeScratch* scratch, uint64_t* out) {
  uint64_t reference = 0;
  Patches patches;
  uint64_t some[kMiniBlockValues];  // of which not all are wanted
  for (size_t at = 0; at < count; at += kMiniBlockValues) {
    if (at >= range.end) return kNoFault;
    const size_t n = std::min(kMiniBlockValues, count - at);
    uint8_t head;
    if (!body.TakeByte(&head)) return "mini-blocks end early";
    const uint8_t code = head & kWidthMask;
    const unsigned width = code == kWidth64Code ? 64 : code;
    if ((head & kSameReferenceFlag) == 0) {
      uint64_t difference;
      if (!body.TakeZigZag(&difference)) {
        return "mini-block reference is cut off";
      }
      reference += difference;
    }
    patches.count = 0;
    if ((head & kPatchFlag) != 0) {
      const Fault fault = TakePatches(&body, n, width, &patches);
      if (!fault.ok()) return fault;
    }
    ColumnBytes fields;
    if (!body.TakeBytes(BytesOfBits(n * width), &fields)) {
      return "mini-block is cut off";
    }
    if (at + n <= range.begin) continue;
    const bool whole = at >= range.begin && at + n <= range.end;
    uint64_t* const values = whole ? out + (at - range.begin) : some;
    scratch->kernels.unpack(fields.p, body.limit, n, width, reference, values);
    for (size_t i = 0; i < patches.count; ++i) {
      values[patches.positions[i]] += patches.high[i];
    }
    if (whole) continue;
    const size_t begin = std::max(at, range.begin);
    const size_t end = std::min(at + n, range.end);
    std::copy(some + (begin - at), some + (end - at),
              out + (begin - range.begin));
  }
  if (!body.empty()) return "bytes after the last mini-block";
  return kNoFault;
}

}  // namespace varve
