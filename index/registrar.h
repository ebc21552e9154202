// Label sets to ids, as text comes in: what is known is found in the cache,
// the rest in the database, and what is new gets an id and rows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "index/index_core.h"
#include "index/index_reader.h"
#include "index/registration_rows.h"

namespace varve {

// What one registration holds, and what becomes known when it is written. The
// gate is entered.
class HeldRegistration {
 public:
  explicit HeldRegistration(IndexCore* core) : core_(core) {}
  ~HeldRegistration();
  HeldRegistration(const HeldRegistration&) = delete;
  HeldRegistration& operator=(const HeldRegistration&) = delete;

  void Written();

 private:
  friend class Registrar;
  using Known = std::vector<std::pair<TextHash, uint64_t>>;

  IndexCore* const core_;
  std::vector<PendingIds::Entry*> pairs_;
  std::vector<PendingIds::Entry*> series_;
  Known new_pairs_;
  Known new_series_;
};

// Serves one call.
class Registrar {
 public:
  explicit Registrar(IndexCore* core)
      : core_(core), reader_(core->db, core->cf), dead_(core->age->dead()) {}

  // See SeriesIndex::Register. The gate must be entered; *held is nullptr
  // when the call fails, and the gate then the caller's to leave.
  Status Register(const SeriesEntry* entries, size_t count,
                  rocksdb::WriteBatch* batch, std::vector<SeriesId>* ids,
                  std::unique_ptr<HeldRegistration>* held);

  // See SeriesIndex::Resolve.
  Status Resolve(const LabelSet* sets, size_t count,
                 std::vector<SeriesId>* ids);

 private:
  // A label set that the cache does not have.
  struct Item {
    size_t entry;
    TextHash hash;
    size_t pairs_begin = 0;  // in pairs_
    size_t pair_count = 0;
    std::string group_key = {};
    uint8_t name = 0;
    uint64_t id = kNoId;
  };
  // A series whose day has to be asked of the database.
  struct DayOf {
    uint64_t day;
    uint64_t id;
    TextHash hash;
  };
  // A pair that the cache does not have, and where it occurs in pairs_.
  struct MissingPair {
    std::string key;
    TextHash hash;
    std::vector<size_t> places;
  };

  // Fills hashes_, of any label sets, good ones and bad.
  template <typename LabelsOf>
  void HashAll(size_t count, const LabelsOf& labels_of);
  TextHash HashOf(const LabelSet& set);
  // InvalidArgument names the label at fault. What the cache has was checked
  // when it came first.
  Status Check(const LabelSet& set) const;
  Status AddItem(size_t entry, const LabelSet& set);

  Status FindPairs();
  Status FindPairsOnDisk(const std::vector<size_t>& order,
                         std::vector<uint64_t>* numbers) const;
  Status HoldPairs(HeldIds* held);
  void SetPair(const MissingPair& missing, uint64_t id);
  void MakeGroupKeys();
  // Sorts items_ and reads the ids that the database has for them.
  Status FindSeries(std::vector<uint64_t>* found);
  Status SettleSeries(const SeriesEntry* entries, HeldIds* held,
                      HeldRegistration::Known* known);
  Status FindDays(HeldRegistration::Known* known);

  IndexCore* const core_;
  const IndexReader reader_;
  const std::shared_ptr<const DeadIds> dead_;
  RegistrationRows rows_;
  std::string text_;
  std::vector<TextHash> hashes_;
  std::vector<Item> items_;
  std::vector<uint64_t> pairs_;
  std::vector<size_t> name_places_;  // of each item, in pairs_; or kNoId
  std::vector<MissingPair> missing_;
  std::unordered_map<std::string, size_t> missing_places_;
  std::vector<DayOf> days_;
  HeldRegistration::Known new_pairs_;
};

}  // namespace varve
