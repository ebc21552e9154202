#include "tools/stock_tool_guard.h"

#include <sstream>

#include "tools/db_bench_guard.h"
#include "tools/ldb_guard.h"
#include "tools/sst_dump_guard.h"

namespace varve::tools {
namespace {

constexpr const char kFlag[] = "--i_know=";

bool IsAcknowledgement(const std::string& word) {
  return word.compare(0, sizeof kFlag - 1, kFlag) == 0;
}

}  // namespace

Acknowledged Acknowledged::TakeFrom(std::vector<std::string>* words) {
  Acknowledged acknowledged;
  std::vector<std::string> rest;
  for (const std::string& word : *words) {
    if (!IsAcknowledgement(word)) {
      rest.push_back(word);
      continue;
    }
    std::stringstream names(word.substr(sizeof kFlag - 1));
    for (std::string name; std::getline(names, name, ',');) {
      acknowledged.names_.insert(name);
    }
  }
  *words = std::move(rest);
  return acknowledged;
}

std::string Acknowledged::Refuse(const std::string& name,
                                 const std::string& why) const {
  if (why.empty() || names_.count(name) > 0) return "";
  if (name.empty() || name.find(',') != std::string::npos) return why;
  return why + "; --i_know=" + name + " runs it all the same";
}

std::string UnlistedWhy(const std::string& what) {
  return what +
         " is not among what is known to leave a Varve database whole; leave "
         "it away";
}

std::string RefusalOf(const std::string& tool,
                      std::vector<std::string>* words) {
  const Acknowledged acknowledged = Acknowledged::TakeFrom(words);
  if (tool == "ldb") return RefusalOfLdb(*words, acknowledged);
  if (tool == "sst_dump") return RefusalOfSstDump(*words, acknowledged);
  if (tool == "db_bench") return RefusalOfDbBench(*words, acknowledged);
  return UnlistedWhy("'" + tool + "'");
}

}  // namespace varve::tools
