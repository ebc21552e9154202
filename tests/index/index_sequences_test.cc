// Random sequences of all that happens to an index, held against IndexView.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/index/index_fixture.h"

namespace varve {
namespace {

#ifdef VARVE_SANITIZED
constexpr int kSequences = 4;
#else
constexpr int kSequences = 12;
#endif
constexpr int kSteps = 120;

class Sequence {
 public:
  Sequence(RandomSource* random, int64_t retention_ms)
      : random_(random), view_(retention_ms), index_(retention_ms) {}

  void Run() {
    ASSERT_NO_FATAL_FAILURE(index_.Open());
    for (int step = 0; step < kSteps; ++step) {
      ASSERT_NO_FATAL_FAILURE(Step()) << "step " << step;
      if (testing::Test::HasFailure()) return;
    }
  }

 private:
  void Step() {
    switch (random_->Below(16)) {
      case 0:
        ASSERT_TRUE(index_.db->Flush({}).ok());
        break;
      case 1:
        ASSERT_TRUE(index_.db->CompactRange({}, nullptr, nullptr).ok());
        break;
      case 2:
        index_.Close();
        ASSERT_NO_FATAL_FAILURE(index_.Open());
        break;
      case 3:
        index_.clock->PassMs(random_->Between(0, 2 * kMillisPerDay));
        break;
      case 4:
        ASSERT_TRUE(index_.index->RemoveExpired(nullptr).ok());
        break;
      case 5:
        ASSERT_TRUE(index_.index->Compact().ok());
        break;
      case 6:
        if (random_->OneIn(2)) Delete();
        break;
      case 7:
      case 8:
      case 9:
      case 10:
        Register();
        break;
      default:
        Check();
    }
  }

  Labels RandomLabels() {
    Labels labels;
    if (!random_->OneIn(5)) labels["__name__"] = Value(6);
    if (!random_->OneIn(3)) labels["job"] = Value(3);
    if (random_->OneIn(2)) labels["pod"] = Value(40);
    if (labels.empty() || random_->OneIn(6)) labels["le"] = Value(3);
    return labels;
  }
  std::string Value(uint64_t count) {
    static const std::vector<std::string> kOdd = {
        "a\nb", std::string("z\0", 2), "\xc3\xa9\xe2\x82\xac", "a|b", ".*"};
    return random_->OneIn(12) ? random_->Pick(kOdd)
                              : std::string(1, "xyz"[random_->Below(3)]) +
                                    std::to_string(random_->Below(count));
  }

  std::vector<Matcher> RandomMatchers(size_t count_min) {
    static const std::vector<std::string> kNames = {"__name__", "job", "pod",
                                                    "le", "absent"};
    static const std::vector<std::string> kExpressions = {
        "",      ".*",     ".+",    "x.*",        ".*1",    ".*1.*",
        "x1|y2", "x1|",    "[xy].", "x[0-9]+",    "(x|y).", "a.b",
        "x1.*2", "(?i)X1", "x?",    "x1|y.*|z2+", "\\.\\*", "y1?|"};
    std::vector<Matcher> matchers;
    for (size_t i = count_min + random_->Below(3); i > 0; --i) {
      Matcher matcher;
      matcher.name = random_->Pick(kNames);
      matcher.kind = static_cast<MatchKind>(random_->Below(4));
      const bool is_text = matcher.kind == MatchKind::kEqual ||
                           matcher.kind == MatchKind::kNotEqual;
      matcher.value = !is_text            ? random_->Pick(kExpressions)
                      : random_->OneIn(4) ? ""
                                          : Value(6);
      matchers.push_back(matcher);
    }
    return matchers;
  }

  void Register() {
    std::vector<Labels> sets;
    for (size_t i = 1 + random_->Below(30); i > 0; --i) {
      sets.push_back(RandomLabels());
    }
    const int64_t timestamp_ms = std::max<int64_t>(
        0, index_.clock->NowMs() -
               random_->Between(0, random_->OneIn(3) ? 20 : 1) * kMillisPerDay);
    rocksdb::WriteBatch batch;
    Registration held;
    index_.Register(sets, timestamp_ms, &batch, &held);
    if (random_->OneIn(5)) return;  // given up
    ASSERT_TRUE(index_.db->Write({}, &batch).ok());
    if (random_->OneIn(2)) held.Written();
    for (size_t i = 0; i < sets.size(); ++i) {
      view_.Register(sets[i], timestamp_ms);
      const auto was = ids_.emplace(held.ids()[i], sets[i]);
      // An id is never another's.
      ASSERT_EQ(was.first->second, sets[i]);
    }
  }

  void Delete() {
    const std::vector<Matcher> matchers = RandomMatchers(1);
    uint64_t deleted = 0;
    ASSERT_TRUE(index_.index->DeleteSeries(matchers, nullptr, &deleted).ok());
    EXPECT_EQ(deleted, view_.Delete(matchers, index_.clock->NowMs()));
  }

  void Check() {
    const std::vector<Matcher> matchers = RandomMatchers(0);
    SelectOptions options;
    if (random_->OneIn(2)) {
      options.range.start_ms =
          index_.clock->NowMs() - random_->Between(0, 15) * kMillisPerDay;
      options.range.end_ms =
          options.range.start_ms + random_->Between(-1, 5) * kMillisPerDay;
    }
    const std::set<Labels> expected =
        view_.Select(matchers, options.range, index_.clock->NowMs());
    const std::map<SeriesId, Labels> selected =
        index_.Select(matchers, options);
    std::set<Labels> got;
    for (const auto& series : selected) {
      got.insert(series.second);
      // One label set has one id for as long as it is seen.
      ASSERT_EQ(index_.Resolve(series.second), series.first);
      const auto known = ids_.find(series.first);
      ASSERT_NE(known, ids_.end());
      ASSERT_EQ(known->second, series.second);
    }
    ASSERT_EQ(got, expected);
    ASSERT_EQ(selected.size(), expected.size());
    CheckLabels(matchers, options, expected);
  }

  void CheckLabels(const std::vector<Matcher>& matchers, SelectOptions options,
                   const std::set<Labels>& expected) {
    std::set<std::string> names;
    std::set<std::string> values;
    for (const Labels& labels : expected) {
      for (const auto& label : labels) names.insert(label.first);
      if (labels.count("pod") > 0) values.insert(labels.at("pod"));
    }
    std::vector<std::string> expected_names(names.begin(), names.end());
    std::vector<std::string> expected_values(values.begin(), values.end());
    if (random_->OneIn(3)) {
      options.limit = 1 + random_->Below(3);
      expected_names.resize(std::min(expected_names.size(), options.limit));
      expected_values.resize(std::min(expected_values.size(), options.limit));
    }
    std::vector<std::string> got;
    ASSERT_TRUE(index_.index->LabelNames(matchers, options, &got).ok());
    EXPECT_EQ(got, expected_names);
    ASSERT_TRUE(index_.index->LabelValues("pod", matchers, options, &got).ok());
    EXPECT_EQ(got, expected_values);
  }

  RandomSource* const random_;
  IndexView view_;
  IndexFixture index_;
  std::map<SeriesId, Labels> ids_;
};

TEST(IndexSequences, ReadsEqualTheViewWhateverHappened) {
  for (int i = 0; i < kSequences; ++i) {
    RandomSource random(RandomSource::BaseSeed() + static_cast<uint64_t>(i));
    SCOPED_TRACE(random.Trace());
    Sequence sequence(&random, i % 2 == 0 ? 0 : 10 * kMillisPerDay);
    ASSERT_NO_FATAL_FAILURE(sequence.Run());
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace varve
