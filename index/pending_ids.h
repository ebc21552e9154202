// Ids of texts (label sets, pairs) that are being registered: whoever may
// write a text's rows holds it here from before the database is asked until
// the write is over, so that two who meet the same new text give it one id.
//
// Law: an id is given to a text only while the text is held, and only if the
// database had none after it came to be held. So whoever held it before has
// either written, and the database has it, or has given its id up.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rocksdb/status.h"

namespace varve {

using rocksdb::Status;

inline constexpr uint64_t kNoId = ~uint64_t{0};

class PendingIds {
 public:
  struct State {
    uint64_t id = kNoId;
    size_t holders = 0;
  };
  using Entry = std::pair<const std::string, State>;

  // The next id to be given. REQUIRES: no text is held.
  void SetNext(uint64_t next) { next_ = next; }

  // Holds each text once more; entries in the texts' order.
  void Hold(const std::vector<std::string>& texts,
            std::vector<Entry*>* entries);
  void Release(const std::vector<Entry*>& entries);

  // The ids that the entries have by now, kNoId for none.
  void Read(const std::vector<Entry*>& entries, std::vector<uint64_t>* ids);

  // Settles the ids: that which the database has (kNoId: none), else that
  // which was given already, else the next one, in the entries' order. *next is
  // the next id afterwards. NoSpace, and no id was given, when ids are used up.
  Status Settle(const std::vector<Entry*>& entries,
                const std::vector<uint64_t>& found, std::vector<uint64_t>* ids,
                uint64_t* next);

 private:
  std::mutex mutex_;
  uint64_t next_ = 0;
  std::unordered_map<std::string, State> entries_;
};

// Held for a scope, or longer: Take leaves the entries to somebody else.
class HeldIds {
 public:
  explicit HeldIds(PendingIds* pending) : pending_(pending) {}
  ~HeldIds() { pending_->Release(entries_); }
  HeldIds(const HeldIds&) = delete;
  HeldIds& operator=(const HeldIds&) = delete;

  void Hold(const std::vector<std::string>& texts) {
    pending_->Hold(texts, &entries_);
  }
  const std::vector<PendingIds::Entry*>& entries() const { return entries_; }
  std::vector<PendingIds::Entry*> Take() { return std::move(entries_); }

 private:
  PendingIds* const pending_;
  std::vector<PendingIds::Entry*> entries_;
};

}  // namespace varve
