// Samples as two columns of equal length, in memory. Values are IEEE-754
// bits: comparing and copying them never touches a NaN payload.
//
// Growing leaves new slots unset (unlike std::vector): whoever grows fills.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace varve {

class SampleRun {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t capacity() const { return capacity_; }

  const int64_t* timestamps() const { return timestamps_.get(); }
  const uint64_t* value_bits() const { return value_bits_.get(); }
  int64_t* timestamps() { return timestamps_.get(); }
  uint64_t* value_bits() { return value_bits_.get(); }

  void clear() { size_ = 0; }

  // Shrinks, or grows by unset slots.
  void Resize(size_t size) {
    Reserve(size);
    size_ = size;
  }

  void Reserve(size_t capacity) {
    if (capacity > capacity_) Reallocate(capacity);
  }

  void Append(int64_t timestamp, uint64_t bits) {
    if (size_ == capacity_) Reallocate(size_ + 1);
    timestamps_[size_] = timestamp;
    value_bits_[size_] = bits;
    ++size_;
  }

  // REQUIRES: the arrays are not this run's own.
  void Append(const int64_t* timestamps, const uint64_t* value_bits,
              size_t count) {
    if (count == 0) return;
    const size_t start = size_;
    if (start + count > capacity_) Reallocate(start + count);
    size_ = start + count;
    std::memcpy(timestamps_.get() + start, timestamps, count * 8);
    std::memcpy(value_bits_.get() + start, value_bits, count * 8);
  }

  void Swap(SampleRun* other) {
    timestamps_.swap(other->timestamps_);
    value_bits_.swap(other->value_bits_);
    std::swap(size_, other->size_);
    std::swap(capacity_, other->capacity_);
  }

 private:
  void Reallocate(size_t capacity) {
    if (capacity < 2 * capacity_) capacity = 2 * capacity_;
    if (capacity < kCapacityMin) capacity = kCapacityMin;
    std::unique_ptr<int64_t[]> timestamps(new int64_t[capacity]);
    std::unique_ptr<uint64_t[]> value_bits(new uint64_t[capacity]);
    if (size_ > 0) {
      std::memcpy(timestamps.get(), timestamps_.get(), size_ * 8);
      std::memcpy(value_bits.get(), value_bits_.get(), size_ * 8);
    }
    timestamps_.swap(timestamps);
    value_bits_.swap(value_bits);
    capacity_ = capacity;
  }

  static constexpr size_t kCapacityMin = 16;

  std::unique_ptr<int64_t[]> timestamps_;
  std::unique_ptr<uint64_t[]> value_bits_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace varve
