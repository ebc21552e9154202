// A sorted set of ids below 2^42, by chunks of 65,536: what a selection
// works with. Bounded by what it holds: two bytes an id, or a bit an id of a
// chunk with many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "format/index/id_chunk.h"
#include "format/index/index_key.h"

namespace varve {

class IdSet {
 public:
  struct Part {
    uint64_t chunk;
    IdChunk ids;  // never empty
  };

  bool empty() const { return parts_.empty(); }
  uint64_t count() const;
  bool Contains(uint64_t id) const;
  // Nullptr when none of its ids are here.
  const IdChunk* Find(uint64_t chunk) const;
  const std::vector<Part>& parts() const { return parts_; }
  size_t memory_bytes() const;

  // Chunks in ascending order are added fastest.
  void Add(uint64_t chunk, IdChunk ids);
  void Add(uint64_t id);

  void UniteWith(const IdSet& other);
  void IntersectWith(const IdSet& other);
  void Subtract(const IdSet& other);

  // Whether every id of `other` is here.
  bool Includes(const IdSet& other) const;

  bool operator==(const IdSet& other) const;

 private:
  // Where the chunk is, or would be.
  size_t Place(uint64_t chunk) const;

  std::vector<Part> parts_;
};

// Goes through a set in ascending order. The set must not change meanwhile.
class IdWalk {
 public:
  explicit IdWalk(const IdSet& set) : set_(set) {}

  // False at the end.
  bool Next(uint64_t* id) {
    while (part_ < set_.parts().size()) {
      const IdSet::Part& part = set_.parts()[part_];
      const size_t offset = part.ids.Next(from_);
      if (offset < kIdChunkSize) {
        from_ = offset + 1;
        *id = part.chunk << kIdChunkBits | offset;
        return true;
      }
      ++part_;
      from_ = 0;
    }
    return false;
  }

 private:
  const IdSet& set_;
  size_t part_ = 0;
  size_t from_ = 0;
};

}  // namespace varve
