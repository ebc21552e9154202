// The rules that look at more than one file: each finds what it is there to
// find, and passes what looks like it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tidy/tidy_rules.h"

namespace varve::tidy {
namespace {

using Texts = std::vector<std::string>;

// The places of the findings, as "path:line".
Texts Places(const std::vector<Finding>& findings) {
  Texts places;
  for (const Finding& finding : findings) {
    places.push_back(finding.path + ":" + std::to_string(finding.line));
  }
  return places;
}

size_t CountReferences(const std::string& text) {
  return CheckReferences({{"format/row/a.h", text}},
                         {"format/row/a.h", "format/row/ab.cc",
                          "docs/FORMAT-a.md", "varve.mk"})
      .size();
}

TEST(References, AFileThatACommentNamesIsThere) {
  for (const char* good :
       {"// See a.h.\n", "int a;  // as row/a.h does it (ab.cc)\n",
        "// FORMAT-a.md, format/row/a.h, docs/FORMAT-a.md; varve.mk\n",
        "/* a.h */\n", "// See rocksdb/slice.h and db/db_impl.h.\n",
        "#include \"b.h\"\n", "const char* kA = \"b.h\";\n",
        "// b.hash, b.mdx\n", "// e.g. 1.cm\n"}) {
    EXPECT_EQ(CountReferences(good), 0u) << good;
  }
  for (const char* bad :
       {"// See b.h.\n", "int a;  // b.h\n", "// format/a.h\n",
        "// plugin/row/a.h\n", "// FORMAT-b.md\n", "/* FORMAT.md */\n",
        "// w/a.h\n", "// see ba.h and a.h\n", "// tests/varve.mk\n"}) {
    EXPECT_EQ(CountReferences(bad), 1u) << bad;
  }
  EXPECT_EQ(Places(CheckReferences({{"a.cc", "\n// c.h,\n// d.h and e.md\n"}},
                                   {"a.cc"})),
            (Texts{"a.cc:2", "a.cc:3", "a.cc:3"}));
  EXPECT_EQ(CheckReferences({{"docs/a.md", "// c.h\n"}}, {"docs/a.md"}).size(),
            0u);
}

// A class in a header, with its member and the body of one of its functions.
std::vector<Finding> CheckMember(const std::string& member,
                                 const std::string& body) {
  return CheckMembers(
      {{"a.h", "class A {\n  void F();\n  " + member + "\n};\n"},
       {"a.cc",
        "#include \"a.h\"\n\nA::A() : a_(1), b_{2} {}\nvoid A::F() {\n  " +
            body + "\n}\n"},
       {"b.cc", "void B::F() {\n  return a_ + b_;\n}\n"}});
}

TEST(Members, OneThatIsNeverReadIsFound) {
  for (const char* member :
       {"int a_;", "bool a_ = false;", "int a_{0};", "const char* a_;",
        "std::vector<int> a_;", "C& a_;", "char a_[4] = {};"}) {
    for (const char* body :
         {"", "a_ = 1;", "if (b) a_ = 1;", "G();\n  a_ = b;\n  a_ = c;",
          "if (b) {\n    a_ += 2;\n  } else\n    a_ = 3;", "++a_;", "a_++;",
          "// a_\n  G(\"a_\");", "xa_ = a_b + a;"}) {
      EXPECT_EQ(Places(CheckMember(member, body)), Texts{"a.h:3"})
          << member << " " << body;
    }
  }
}

TEST(Members, OneThatIsReadIsNot) {
  for (const char* body : {"return a_;",       "G(a_);",
                           "if (a_) G();",     "b = a_;",
                           "b = *a_;",         "b = c * a_;",
                           "b = c & a_;",      "b = c > a_;",
                           "a_.push_back(1);", "a_->b = 1;",
                           "a_(1);",           "G(1, a_);",
                           "b = a_ == 1;",     "a_[1] = 2;",
                           "b = ++a_;",        "b = a_ = 1;",
                           "case a_:",         "return a_ ? 1 : 2;",
                           "*a_ = 1;",         "delete a_;",
                           "b_ = a_;",         "for (int b : a_) G(b);",
                           "a_ <<= 1;"}) {
    EXPECT_EQ(Places(CheckMember("int a_ = 0;", body)), Texts{}) << body;
  }
  // By its constructor, by its own header, by what ends with it.
  EXPECT_EQ(CheckMember("int a_ = 0;", "}\nA::A(int c) : c(a_) {").size(), 0u);
  EXPECT_EQ(CheckMember("int a() const { return a_; }\n  int a_;", "").size(),
            0u);
  for (const char* held :
       {"std::unique_ptr<B> a_;", "std::shared_ptr<B> a_;",
        "std::lock_guard<std::mutex> a_;", "volatile int a_ = 0;"}) {
    EXPECT_EQ(CheckMember(held, "a_ = B();").size(), 0u) << held;
  }
}

TEST(Members, OfPublicHeadersAreReadByTheirSources) {
  const SourceFile header = {"include/varve/a.h", "class A {\n  int a_;\n};\n"};
  EXPECT_EQ(CheckMembers({header}).size(), 1u);
  EXPECT_EQ(CheckMembers({header,
                          {"plugin/a.cc",
                           "#include \"varve/a.h\"\n\nint A::F() {\n"
                           "  return a_;\n}\n"}})
                .size(),
            0u);
}

}  // namespace
}  // namespace varve::tidy
