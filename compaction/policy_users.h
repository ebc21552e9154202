// Who goes by the policy inside one object: the open column families that are
// known of. An object is made for one column family. Where two have the same
// object, a policy set for one is in force in the other and drops its data, so
// the second one is refused, and every change of the policy while both are
// there.
//
// RocksDB tells an object nothing about who it serves. A user is known from
// the time that a SampleReader, a SampleWriter or a scheduler meets it, as
// long as that is there; and RocksDB's OPTIONS file names an object once for
// each column family of one database that has it.
//
// Thread-safe. No user is asked under a lock that it could want.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/status.h"
#include "rocksdb/utilities/object_registry.h"

namespace varve {

using rocksdb::Status;

// Where RocksDB keeps the options of a column family that it has accepted; two
// of one column family differ when it has accepted others in between. Empty
// where that is not known.
struct OptionsStamp {
  const void* first = nullptr;
  const void* second = nullptr;

  bool empty() const { return first == nullptr && second == nullptr; }
  bool operator==(const OptionsStamp& other) const {
    return first == other.first && second == other.second;
  }
};

// An open column family.
class PolicyUser {
 public:
  // `database`: its path, the same text in each user of one database.
  PolicyUser(std::string database, uint32_t family_id, std::string family)
      : database_(std::move(database)),
        family_id_(family_id),
        family_(std::move(family)) {}
  virtual ~PolicyUser() = default;
  PolicyUser(const PolicyUser&) = delete;
  PolicyUser& operator=(const PolicyUser&) = delete;

  const std::string& database() const { return database_; }
  uint32_t family_id() const { return family_id_; }
  // "column family 'default' of /data/db"
  std::string Name() const {
    return "column family '" + family_ + "' of " + database_;
  }

  // Whether the column family is open and not dropped for certain. Otherwise
  // somebody has a SampleReader or SampleWriter of it.
  virtual bool IsOpenForCertain() const { return false; }

  // REQUIRES: the calling thread is within DB::SetOptions of this column
  // family, or of one that is not known.
  virtual OptionsStamp Stamp() const { return OptionsStamp(); }

 private:
  const std::string database_;
  const uint32_t family_id_;
  const std::string family_;
};

class PolicyUsers {
 public:
  enum class Others { kEarlier, kAny };

  // The user is known until its last owner lets go of it.
  void Add(const std::shared_ptr<const PolicyUser>& user);

  // InvalidArgument when another column family than `self` goes by the object
  // of this option, `kEarlier`: one that was there before. A read-only or
  // secondary instance of the same database is no other.
  Status RefuseOthers(const PolicyUser& self, Others others,
                      const char* option) const;

  // InvalidArgument when a column family that is open for certain goes by the
  // object: for a database that is about to be opened with it.
  Status RefuseNewUser(const char* option) const;

  // InvalidArgument when more than one column family goes by the object: for a
  // change of its policy by a caller who is not known.
  Status RefuseSharedChange(const char* option) const;

  // A user that is open for certain; nullptr if there is none.
  std::shared_ptr<const PolicyUser> OpenUser() const;

  // RocksDB prints the object into an OPTIONS file, and compares it with what
  // it reads back: once for each column family that has it.
  using OptionsFile = std::shared_ptr<rocksdb::ObjectRegistry>;
  void Printed(const OptionsFile& file);
  void Compared(const OptionsFile& file);

 private:
  std::vector<std::shared_ptr<const PolicyUser>> Living() const;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::vector<std::weak_ptr<const PolicyUser>> users_;  // as they came
  std::weak_ptr<rocksdb::ObjectRegistry> printed_file_;
  int printed_ = 0;
  // For how many column families the last OPTIONS file names the object.
  int families_ = 0;
};

// What to do about two column families with one object, for a message.
Status SharedObject(const char* option, const std::string& users);

}  // namespace varve
