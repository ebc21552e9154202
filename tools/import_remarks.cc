#include "tools/import_remarks.h"

namespace varve::tools {

void ImportRemarks::Add(const std::string& reason, const std::string& where,
                        uint64_t count) {
  if (count == 0) return;
  Remark& remark = remarks_[reason];
  if (remark.count == 0) remark.first = where;
  remark.count += count;
}

}  // namespace varve::tools
