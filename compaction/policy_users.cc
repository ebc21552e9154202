// See policy_users.h.
#include "compaction/policy_users.h"

#include <algorithm>

namespace varve {
namespace {

bool SameFamily(const PolicyUser& a, const PolicyUser& b) {
  return a.database() == b.database() && a.family_id() == b.family_id();
}

// Within one database only those count that are there for certain: readers may
// be left over from column families that have been dropped.
bool IsOther(const PolicyUser& self, const PolicyUser& user) {
  if (user.database() != self.database()) return true;
  return user.family_id() != self.family_id() && user.IsOpenForCertain();
}

}  // namespace

Status SharedObject(const char* option, const std::string& users) {
  return Status::InvalidArgument(
      std::string("the object in ") + option + " serves " + users +
      ", and a policy set for one column family would be in force in the "
      "other: give each objects of its own, by a call of "
      "varve::ConfigureColumnFamily on its ColumnFamilyOptions or by an "
      "options string of its own");
}

void PolicyUsers::Add(const std::shared_ptr<const PolicyUser>& user) {
  std::lock_guard<std::mutex> lock(mutex_);
  users_.erase(
      std::remove_if(users_.begin(), users_.end(),
                     [](const auto& known) { return known.expired(); }),
      users_.end());
  users_.push_back(user);
}

std::vector<std::shared_ptr<const PolicyUser>> PolicyUsers::Living() const {
  std::vector<std::shared_ptr<const PolicyUser>> living;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& user : users_) {
    if (auto there = user.lock()) living.push_back(std::move(there));
  }
  return living;
}

Status PolicyUsers::RefuseOthers(const PolicyUser& self, Others others,
                                 const char* option) const {
  for (const auto& user : Living()) {
    if (others == Others::kEarlier && SameFamily(*user, self)) break;
    if (IsOther(self, *user))
      return SharedObject(option, user->Name() + " already");
  }
  return Status::OK();
}

Status PolicyUsers::RefuseNewUser(const char* option) const {
  const auto user = OpenUser();
  return user == nullptr ? Status::OK()
                         : SharedObject(option, user->Name() + " already");
}

Status PolicyUsers::RefuseSharedChange(const char* option) const {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (families_ > 1) {
      return SharedObject(option, std::to_string(families_) +
                                      " column families of one database");
    }
  }
  const auto living = Living();
  for (const auto& user : living) {
    for (const auto& other : living) {
      if (!IsOther(*user, *other) || !(user->IsOpenForCertain() ||
                                       user->database() != other->database())) {
        continue;
      }
      return SharedObject(option, user->Name() + " and " + other->Name());
    }
  }
  return Status::OK();
}

std::shared_ptr<const PolicyUser> PolicyUsers::OpenUser() const {
  for (const auto& user : Living()) {
    if (user->IsOpenForCertain()) return user;
  }
  return nullptr;
}

void PolicyUsers::Printed(const OptionsFile& file) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (printed_file_.lock() != file) {
    printed_file_ = file;
    printed_ = 0;
  }
  ++printed_;
}

void PolicyUsers::Compared(const OptionsFile& file) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (file != nullptr && printed_file_.lock() == file) families_ = printed_;
}

}  // namespace varve
