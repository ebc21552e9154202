// The line that a long step shows on a terminal.
#include "tools/progress.h"

#include <gtest/gtest.h>

namespace varve::tools {
namespace {

TEST(Progress, SaysShareRateAndTimeLeft) {
  EXPECT_EQ(ProgressText("import", 25, 100, 5000000, 10),
            "import: 25%  5,000,000 samples  500,000/s  30.0s left");
  EXPECT_EQ(ProgressText("verify", 1, 3601, 0, 1), "verify: 0%  1h 0m left");
}

TEST(Progress, SaysWhatItKnowsWithoutATotal) {
  EXPECT_EQ(ProgressText("import", 0, 0, 1200, 4),
            "import:  1,200 samples  300/s  4.0s");
  EXPECT_EQ(ProgressText("compact", 0, 0, 0, 75), "compact:  1m 15s");
}

TEST(Progress, NumbersForPeople) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
  EXPECT_EQ(Bytes(999), "999 B");
  EXPECT_EQ(Bytes(1234567), "1.2 MB");
  EXPECT_EQ(Seconds(59.94), "59.9s");
  EXPECT_EQ(Seconds(3700), "1h 1m");
}

}  // namespace
}  // namespace varve::tools
