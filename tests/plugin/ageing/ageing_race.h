// The moments at which ageing meets everything else that happens to a
// database, brought about by RocksDB's own sync points. A release build of
// RocksDB has none: tests say so and are skipped (NDEBUG follows the library).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "test_util/sync_point.h"
#include "tests/plugin/ageing/ageing_db.h"

namespace varve {

// Days of 2024: January from 19723, February 19754.
inline constexpr int64_t kJanuary = 19723;
inline constexpr int64_t kFebruary = 19754;
inline constexpr char kTier[] = "downsampling_period=30d:5m;safety_lag=0";
inline constexpr char kRetention[] = "retention_period=60d;safety_lag=0";

// Something that happens once.
class Event {
 public:
  void Set() {
    std::lock_guard<std::mutex> lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }
  bool IsSet() {
    std::lock_guard<std::mutex> lock(mutex_);
    return set_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

#ifndef NDEBUG

inline constexpr char kBeforeJob[] = "TestCompactFiles::IngestExternalFile2";
inline constexpr char kInJob[] = "CompactFilesImpl:1";

class AgeingRace : public testing::Test {
 protected:
  ~AgeingRace() override {
    SyncPoint()->DisableProcessing();
    SyncPoint()->ClearAllCallBacks();
  }

  static rocksdb::SyncPoint* SyncPoint() {
    return rocksdb::SyncPoint::GetInstance();
  }

  // `act` runs once: the first time that `thread` comes to the point, or any
  // thread if none is given.
  static void Once(const char* point, std::function<void()> act,
                   std::thread::id thread = std::thread::id()) {
    auto done = std::make_shared<std::atomic<bool>>(false);
    SyncPoint()->SetCallBack(point, [=](void*) {
      if (thread != std::thread::id() && thread != std::this_thread::get_id()) {
        return;
      }
      if (!done->exchange(true)) act();
    });
    SyncPoint()->EnableProcessing();
  }
  static void OnceHere(const char* point, std::function<void()> act) {
    Once(point, std::move(act), std::this_thread::get_id());
  }

  // January and the first days of February.
  static void Fill(AgeingDb* db) {
    for (int64_t day = kJanuary; day < kFebruary + 3; ++day) {
      db->WriteDay("a", day);
    }
    db->Flush();
    db->CompactAll();
    ASSERT_EQ(db->Files().size(), 2u);
  }

  static void ExpectAged(AgeingDb* db,
                         const std::map<int64_t, double>& expected) {
    EXPECT_EQ(db->Read("a"), expected);
    db->SetDay(kFebruary + 41);
    // At level 0 RocksDB's turn may come first.
    db->CompactAll();
    EXPECT_EQ(AgeNow(db->db()).ToString(), "OK");
    EXPECT_TRUE(db->Plan().jobs.empty());
  }
};

#endif

}  // namespace varve
