// What RocksDB's own tools are let do, with the library preloaded. They know
// nothing of Varve, and some of their commands and flags destroy its rows or
// its OPTIONS: so commands and flags that are known to leave both whole are
// listed, in every spelling that the tools understand, and all else is
// refused. What is refused can be named in --i_know=NAME,..., a word of ours
// that the tools do not get.
//
// Files are only looked at. What a tool does when it is asked for something
// that is listed is not checked.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace varve::tools {

// Refusals of which somebody has said that he knows what they would do.
class Acknowledged {
 public:
  // Takes --i_know=... out of `words`.
  static Acknowledged TakeFrom(std::vector<std::string>* words);

  // `why`, and how to do it all the same; empty where `name` was named, or
  // where there is no `why`. Names stand in --i_know: a command's, a flag's.
  std::string Refuse(const std::string& name, const std::string& why) const;

 private:
  std::set<std::string> names_;
};

// A command or flag that is on no list; `what` is it, as "'ldb --frob'".
std::string UnlistedWhy(const std::string& what);

// Why `words`, handed to `tool` ("ldb", "sst_dump", "db_bench"), would or
// might harm a database, and what to do instead; empty: they would not.
// Takes --i_know=... out of them.
std::string RefusalOf(const std::string& tool, std::vector<std::string>* words);

}  // namespace varve::tools
