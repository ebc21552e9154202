// An open column family as the user of its policy objects, for certain: as
// long as this has a handle of it. Thread-safe: who asks may have got it from
// the objects.
#pragma once

#include <memory>
#include <mutex>

#include "compaction/policy_users.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"

namespace varve {

class OpenFamily : public PolicyUser {
 public:
  // `root` is RootOf the database.
  OpenFamily(rocksdb::DB* root,
             std::unique_ptr<rocksdb::ColumnFamilyHandle> handle);
  // REQUIRES: the database is there, or Close has been called.
  ~OpenFamily() override { Close(); }

  // Gives the handle back: before the database closes, and when the column
  // family has been dropped, so that its files go when its last user does.
  void Close();

  // See FamilyOf.
  const void* family() const { return family_; }

  bool IsOpenForCertain() const override;
  OptionsStamp Stamp() const override;

 private:
  const void* const family_;
  mutable std::mutex mutex_;  // guards what follows
  std::unique_ptr<rocksdb::ColumnFamilyHandle> handle_;
};

// The database's path, the same for all instances of it in this process.
std::string PathOf(rocksdb::DB* db);

// The user is known to the objects of these options that keep a whole policy.
void AddUser(const rocksdb::ColumnFamilyOptions& options,
             const std::shared_ptr<const PolicyUser>& user);

// InvalidArgument when another column family goes by the objects of this one:
// `kEarlier`, one that was there before it.
Status RefuseSharedObjects(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                           const rocksdb::ColumnFamilyOptions& options,
                           PolicyUsers::Others others);

}  // namespace varve
