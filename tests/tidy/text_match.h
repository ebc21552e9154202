// What the rules ask of paths and lines.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>

namespace varve::tidy {

inline bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

inline bool EndsWith(const std::string& text, const std::string& suffix) {
  return text.size() >= suffix.size() &&
         text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline bool IsOneOf(const std::string& text,
                    std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(),
                     [&](const char* choice) { return text == choice; });
}

inline std::string Folder(const std::string& path) {
  const size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

inline bool InLibrary(const std::string& path) {
  return IsOneOf(Folder(path), {"format", "compaction", "plugin", "index"});
}

}  // namespace varve::tidy
