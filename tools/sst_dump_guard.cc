#include "tools/sst_dump_guard.h"

#include <algorithm>

namespace varve::tools {
namespace {

bool Has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// "--read_num=7" is "read_num=" and "7"; anything without two hyphens is
// itself.
struct Flag {
  std::string name;
  std::string value;

  explicit Flag(const std::string& word) : name(word) {
    if (word.compare(0, 2, "--") != 0) return;
    name = word.substr(2);
    const size_t equals = name.find('=');
    if (equals == std::string::npos) return;
    value = name.substr(equals + 1);
    name.resize(equals + 1);
  }

  // As --i_know has it.
  std::string PlainName() const {
    return !name.empty() && name.back() == '=' ? name.substr(0, name.size() - 1)
                                               : name;
  }
};

}  // namespace

// What is not here: --env_uri and --fs_uri, which load a file system.
const std::vector<std::string>& SstDumpFlags() {
  static const std::vector<std::string> flags = {
      "command=",
      "compression_level_from=",
      "compression_level_to=",
      "compression_max_dict_buffer_bytes=",
      "compression_max_dict_bytes=",
      "compression_types=",
      "compression_use_zstd_finalize_dict",
      "compression_zstd_max_train_bytes=",
      "decode_blob_index",
      "file=",
      "from=",
      "help",
      "input_key_hex",
      "output_hex",
      "parse_internal_key=",
      "prefix=",
      "read_num=",
      "readahead_size=",
      "set_block_size=",
      "show_properties",
      "show_summary",
      "to=",
      "verify_checksum",
      "version",
  };
  return flags;
}

const std::vector<std::string>& SstDumpCommands() {
  static const std::vector<std::string> commands = {
      "check", "identify", "none", "raw", "recompress", "scan", "verify",
  };
  return commands;
}

std::string RefusalOfSstDump(const std::vector<std::string>& words,
                             const Acknowledged& acknowledged) {
  for (const std::string& word : words) {
    const Flag flag(word);
    std::string refusal;
    if (!Has(SstDumpFlags(), flag.name)) {
      refusal = acknowledged.Refuse(flag.PlainName(),
                                    UnlistedWhy("'sst_dump " + word + "'"));
    } else if (flag.name == "command=" && !Has(SstDumpCommands(), flag.value)) {
      refusal = acknowledged.Refuse(flag.value,
                                    UnlistedWhy("'sst_dump " + word + "'"));
    }
    if (!refusal.empty()) return refusal;
  }
  return "";
}

}  // namespace varve::tools
