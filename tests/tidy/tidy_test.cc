// The rules find what they are there to find: each is fed bad snippets, and
// good ones that look like them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tidy/source_text.h"
#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {
namespace {

// The rules that fired, each once, in the order of the findings.
std::vector<std::string> Rules(const std::string& path,
                               const std::string& text) {
  std::vector<std::string> rules;
  for (const Finding& finding : CheckFile(path, text)) {
    if (rules.empty() || rules.back() != finding.rule) {
      rules.push_back(finding.rule);
    }
  }
  return rules;
}

using Fired = std::vector<std::string>;
const Fired kNothing;

std::string Repeat(const std::string& line, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += line;
  return text;
}

TEST(Tidy, LongFilesWarnThenFail) {
  const std::string path = "tools/a.cc";
  EXPECT_EQ(Rules(path, Repeat("int a;\n", 400)), kNothing);
  std::vector<Finding> findings = CheckFile(path, Repeat("int a;\n", 401));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(CheckFile(path, Repeat("int a;\n", 700))[0].severity,
            Severity::kWarning);
  EXPECT_EQ(CheckFile(path, Repeat("int a;\n", 701))[0].severity,
            Severity::kFailure);
}

// A function of `count` lines behind each of these heads, which end in a
// brace and have one line.
TEST(Tidy, LongFunctionsFailWhateverTheirHead) {
  const Fired kFired = {"function"};
  for (const std::string head :
       {"void F() {", "int* C::F(int a) const noexcept {", "TEST(A, B) {",
        "C::C(int a) : a_(a), b_{1, {2}} {",
        "C::C(int a) : a_({a}), b_(Make(a)) {", "template <class T> T F(T t) {",
        "auto f = [](int a) {", "static const auto f = [](int a) -> int {",
        "struct stat F() {", "bool C::operator()(int a) {",
        "std::vector<int> F(int a = {}, C c = C{1}) {", "C::~C() {",
        "extern \"C\" int F(const char* a) {", "void F() try {",
        "const char* F(char c = '{', const char* d = \"}{\") {",
        "auto F() -> decltype(G()) {"}) {
    auto with_lines = [&](size_t count) {
      return head + "\n" + Repeat("  G();\n", count - 2) + "}\n";
    };
    EXPECT_EQ(Rules("tools/a.cc", with_lines(70)), kNothing) << head;
    EXPECT_EQ(Rules("tools/a.cc", with_lines(71)), kFired) << head;
    EXPECT_EQ(Rules("tools/a.cc", "namespace a {\nclass C : public B<D()> {\n" +
                                      (" public:\n" + with_lines(71)) + "};\n"),
              kFired)
        << head;
  }
}

TEST(Tidy, WhatIsLongAndNoFunctionPasses) {
  for (const std::string head :
       {"namespace a {", "struct A {", "class A : public B<decltype(F())> {",
        "struct alignas(64) A {", "enum class A : int {",
        "template <class T, class = decltype(F())> struct A {",
        "const int kTable[] = {", "std::map<int, A> table = {",
        "static const A kTable(A{", "extern \"C\" {", "#define M(a) {  \\",
        "// void F() {", "const char* kText = R\"(void F() {"}) {
    std::string text = head + "\n" + Repeat("  1,\n", 80) + "}\n";
    EXPECT_EQ(Rules("tools/a.cc", text), kNothing) << head;
  }
}

TEST(Tidy, FunctionsKnowTheirLines) {
  const std::vector<Function> functions =
      FindFunctions(ReadSource("class A {\n"
                               " public:\n"
                               "  explicit A(int a)\n"
                               "      : a_(a) {}\n"
                               "\n"
                               "  int Twice() const {\n"
                               "    if (a_ > 0) {\n"
                               "      return 2 * a_;\n"
                               "    }\n"
                               "    return '}' - \"}\"[0];  // }\n"
                               "  }\n"
                               "  int a_ = 0;\n"
                               "};\n"));
  ASSERT_EQ(functions.size(), 2u);
  EXPECT_EQ(functions[0].first_line, 3u);
  EXPECT_EQ(functions[0].last_line, 4u);
  EXPECT_EQ(functions[1].name, "  int Twice() const {");
  EXPECT_EQ(functions[1].first_line, 6u);
  EXPECT_EQ(functions[1].last_line, 11u);
}

TEST(Tidy, MoreThanSevenParametersAreAStruct) {
  const Fired kFired = {"parameters"};
  const std::string seven = "A a, A b, A c, A d, A e, A f, A g";
  for (const std::string& declared :
       {"void F(" + seven + ", int h);\n",
        "void F(\n    " + seven + ",\n    int h) {\n  G();\n}\n",
        "class A {\n public:\n  A(" + seven + ", int h) : a_(a) {}\n};\n",
        "class A {\n  static int F(" + seven +
            ",\n               int h);\n};\n",
        "template <class T> T F(" + seven + ", T h) {\n  return h;\n}\n",
        "[[nodiscard]] int F(" + seven + ", std::map<int, int> h);\n",
        "__attribute__((cold(\"a\"))) void F(" + seven + ", A h);\n",
        "void F(" + seven + ", int h = 0) {}\n"}) {
    EXPECT_EQ(Rules("tools/a.cc", declared), kFired) << declared;
    EXPECT_EQ(Rules("format/values/value_kernels_avx2.cc", declared), kNothing);
    EXPECT_EQ(Rules("tests/value_loops.cc", declared), kFired);
  }
  for (const std::string& good : std::vector<std::string>{
           "void F(" + seven + ");\n", "void F(" + seven + ") {\n  G();\n}\n",
           "void F(std::map<int, int> a, std::map<int, int> b,\n"
           "       std::function<int(int, int)> c, int d[3], int e = G(1, 2),\n"
           "       C f = {1, 2, 3}, int g = 0);\n",
           "class A : public B {\n  int F(" + seven +
               ",\n        int h) const override;\n};\n",
           "int A::F(" + seven + ", int h) const {\n  return a;\n}\n",
           "const A kA = F(1, 2, 3, 4, 5, 6, 7, 8);\n",
           "void F() {\n  G(1, 2, 3, 4, 5, 6, 7, 8);\n}\n",
           "const int kA[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};\n",
           "// F(a, b, c, d, e, f, g, h);\n",
           "void F(G a /* b, c, d, e, f, g, h, i */);\n"}) {
    EXPECT_EQ(Rules("tools/a.cc", good), kNothing) << good;
  }
}

TEST(Tidy, NamesThatSayNothing) {
  const Fired kFired = {"file_name"};
  for (const char* bad :
       {"format/util.cc", "format/byte_utils.cc", "tests/helper/a_test.cc",
        "plugin/part_manager.cc", "tools/common.cc", "cmake/misc.cmake"}) {
    EXPECT_EQ(Rules(bad, ""), kFired) << bad;
  }
  EXPECT_EQ(Rules("format/commons.cc", ""), kNothing);
}

TEST(Tidy, HeadersAreIncludedOnce) {
  EXPECT_EQ(Rules("format/a.h", "int a;\n"), (Fired{"pragma_once"}));
  EXPECT_EQ(Rules("format/a.h", "// #pragma once\n"), (Fired{"pragma_once"}));
  EXPECT_EQ(Rules("format/a.h", "// What it is.\n#pragma once\n"), kNothing);
}

TEST(Tidy, TextIsClean) {
  const Fired kFired = {"text"};
  const std::string marker = std::string("TO") + "DO";
  for (const std::string& bad :
       {std::string("\tint a;\n"), std::string("int a; \n"),
        std::string("int a;\r\n"), std::string("int a;"),
        "// " + marker + ": later\n", std::string("// FIX") + "ME\n",
        std::string(81, 'a') + "\n", "// " + std::string(78, 'a') + "\n",
        "const char* a = \"b\";" + std::string(70, ' ') + "// c\n"}) {
    EXPECT_EQ(Rules("tools/a.cc", bad), kFired) << bad;
  }
  EXPECT_EQ(Rules("scripts/a", "echo\t\n"), kFired);
  EXPECT_EQ(Rules("docs/a.md", marker + "\n"), kFired);
  for (const std::string& good :
       {std::string(80, 'a') + "\n",
        "// https://example.org/" + std::string(80, 'a') + "\n",
        "#include \"tools/" + std::string(80, 'a') + ".h\"\n",
        "    \"" + std::string(90, 'a') + "\",\n",
        "auto a = R\"(\n" + std::string(90, 'a') + "\n)\";\n",
        Repeat("\xC3\xA4", 80) + "\n"}) {
    EXPECT_EQ(Rules("tools/a.cc", good), kNothing) << good;
  }
  EXPECT_EQ(Rules("Makefile", "all:\n\techo\n"), kNothing);
  EXPECT_EQ(Rules("docs/a.md", std::string(200, 'a') + "\n"), kNothing);
}

TEST(Tidy, NothingSleepsOrReadsTheWallClock) {
  const Fired kFired = {"clock"};
  for (const char* bad :
       {"std::this_thread::sleep_for(a);\n", "usleep(1);\n", "sleep(1);\n",
        "env->SleepForMicroseconds(1);\n", "auto a = time(nullptr);\n",
        "auto a = std::time(0);\n", "srand(time(NULL));\n",
        "auto a = std::chrono::system_clock::now();\n",
        "clock_gettime(CLOCK_REALTIME, &a);\n", "std::random_device device;\n",
        "// the seed\nstd::random_device device;\n"}) {
    for (const char* path : {"tests/plugin/a_test.cc", "plugin/a.cc"}) {
      EXPECT_EQ(Rules(path, bad), kFired) << bad;
    }
  }
  for (const char* good :
       {"auto a = std::chrono::steady_clock::now();\n", "SetTime(0);\n",
        "// sleep(1)\n", "Log(\"sleep(1)\");\n", "row.time(i);\n",
        "std::random_device device;\nprintf(\"seed %u\", a);\n"}) {
    EXPECT_EQ(Rules("tests/plugin/a_test.cc", good), kNothing) << good;
  }
  EXPECT_EQ(Rules("tools/a.cc", "usleep(1);\n"), kNothing);
}

TEST(Tidy, TheLibraryThrowsNothingAndNeedsNoRtti) {
  const Fired kFired = {"exceptions"};
  for (const char* bad : {"throw 1;\n", "auto a = dynamic_cast<A*>(b);\n",
                          "auto a = typeid(b).name();\n"}) {
    EXPECT_EQ(Rules("compaction/a.cc", bad), kFired) << bad;
    EXPECT_EQ(Rules("tests/a.cc", bad), kNothing) << bad;
  }
  EXPECT_EQ(Rules("compaction/a.cc", "// never throws\n"), kNothing);
}

TEST(Tidy, VersionsOfRocksDBDifferBehindTheDoor) {
  const std::string number = "#if ROCKSDB_MAJOR > 7\nint a;\n#endif\n";
  const std::string macro =
      "#if VARVE_ROCKSDB_AT_LEAST(9, 8)\nint a;\n#endif\n";
  for (const std::string path :
       {"plugin/samples/a.cc", "plugin/part_table/a.cc", "tools/a.cc"}) {
    EXPECT_EQ(Rules(path, number), Fired{"version"}) << path;
    EXPECT_EQ(Rules(path, macro), Fired{"version"}) << path;
  }
  EXPECT_EQ(Rules("tests/plugin/a_test.cc", number), Fired{"version"});
  EXPECT_EQ(Rules("tests/plugin/a_test.cc", macro), kNothing);
  EXPECT_EQ(Rules("plugin/host/a.cc", number + macro), kNothing);
  EXPECT_EQ(Rules("cmake/rocksdb_abi_check.cc", number), kNothing);
  EXPECT_EQ(Rules("tools/a.cc", "// ROCKSDB_MAJOR\nint a;\n"), kNothing);
}

TEST(Tidy, NoTestIsSwitchedOff) {
  EXPECT_EQ(Rules("tests/a_test.cc", "TEST(A, DISABLED_B) {}\n"),
            (Fired{"disabled"}));
}

TEST(Tidy, NumbersOnDiskSayThatTheyNeverChange) {
  const Fired kFired = {"disk_enum"};
  for (const char* bad :
       {"enum class A : uint8_t { kB = 0, kC = 1 };\n",
        "// Numbers never change.\n\nenum class A { kB = 0 };\n",
        "// Numbers never change.\nenum class A { kB = 0, kC };\n",
        "enum A : uint8_t {\n  kB = 0,\n  kC = 1,\n};\n// never change\n"}) {
    EXPECT_EQ(Rules("format/a.cc", bad), kFired) << bad;
  }
  for (const char* good :
       {"enum class A { kB, kC };\n",
        "// On disk: these never change.\nenum class A { kB = 0, kC = 1 };\n",
        "// The numbers never\n// change.\nenum A {\n  kB = 0,\n  kC = "
        "1,\n};\n",
        "// Never change.\nenum A { kB = 0 };\nenum C { kD = 0 };\n",
        "enum A {  // never change\n  kB = 0,\n};\n"}) {
    EXPECT_EQ(Rules("format/a.cc", good), kNothing) << good;
  }
}

TEST(Tidy, SourcesHeadersAndTestsAreListed) {
  const std::vector<std::string> listed = {
      "include/varve/a.h", "format/row/a.cc",      "tests/format/row/a_test.cc",
      "tests/a.cc",        "tests/build/by_us.cc", "tools/a.cc",
      "fuzz/a_fuzz.cc",    "fuzz/b_fuzz.cc",       "examples/a/a.cc"};
  const std::vector<std::string> forgotten = {
      "include/varve/b.h", "format/row/b.cc", "tests/format/row/b_test.cc",
      "tests/b.cc",        "tools/b.cc",      "fuzz/c_fuzz.cc",
      "bench/a.cc"};
  const BuildLists lists = {
      "varve_SOURCES += format/row/a.cc\nvarve_HEADERS += include/varve/a.h\n",
      "varve_test(a_test format/row/a_test.cc)\nadd_library(a a.cc)\n",
      "add_executable(a tools/a.cc)\nvarve_fuzzer(a)\nvarve_fuzzer(b c)\n"};
  EXPECT_EQ(CheckListed(listed, lists).size(), 0u);
  std::vector<std::string> found;
  for (const Finding& finding : CheckListed(forgotten, lists)) {
    found.push_back(finding.path);
  }
  EXPECT_EQ(found, forgotten);
}

}  // namespace
}  // namespace varve::tidy
