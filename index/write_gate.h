// Lets registrations in, any number at a time, and keeps them out while a
// deletion is under way.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace varve {

class WriteGate {
 public:
  void Enter();  // waits while the gate is closed
  void Leave();

  void Close();  // waits until all have left, and for another's Open
  void Open();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t inside_ = 0;
  bool closed_ = false;
};

// Closed for a scope.
class ClosedGate {
 public:
  explicit ClosedGate(WriteGate* gate) : gate_(gate) { gate_->Close(); }
  ~ClosedGate() { gate_->Open(); }
  ClosedGate(const ClosedGate&) = delete;
  ClosedGate& operator=(const ClosedGate&) = delete;

 private:
  WriteGate* const gate_;
};

// Entered for a scope, or longer: Keep leaves it to somebody else.
class EnteredGate {
 public:
  explicit EnteredGate(WriteGate* gate) : gate_(gate) { gate_->Enter(); }
  ~EnteredGate() {
    if (gate_ != nullptr) gate_->Leave();
  }
  EnteredGate(const EnteredGate&) = delete;
  EnteredGate& operator=(const EnteredGate&) = delete;
  void Keep() { gate_ = nullptr; }

 private:
  WriteGate* gate_;
};

}  // namespace varve
