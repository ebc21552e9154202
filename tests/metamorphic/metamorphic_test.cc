// Random writes, policies, clocks and RocksDB operations: after each step
// every reader sees exactly View(writes, policy, now).
//
//   metamorphic_test [--sequences=N] [--seed=S] [--log]
//
// Each sequence has its own seed, printed when it fails; --seed=S
// --sequences=1 --log replays one and prints its steps. Its first policy is of
// the class that the seed's number says: as many sequences as there are
// classes meet them all, whatever the first seed.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/metamorphic/ingest_counts.h"
#include "tests/metamorphic/options_drawn.h"
#include "tests/metamorphic/sequence.h"
#include "tests/policy_generator.h"

namespace varve {
namespace {

uint64_t sequences_asked = 200;
uint64_t first_seed = 1;
bool log_steps = false;

TEST(Metamorphic, ReaderSeesTheViewAfterEveryStep) {
  PolicyCoverage coverage;
  for (uint64_t i = 0; i < sequences_asked; ++i) {
    const uint64_t seed = first_seed + i;
    SCOPED_TRACE("--seed=" + std::to_string(seed) + " --sequences=1");
    if (log_steps)
      std::fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    Sequence sequence(seed, log_steps ? StepLog::kOn : StepLog::kOff);
    sequence.Run();
    if (HasFatalFailure() || HasNonfatalFailure()) return;
    for (const Policy& policy : sequence.policies()) coverage.Count(policy);
  }
  std::printf("%llu sequences from seed %llu\n",
              (unsigned long long)sequences_asked,
              (unsigned long long)first_seed);
  std::printf("%s\n", IngestCounts::All().ToString().c_str());
  EXPECT_TRUE(IngestCounts::All().complete() || sequences_asked < 100);
  CheckOptionsDrawn(sequences_asked);
  std::printf("%s", coverage.ToString().c_str());
  if (sequences_asked < PolicyClasses().size()) return;
  EXPECT_EQ(coverage.Missing(), std::vector<std::string>());
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  varve::first_seed = varve::RandomSource::BaseSeed();
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--sequences=", 12) == 0) {
      varve::sequences_asked = std::strtoull(argv[i] + 12, nullptr, 10);
    } else if (std::strncmp(argv[i], "--seed=", 7) == 0) {
      varve::first_seed = std::strtoull(argv[i] + 7, nullptr, 10);
    } else if (std::strcmp(argv[i], "--log") == 0) {
      varve::log_steps = true;
    } else {
      std::fprintf(stderr, "metamorphic_test: unknown argument %s\n", argv[i]);
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
