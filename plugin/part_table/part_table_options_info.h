// The names, types and bounds of PartTableOptions.
#pragma once

#include <string>
#include <unordered_map>

#include "plugin/part_table/part_table_options.h"
#include "rocksdb/status.h"
#include "rocksdb/utilities/options_type.h"

namespace varve {

const std::unordered_map<std::string, rocksdb::OptionTypeInfo>&
PartTableOptionsInfo();

// InvalidArgument names the option and its bounds.
Status CheckPartTableOptions(const PartTableOptions& options);

}  // namespace varve
