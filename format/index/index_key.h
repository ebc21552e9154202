// The keys of the index's rows: one byte that says the kind, then numbers
// and text that sort as they mean. FORMAT.md beside it has the table.
//
// A number of a key ("ordered number") takes 1 to 6 bytes: as many leading one
// bits as bytes follow, then the number, big-endian, in the fewest bytes. Such
// numbers sort as bytes, and none is a prefix of another. They end at 2^42, and
// so do the ids of series and of pairs, which are given once and never again.
#pragma once

#include <cstdint>
#include <string>

#include "rocksdb/slice.h"

namespace varve {

using rocksdb::Slice;

inline constexpr uint64_t kIndexNumberMax = (uint64_t{1} << 42) - 1;

// How many ids lie in one row of each kind, as bits.
inline constexpr unsigned kIdChunkBits = 16;   // ids: 65,536
inline constexpr unsigned kLabelRowBits = 7;   // label sets: 128
inline constexpr unsigned kPairPageBits = 5;   // texts of pairs: 32
inline constexpr unsigned kNameBlockBits = 8;  // names in a group: 256

// The posting of this pair holds every series. Pairs begin at 1; a name of 0
// in a group is that of a label set without a name.
inline constexpr uint64_t kEverySeries = 0;

// On disk, never changed.
enum class IndexRowKind : uint8_t {
  kNextSeries = 0x01,  // the next series id to be given
  kNextPair = 0x02,    // the next pair id to be given
  kPair = 0x10,        // name, value -> pair id
  kPairPage = 0x11,    // pair ids -> names, values
  kGroup = 0x20,       // pairs without the name -> names, series ids
  kLabels = 0x21,      // series ids -> pairs
  kPosting = 0x30,     // pair -> series ids
  kDay = 0x31,         // day -> ids of series that had samples in it
  kDeadSeries = 0x40,  // ids that are to leave all rows
  kDeadPairs = 0x41,   // pair ids likewise
};

// A key taken apart. Which fields count goes by the kind.
struct IndexKey {
  IndexRowKind kind = IndexRowKind::kNextSeries;
  // kPosting: the pair; kDay: days since 1970.
  uint64_t owner = 0;
  // Which part of the ids: id >> the bits of the kind; kGroup: the name's.
  uint64_t chunk = 0;
  Slice text;  // kPair: name, 00, value; points into the key
};

void AppendOrderedNumber(std::string* key, uint64_t number);

// Takes one off the front. False where there is none.
bool TakeOrderedNumber(Slice* key, uint64_t* number);

// REQUIRES: numbers up to kIndexNumberMax; a name without a 00.
std::string NumberKey(IndexRowKind kind);  // kNextSeries, kNextPair
std::string PairKey(const Slice& name, const Slice& value);
std::string ChunkKey(IndexRowKind kind, uint64_t chunk);
std::string OwnedChunkKey(IndexRowKind kind, uint64_t owner, uint64_t chunk);

// What all of an owner's rows begin with, and no others.
std::string OwnerPrefix(IndexRowKind kind, uint64_t owner);

// False for a key that is none of the index's. Of a group it checks the kind
// and that numbers follow.
bool ParseIndexKey(const Slice& key, IndexKey* parsed);

}  // namespace varve
