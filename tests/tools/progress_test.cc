// The line that a long step shows on a terminal.
#include "tools/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

// Puts another file in the place of a descriptor for a while.
class Redirected {
 public:
  Redirected(int descriptor, int file)
      : descriptor_(descriptor), saved_(dup(descriptor)) {
    dup2(file, descriptor);
  }
  ~Redirected() {
    dup2(saved_, descriptor_);
    close(saved_);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  const int descriptor_, saved_;
};

// What is printed to the terminal is not cut by a line of progress.
TEST(Progress, IsShownOnATerminalThatNothingElseGoesTo) {
  int master, terminal;
  if (openpty(&master, &terminal, nullptr, nullptr, nullptr) != 0) {
    GTEST_SKIP() << "no terminals here: " << std::strerror(errno);
  }
  const int nowhere = open("/dev/null", O_WRONLY);
  const auto shown = [](int out, int err, Progress::Prints prints) {
    const Redirected standard_output(STDOUT_FILENO, out);
    const Redirected standard_error(STDERR_FILENO, err);
    return Progress("dump", prints).is_shown();
  };
  using Prints = Progress::Prints;
  EXPECT_TRUE(shown(nowhere, terminal, Prints::kAtTheEnd));
  EXPECT_TRUE(shown(nowhere, terminal, Prints::kAllAlong));
  EXPECT_TRUE(shown(terminal, terminal, Prints::kAtTheEnd));
  EXPECT_FALSE(shown(terminal, terminal, Prints::kAllAlong));
  EXPECT_FALSE(shown(terminal, nowhere, Prints::kAtTheEnd));
  for (const int file : {master, terminal, nowhere}) close(file);
}

}  // namespace
}  // namespace varve::tools
