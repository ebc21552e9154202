// See id_set.h.
#include "format/index/id_set.h"

#include <algorithm>

namespace varve {

size_t IdSet::Place(uint64_t chunk) const {
  if (parts_.empty() || parts_.back().chunk < chunk) return parts_.size();
  const auto at = std::lower_bound(
      parts_.begin(), parts_.end(), chunk,
      [](const Part& part, uint64_t wanted) { return part.chunk < wanted; });
  return static_cast<size_t>(at - parts_.begin());
}

uint64_t IdSet::count() const {
  uint64_t count = 0;
  for (const Part& part : parts_) count += part.ids.count();
  return count;
}

const IdChunk* IdSet::Find(uint64_t chunk) const {
  const size_t at = Place(chunk);
  return at < parts_.size() && parts_[at].chunk == chunk ? &parts_[at].ids
                                                         : nullptr;
}

bool IdSet::Contains(uint64_t id) const {
  const IdChunk* const ids = Find(id >> kIdChunkBits);
  return ids != nullptr && ids->Contains(static_cast<uint16_t>(id));
}

size_t IdSet::memory_bytes() const {
  size_t bytes = sizeof *this;
  for (const Part& part : parts_) {
    bytes += sizeof part.chunk + part.ids.memory_bytes();
  }
  return bytes;
}

void IdSet::Add(uint64_t chunk, IdChunk ids) {
  if (ids.empty()) return;
  const size_t at = Place(chunk);
  if (at < parts_.size() && parts_[at].chunk == chunk) {
    parts_[at].ids.UniteWith(ids);
  } else {
    parts_.insert(parts_.begin() + static_cast<ptrdiff_t>(at),
                  Part{chunk, std::move(ids)});
  }
}

void IdSet::Add(uint64_t id) {
  const auto offset = static_cast<uint16_t>(id);
  Add(id >> kIdChunkBits, IdChunk::OfSorted(&offset, 1));
}

void IdSet::UniteWith(const IdSet& other) {
  std::vector<Part> united;
  united.reserve(parts_.size() + other.parts_.size());
  size_t mine = 0;
  for (const Part& part : other.parts_) {
    while (mine < parts_.size() && parts_[mine].chunk < part.chunk) {
      united.push_back(std::move(parts_[mine++]));
    }
    if (mine < parts_.size() && parts_[mine].chunk == part.chunk) {
      united.push_back(std::move(parts_[mine++]));
      united.back().ids.UniteWith(part.ids);
    } else {
      united.push_back(part);
    }
  }
  while (mine < parts_.size()) united.push_back(std::move(parts_[mine++]));
  parts_ = std::move(united);
}

void IdSet::IntersectWith(const IdSet& other) {
  size_t kept = 0;
  for (Part& part : parts_) {
    const IdChunk* const ids = other.Find(part.chunk);
    if (ids == nullptr) continue;
    part.ids.IntersectWith(*ids);
    if (part.ids.empty()) continue;
    if (&part != &parts_[kept]) parts_[kept] = std::move(part);
    ++kept;
  }
  parts_.resize(kept);
}

void IdSet::Subtract(const IdSet& other) {
  size_t kept = 0;
  for (Part& part : parts_) {
    const IdChunk* const ids = other.Find(part.chunk);
    if (ids != nullptr) part.ids.Subtract(*ids);
    if (part.ids.empty()) continue;
    if (&part != &parts_[kept]) parts_[kept] = std::move(part);
    ++kept;
  }
  parts_.resize(kept);
}

bool IdSet::Includes(const IdSet& other) const {
  IdSet rest = other;
  rest.Subtract(*this);
  return rest.empty();
}

bool IdSet::operator==(const IdSet& other) const {
  return parts_.size() == other.parts_.size() &&
         std::equal(parts_.begin(), parts_.end(), other.parts_.begin(),
                    [](const Part& a, const Part& b) {
                      return a.chunk == b.chunk && a.ids == b.ids;
                    });
}

}  // namespace varve
