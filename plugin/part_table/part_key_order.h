// How the keys of a part compare: by the column family's comparator, inlined
// for the bytewise one.
#pragma once

#include <cstring>

#include "plugin/host/rocksdb_internals.h"

namespace varve {

using rocksdb::Slice;

// User keys.
class UserKeyOrder {
 public:
  explicit UserKeyOrder(const rocksdb::Comparator* comparator)
      : comparator_(comparator),
        bytewise_(comparator == rocksdb::BytewiseComparator()) {}

  int operator()(const Slice& a, const Slice& b) const {
    return bytewise_ ? a.compare(b) : comparator_->Compare(a, b);
  }
  // `bound` is a user key without timestamp, `key` one with it.
  int CompareBound(const Slice& bound, const Slice& key) const {
    return bytewise_
               ? bound.compare(key)
               : comparator_->CompareWithoutTimestamp(bound, false, key, true);
  }
  bool bytewise() const { return bytewise_; }
  size_t timestamp_bytes() const { return comparator_->timestamp_size(); }
  const rocksdb::Comparator* comparator() const { return comparator_; }

 private:
  const rocksdb::Comparator* comparator_;
  bool bytewise_;
};

// Internal keys: user key ascending, then sequence and type descending.
class RowKeyOrder {
 public:
  explicit RowKeyOrder(const rocksdb::Comparator* comparator)
      : user_(comparator) {}

  // REQUIRES: both have kInternalKeyTrailerBytes at least.
  int operator()(const Slice& a, const Slice& b) const {
    const size_t a_bytes = a.size() - kInternalKeyTrailerBytes;
    const size_t b_bytes = b.size() - kInternalKeyTrailerBytes;
    const int order = user_(Slice(a.data(), a_bytes), Slice(b.data(), b_bytes));
    if (order != 0) return order;
    const uint64_t a_packed = rocksdb::DecodeFixed64(a.data() + a_bytes);
    const uint64_t b_packed = rocksdb::DecodeFixed64(b.data() + b_bytes);
    return a_packed > b_packed ? -1 : a_packed < b_packed ? 1 : 0;
  }
  const UserKeyOrder& user() const { return user_; }
  // Shorter ones are no internal keys.
  size_t key_bytes_min() const {
    return user_.timestamp_bytes() + kInternalKeyTrailerBytes;
  }
  size_t separator_bytes_min(bool internal_key) const {
    return internal_key ? key_bytes_min() : user_.timestamp_bytes();
  }

 private:
  UserKeyOrder user_;
};

}  // namespace varve
