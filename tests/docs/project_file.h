// The text of a file of the project, its name relative to the root.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace varve {

inline std::string ReadProjectFile(const std::string& name) {
  std::ifstream file(std::string(VARVE_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace varve
