// Label sets of two kinds of services, the same for a seed: a cluster whose
// pods export some 210 series each and are replaced by and by, and devices of
// which each has a label of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "varve/series_index.h"

namespace varve {

using OwnedLabelSet = std::vector<std::pair<std::string, std::string>>;

enum class LabelKind { kCluster, kDevices };

class LabelStream {
 public:
  struct Options {
    LabelKind kind = LabelKind::kCluster;
    uint64_t targets = 4700;     // pods, or hundreds of devices
    uint64_t replaced_pct = 20;  // of them, each day
    uint64_t days = 3;
    uint64_t seed = 1;
    // 0: a target's series together. Else they go to so many queues by their
    // hash, of which each sends when it has a request.
    uint64_t queues = 0;
    uint64_t request = 2000;
  };

  explicit LabelStream(const Options& options);

  // Requests of the series of a day: those that were there the day before, or
  // those that are new.
  using OnRequest = std::function<void(const std::vector<OwnedLabelSet>&)>;
  void KnownOf(uint64_t day, const OnRequest& on_request) const;
  void NewOf(uint64_t day, const OnRequest& on_request) const;

  // A pod, for selections.
  std::string SomePod() const;

 private:
  struct Target {
    uint64_t number;  // no other has it
    uint64_t kind;    // of its deployment
    uint64_t since;   // day
  };
  using OnSet = std::function<void(OwnedLabelSet)>;

  void Send(uint64_t day, bool is_new, const OnRequest& on_request) const;
  void Make(const Target& target, const OnSet& on_set) const;
  void MakePod(const Target& target, const OnSet& on_set) const;
  void MakeDevices(const Target& target, const OnSet& on_set) const;

  const Options options_;
  std::vector<std::vector<Target>> days_;
};

}  // namespace varve
