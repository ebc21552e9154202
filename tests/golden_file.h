// Files of the source tree that tests hold their results against, and write
// anew when they are called with --rewrite.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace varve {

// The file at `path` of the source tree.
inline std::string SourceFile(const std::string& path) {
  return std::string(VARVE_SOURCE_DIR) + "/" + path;
}

inline std::string ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteFile(const std::string& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  if (!out.flush()) std::fprintf(stderr, "cannot write %s\n", file.c_str());
}

// Where a document shows the dump called `name`: between its two marks.
inline bool FindShown(const std::string& document, const std::string& name,
                      size_t* begin, size_t* end) {
  const std::string mark = "<!-- dump: " + name + " -->\n```\n";
  *begin = document.find(mark);
  if (*begin == std::string::npos) return false;
  *begin += mark.size();
  *end = document.find("```\n<!-- end -->", *begin);
  return *end != std::string::npos;
}

// What a document shows as the dump called `name`; empty when it has none.
inline std::string Shown(const std::string& document, const std::string& name) {
  size_t begin = 0;
  size_t end = 0;
  if (!FindShown(document, name, &begin, &end)) return "";
  return document.substr(begin, end - begin);
}

// Puts `text` there. Returns the exit code.
inline int RewriteShown(const std::string& file, const std::string& name,
                        const std::string& text) {
  std::string document = ReadFile(file);
  size_t begin = 0;
  size_t end = 0;
  if (!FindShown(document, name, &begin, &end)) {
    std::fprintf(stderr, "%s has no marks of %s\n", file.c_str(), name.c_str());
    return 1;
  }
  document.replace(begin, end - begin, text);
  WriteFile(file, document);
  return 0;
}

// A golden test's main: `rewrite` writes its files, and gives the exit code.
inline int RunTestsOrRewrite(int argc, char** argv, int (*rewrite)()) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "--rewrite") == 0) return rewrite();
  return RUN_ALL_TESTS();
}

}  // namespace varve
