// Names and values of labels that matching series have, and how many series
// have them. Few series are read for it; of many, the values' postings are.
#pragma once

#include <string>
#include <vector>

#include "index/index_core.h"
#include "index/selection.h"

namespace varve {

// Serves one call.
class LabelValues {
 public:
  LabelValues(IndexCore* core, const std::vector<Matcher>& matchers,
              const SelectOptions& options)
      : core_(core), matchers_(matchers), options_(options), selection_(core) {}

  Status Names(std::vector<std::string>* names);
  Status Values(const std::string& name, std::vector<std::string>* values);
  Status Count(size_t limit, IndexCardinality* cardinality);

 private:
  Status Select();
  // Of the selected series, all names (nullptr), or the values of one.
  Status ReadSeries(const std::string* name,
                    std::vector<std::string>* texts) const;
  // The names that are in the dictionary of pairs.
  Status WalkNames(std::vector<std::string>* names);
  Status WalkPostings(const std::string& name, size_t limit,
                      std::vector<std::string>* values);
  void Limit(std::vector<std::string>* texts) const;

  IndexCore* const core_;
  const std::vector<Matcher> matchers_;
  const SelectOptions options_;
  Selection selection_;
  bool everything_ = false;  // is selected
  IdSet ids_;                // else these
};

}  // namespace varve
