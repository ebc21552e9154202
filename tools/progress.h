// How far a long step is, on one line of the terminal: percent, rate and time
// left. Says nothing in the first second, and nothing at all where standard
// error is not a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace varve::tools {

// "1,234,567", "12.3 MB", "1m 5s".
std::string WithCommas(uint64_t number);

// "1 file", "2,000 files".
std::string Counted(uint64_t number, const char* one);
std::string Bytes(uint64_t bytes);
std::string Seconds(double seconds);

// What the line says. `total` 0: unknown. `items` 0: left out.
std::string ProgressText(const std::string& what, uint64_t done, uint64_t total,
                         uint64_t items, double seconds,
                         const char* item = "samples");

class Progress {
 public:
  // Whether the command prints as it goes: where standard output is a
  // terminal too, that is progress enough, and a line would stand between.
  enum class Prints { kAtTheEnd, kAllAlong };

  // `what` names the step, as "import".
  explicit Progress(std::string what, Prints prints = Prints::kAtTheEnd,
                    const char* item = "samples");
  // Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Whether anybody would see it: what only serves to show it can be left
  // undone.
  bool is_shown() const { return terminal_; }

  // Goes on with another step: its own share, rate and time left.
  void Step(std::string what);

  // `done` of `total` in any unit, so many items so far. Cheap to call
  // often.
  void Update(uint64_t done, uint64_t total, uint64_t items);

  // Of all steps.
  double seconds() const;

 private:
  std::string what_;
  const char* const item_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point start_;
  double step_seconds_ = 0;  // when this step began
  double next_seconds_ = 1;
  bool line_open_ = false;
};

}  // namespace varve::tools
