// See open_family.h.
#include "plugin/host/open_family.h"

#include <filesystem>
#include <string>
#include <utility>

#include "compaction/policy_agreement.h"
#include "plugin/host/column_family_handles.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/merge_operator.h"

namespace varve {
namespace {

struct Holder {
  const char* option;
  const LivePolicy* live;
};

// Those that a change of policy concerns.
std::vector<Holder> HoldersOf(const rocksdb::ColumnFamilyOptions& options) {
  std::vector<Holder> holders;
  for (const Holder& holder :
       {Holder{kMergeOption, FindLivePolicy(options.merge_operator.get())},
        Holder{kFilterOption,
               FindLivePolicy(options.compaction_filter_factory.get())}}) {
    if (holder.live != nullptr) holders.push_back(holder);
  }
  return holders;
}

}  // namespace

OpenFamily::OpenFamily(rocksdb::DB* root,
                       std::unique_ptr<rocksdb::ColumnFamilyHandle> handle)
    : PolicyUser(PathOf(root), handle->GetID(), handle->GetName()),
      family_(FamilyOf(handle.get())),
      handle_(std::move(handle)) {}

void OpenFamily::Close() {
  std::unique_ptr<rocksdb::ColumnFamilyHandle> handle;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    handle = std::move(handle_);
  }
  // RocksDB takes its mutex for this and calls listeners.
}

bool OpenFamily::IsOpenForCertain() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return handle_ != nullptr && !IsDropped(handle_.get());
}

OptionsStamp OpenFamily::Stamp() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return handle_ == nullptr ? OptionsStamp() : StampOf(handle_.get());
}

std::string PathOf(rocksdb::DB* db) {
  std::string path;
  if (!db->GetEnv()->GetAbsolutePath(db->GetName(), &path).ok()) {
    path = db->GetName();
  }
  path = std::filesystem::path(path).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

void AddUser(const rocksdb::ColumnFamilyOptions& options,
             const std::shared_ptr<const PolicyUser>& user) {
  for (const Holder& holder : HoldersOf(options)) {
    holder.live->users().Add(user);
  }
}

Status RefuseSharedObjects(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* cf,
                           const rocksdb::ColumnFamilyOptions& options,
                           PolicyUsers::Others others) {
  const PolicyUser self(PathOf(db), cf->GetID(), cf->GetName());
  const auto holders = HoldersOf(options);
  if (holders.empty()) return Status::OK();
  for (const auto& family : FamiliesSharingWith(RootOf(db), cf, options)) {
    if (others == PolicyUsers::Others::kEarlier && family.id > cf->GetID()) {
      break;
    }
    const PolicyUser user(self.database(), family.id, family.name);
    return SharedObject(family.merge_operator ? kMergeOption : kFilterOption,
                        user.Name() + " already");
  }
  for (const Holder& holder : holders) {
    const Status status =
        holder.live->users().RefuseOthers(self, others, holder.option);
    if (!status.ok()) return status;
  }
  return Status::OK();
}

}  // namespace varve
