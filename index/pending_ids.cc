// See pending_ids.h.
#include "index/pending_ids.h"

#include "format/index/index_key.h"

namespace varve {

void PendingIds::Hold(const std::vector<std::string>& texts,
                      std::vector<Entry*>* entries) {
  entries->reserve(entries->size() + texts.size());
  std::lock_guard<std::mutex> lock(mutex_);
  for (const std::string& text : texts) {
    Entry& entry = *entries_.emplace(text, State()).first;
    ++entry.second.holders;
    entries->push_back(&entry);
  }
}

void PendingIds::Release(const std::vector<Entry*>& entries) {
  if (entries.empty()) return;
  std::lock_guard<std::mutex> lock(mutex_);
  for (Entry* const entry : entries) {
    if (--entry->second.holders == 0)
      entries_.erase(entries_.find(entry->first));
  }
}

void PendingIds::Read(const std::vector<Entry*>& entries,
                      std::vector<uint64_t>* ids) {
  ids->clear();
  ids->reserve(entries.size());
  std::lock_guard<std::mutex> lock(mutex_);
  for (const Entry* const entry : entries) ids->push_back(entry->second.id);
}

Status PendingIds::Settle(const std::vector<Entry*>& entries,
                          const std::vector<uint64_t>& found,
                          std::vector<uint64_t>* ids, uint64_t* next) {
  ids->clear();
  ids->reserve(entries.size());
  std::lock_guard<std::mutex> lock(mutex_);
  if (next_ + entries.size() > kIndexNumberMax) {
    return Status::NoSpace("all 2^42 ids of a series index have been given");
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    State& state = entries[i]->second;
    if (found[i] != kNoId) state.id = found[i];
    if (state.id == kNoId) state.id = next_++;
    ids->push_back(state.id);
  }
  *next = next_;
  return Status::OK();
}

}  // namespace varve
