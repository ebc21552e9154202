// varve policy: what a policy's text means, in words and by example.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "compaction/downsample.h"
#include "format/row/block_dump.h"
#include "tools/command.h"
#include "tools/json_text.h"
#include "varve/varve.h"

namespace varve::tools {
namespace {

// The example: samples so far apart, in the buckets around this day.
constexpr int64_t kExampleStepMs = 15 * kMillisPerSecond;
constexpr int64_t kExampleStartMs = 1772366400000;  // 2026-03-01T12:00:00Z

std::string Padded(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string WordsOfRows(const Policy& policy) {
  const std::string bucket = FormatDuration(policy.shape.bucket_width_ms);
  std::string text =
      "Rows: one holds the samples of one series and " + bucket + ".\n";
  if (policy.shape.partition == Partition::kNone) {
    text += "Files: old and new rows share them (partition=none).\n";
  } else {
    text += std::string("Files: one holds rows of one ") +
            PartitionName(policy.shape.partition) +
            " only, once compacted below level 0.\n";
  }
  return text + "Windows: " +
         (policy.shape.window == WindowRule::kFloor ? "[k*I, k*I+I)"
                                                    : "(k*I-I, k*I]") +
         " of each interval I, since 1970 in UTC.\n";
}

// What shows of a window, a line an age.
std::string WordsOfAges(const Policy& policy) {
  std::string text = "A reader sees, by the age of a window's end:\n";
  auto line = [&](int64_t age_ms, const std::string& what) {
    text += "  from " + Padded(FormatDuration(age_ms), 8) + what + "\n";
  };
  line(0, policy.dedup_interval_ms == 0
              ? "every sample"
              : "the last sample of each " +
                    FormatDuration(policy.dedup_interval_ms));
  for (const Tier& tier : policy.tiers) {
    line(tier.offset_ms,
         "the last sample of each " + FormatDuration(tier.interval_ms));
  }
  if (policy.retention_ms > 0) {
    line(policy.retention_ms, "nothing (by the age of the sample itself)");
  }
  return text;
}

std::string WordsOfDisk(const Policy& policy) {
  if (!policy.ThinsOrDrops()) return "Nothing is ever thinned or dropped.\n";
  if (!policy.ageing) {
    return "On disk nothing is thinned or dropped (ageing=off).\n";
  }
  return "On disk the same happens at least " +
         FormatDuration(policy.safety_lag_ms) +
         " later (safety_lag), when a file is rewritten.\n";
}

// Samples of the first windows of a bucket: an hour or so, and at least one
// window of the coarsest interval.
struct Example {
  int64_t start_ms;
  int64_t end_ms;
  int64_t step_ms;

  explicit Example(const Policy& policy) {
    int64_t interval = policy.dedup_interval_ms;
    if (!policy.tiers.empty()) interval = policy.tiers.back().interval_ms;
    if (interval == 0) interval = kMillisPerHour;
    const int64_t windows = (kMillisPerHour + interval - 1) / interval;
    const int64_t width =
        std::min(windows * interval, policy.shape.bucket_width_ms);
    start_ms = policy.shape.BucketStart(kExampleStartMs);
    end_ms = start_ms + width;
    step_ms = std::min(kExampleStepMs, width);
  }

  // How many of them show.
  size_t CountAt(const Policy& policy, int64_t now_ms) const {
    // By the same rule as windows: (start, end] or [start, end).
    const int64_t first =
        policy.shape.window == WindowRule::kCeil ? step_ms : 0;
    SampleRun run;
    run.Resize(static_cast<size_t>((end_ms - start_ms) / step_ms));
    for (size_t i = 0; i < run.size(); ++i) {
      run.timestamps()[i] =
          start_ms + first + static_cast<int64_t>(i) * step_ms;
      run.value_bits()[i] = 0;
    }
    ThinCounts counts;
    const int64_t bucket = policy.shape.BucketStart(run.timestamps()[0]);
    Thin(ThinningAt(policy, now_ms, bucket), policy.shape.window, &run,
         &counts);
    return run.size();
  }
};

// When something changes for the example: at its end, and when its last
// window reaches each offset and its last sample the retention.
std::vector<int64_t> EventTimes(const Policy& policy, const Example& example) {
  std::vector<int64_t> times = {example.end_ms};
  for (const Tier& tier : policy.tiers) {
    times.push_back(example.end_ms + tier.offset_ms);
  }
  if (policy.retention_ms > 0) {
    // When all that the example's time may hold has expired.
    times.push_back(policy.shape.LastBeforeEnd(example.end_ms) + 1 +
                    policy.retention_ms);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

std::string Timeline(const Policy& policy) {
  const Example example(policy);
  std::string text = "Example: samples every " +
                     FormatDuration(example.step_ms) + " from " +
                     TimeText(example.start_ms) + " to\n" +
                     TimeText(example.end_ms) + ". Of these a reader sees\n";
  for (const int64_t time_ms : EventTimes(policy, example)) {
    text += "  at " + TimeText(time_ms) + "  " +
            Padded("+" + FormatDuration(time_ms - example.end_ms), 8) +
            std::to_string(example.CountAt(policy, time_ms)) + "\n";
  }
  return text;
}

void PrintJson(const Policy& policy) {
  JsonText json;
  json.BeginObject();
  json.Text("policy", policy.ToString());
  json.BeginObject("fields");
  for (const std::string& name : PolicyFieldNames()) {
    json.Text(name.c_str(), policy.Get(name));
  }
  json.EndObject();
  json.BeginList("warnings");
  for (const std::string& warning : policy.Warnings()) {
    json.Text(nullptr, warning);
  }
  json.EndList();
  const Example example(policy);
  json.BeginList("timeline");
  for (const int64_t time_ms : EventTimes(policy, example)) {
    json.BeginObject();
    json.Signed("now_ms", time_ms);
    json.Signed("age_ms", time_ms - example.end_ms);
    json.Number("samples", example.CountAt(policy, time_ms));
    json.EndObject();
  }
  json.EndList();
  json.EndObject();
  std::fputs(json.Finish().c_str(), stdout);
}

int RunPolicy(const std::vector<std::string>& words) {
  if (words.empty()) return FailUsage(kPolicyCommand, "names no POLICY");
  Policy policy;
  const Status status = Policy::Parse(words[0], &policy);
  if (!status.ok()) return FailPolicy(status);
  if (FLAGS_json) {
    PrintJson(policy);
    return kOk;
  }
  std::printf("%s\n\n%s\n%s\n%s\n%s", policy.ToString().c_str(),
              WordsOfRows(policy).c_str(), WordsOfAges(policy).c_str(),
              WordsOfDisk(policy).c_str(), Timeline(policy).c_str());
  for (const std::string& warning : policy.Warnings()) {
    std::printf("\nWarning: %s\n", warning.c_str());
  }
  return kOk;
}

}  // namespace

const Command kPolicyCommand = {
    "policy",
    "POLICY",
    "check a policy and explain it",
    "Checks the text of a policy, prints it with all its defaults, and says "
    "what\nit means: in words, and by an example through time. Warns of what "
    "is allowed\nand unlikely to be meant. A policy is fields as name=value "
    "with ';' between;\nthe others have their defaults:\n\n"
    "  downsampling_period=AGE:INTERVAL,...  one sample an interval past the "
    "age\n"
    "  dedup_interval=DURATION    one sample an interval at any age (0: off)\n"
    "  retention_period=DURATION  older samples are gone (0: none are)\n"
    "  bucket=DURATION            the time that one row holds (1d)\n"
    "  partition=none|day|week|month  files are cut by it (month)\n"
    "  window=floor|ceil          which end a window includes (floor)\n"
    "  safety_lag=DURATION        how much later files follow (1h)\n"
    "  future_limit=DURATION      how far ahead samples may lie (2d; 0: any)\n"
    "  ageing=on|off              whether files follow at all (on)\n\n"
    "A duration is 90s, 5m, 12h, 30d, 2w, 1y or 500ms.",
    "  varve policy 'downsampling_period=30d:5m,180d:1h;retention_period=1y'\n",
    {"json"},
    Arguments::kWord,
    RunPolicy,
    "  An object: policy (with all defaults), fields (name: value), warnings\n"
    "  (a list of texts), timeline (a list of now_ms, age_ms, samples: how\n"
    "  many of the example's show then).\n",
};

}  // namespace varve::tools
