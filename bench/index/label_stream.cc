// See label_stream.h.
#include "bench/index/label_stream.h"

#include <algorithm>
#include <random>

namespace varve {
namespace {

// Text that cannot be guessed from its number, always the same for it.
class Noise {
 public:
  explicit Noise(uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15 + 1) {}
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  std::string Text(const char* letters, uint64_t letter_count, size_t size) {
    std::string text;
    while (text.size() < size) text += letters[Below(letter_count)];
    return text;
  }
  std::string Hex(size_t size) { return Text("0123456789abcdef", 16, size); }
  std::string Word(size_t size) {
    return Text("bcdfghjklmnpqrstvwxz2456789", 27, size);
  }

 private:
  std::mt19937_64 engine_;
};

OwnedLabelSet Sorted(OwnedLabelSet labels) {
  std::sort(labels.begin(), labels.end());
  return labels;
}

// `count` metrics that have these labels.
void Export(const std::string& family, int count, const OwnedLabelSet& labels,
            const std::function<void(OwnedLabelSet)>& on_set) {
  static const char* const kWhat[] = {"seconds_total",  "bytes", "operations",
                                      "failures_total", "limit", "usage"};
  for (int i = 0; i < count; ++i) {
    OwnedLabelSet set = labels;
    set.emplace_back("__name__",
                     family + "_" + std::to_string(i) + "_" + kWhat[i % 6]);
    on_set(Sorted(std::move(set)));
  }
}

OwnedLabelSet With(OwnedLabelSet labels, const std::string& name,
                   const std::string& value) {
  labels.emplace_back(name, value);
  return labels;
}

void ExportRequests(const OwnedLabelSet& labels,
                    const std::function<void(OwnedLabelSet)>& on_set) {
  static const char* const kBounds[] = {"0.005", "0.01", "0.025", "0.05",
                                        "0.1",   "0.25", "0.5",   "1",
                                        "2.5",   "5",    "10",    "+Inf"};
  for (const char* const handler : {"/", "/items", "/orders", "/health"}) {
    const OwnedLabelSet of =
        With(With(labels, "handler", handler), "method", "GET");
    for (const char* const bound : kBounds) {
      on_set(Sorted(With(With(of, "le", bound), "__name__",
                         "http_request_duration_seconds_bucket")));
    }
    for (const char* const end : {"sum", "count"}) {
      on_set(Sorted(With(of, "__name__",
                         std::string("http_request_duration_seconds_") + end)));
    }
    for (const char* const code : {"200", "404", "500"}) {
      on_set(Sorted(
          With(With(of, "code", code), "__name__", "http_requests_total")));
    }
  }
}

}  // namespace

LabelStream::LabelStream(const Options& options) : options_(options) {
  Noise noise(options.seed);
  std::vector<Target> targets;
  uint64_t number = 0;
  for (uint64_t i = 0; i < options.targets; ++i) {
    // Some deployments are large, most are small.
    const uint64_t kind = noise.Below(1 + noise.Below(400));
    targets.push_back({number++, kind, 0});
  }
  for (uint64_t day = 0; day < options.days; ++day) {
    for (Target& target : targets) {
      if (day > 0 && noise.Below(100) < options.replaced_pct) {
        target = {number++, target.kind, day};
      }
    }
    std::vector<Target> shuffled = targets;
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(day));
    days_.push_back(std::move(shuffled));
  }
}

void LabelStream::KnownOf(uint64_t day, const OnRequest& on_request) const {
  Send(day, false, on_request);
}

void LabelStream::NewOf(uint64_t day, const OnRequest& on_request) const {
  Send(day, true, on_request);
}

void LabelStream::Send(uint64_t day, bool is_new,
                       const OnRequest& on_request) const {
  std::vector<std::vector<OwnedLabelSet>> queues(
      std::max<uint64_t>(1, options_.queues));
  for (const Target& target : days_[day]) {
    if ((target.since == day) != is_new) continue;
    Make(target, [&](OwnedLabelSet set) {
      std::string text;
      for (const auto& label : set) text += label.first + label.second;
      auto& queue = queues[std::hash<std::string>()(text) % queues.size()];
      queue.push_back(std::move(set));
      if (queue.size() < options_.request) return;
      on_request(queue);
      queue.clear();
    });
  }
  for (const auto& queue : queues) {
    if (!queue.empty()) on_request(queue);
  }
}

std::string LabelStream::SomePod() const {
  std::string pod;
  Make(days_[0][0], [&](const OwnedLabelSet& set) {
    for (const auto& label : set) {
      if (label.first == "pod") pod = label.second;
    }
  });
  return pod;
}

void LabelStream::Make(const Target& target, const OnSet& on_set) const {
  if (options_.kind == LabelKind::kCluster) {
    MakePod(target, on_set);
  } else {
    MakeDevices(target, on_set);
  }
}

void LabelStream::MakePod(const Target& target, const OnSet& on_set) const {
  Noise of_kind(target.kind + 1000);
  Noise own(target.number + 1000000);
  const std::string app =
      "service-" + of_kind.Word(6) + "-" + std::to_string(target.kind);
  const std::string space = "team-" + std::to_string(target.kind % 60);
  const std::string pod = app + "-" + of_kind.Hex(10) + "-" + own.Word(5);
  const std::string uid = own.Hex(8) + "-" + own.Hex(4) + "-" + own.Hex(12);
  const uint64_t node_number = own.Below(100);
  const std::string node =
      "node-" + std::to_string(node_number) + ".eu1.example.internal";
  const OwnedLabelSet everywhere = {
      {"cluster", "prod-eu1"}, {"namespace", space}, {"pod", pod}};
  for (const char* const container : {"app", "proxy"}) {
    OwnedLabelSet set = everywhere;
    set.emplace_back("container", container);
    set.emplace_back("id", "/kubepods/pod" + uid + "/" + own.Hex(64));
    set.emplace_back("image", *container == 'a'
                                  ? "registry.example.com/" + app + ":v7"
                                  : "docker.io/proxy:1.20.3");
    set.emplace_back("instance",
                     "192.168.0." + std::to_string(node_number) + ":10250");
    set.emplace_back("job", "kubelet");
    set.emplace_back("metrics_path", "/metrics/cadvisor");
    set.emplace_back("node", node);
    Export("container", 40, set, on_set);
  }
  OwnedLabelSet state = everywhere;
  state.emplace_back("container", "app");
  state.emplace_back("instance", "10.0.0.7:8080");
  state.emplace_back("job", "kube-state-metrics");
  state.emplace_back("node", node);
  state.emplace_back("uid", uid);
  Export("kube_pod", 30, state, on_set);
  OwnedLabelSet process = everywhere;
  process.emplace_back("container", "app");
  process.emplace_back("endpoint", "http-metrics");
  process.emplace_back("instance", "10." + std::to_string(own.Below(4)) + "." +
                                       std::to_string(own.Below(256)) + "." +
                                       std::to_string(own.Below(256)) +
                                       ":8080");
  process.emplace_back("job", app);
  process.emplace_back("service", app);
  Export("process", 30, process, on_set);
  Export("app" + std::to_string(target.kind % 25), 5, process, on_set);
  ExportRequests(process, on_set);
}

void LabelStream::MakeDevices(const Target& target, const OnSet& on_set) const {
  for (uint64_t i = 0; i < 100; ++i) {
    Noise own(target.number * 100 + i);
    const OwnedLabelSet set = {{"device", own.Hex(16)},
                               {"region", "r" + std::to_string(own.Below(20))},
                               {"tenant", std::to_string(own.Below(2000))}};
    Export("device", 2, set, on_set);
  }
}

}  // namespace varve
