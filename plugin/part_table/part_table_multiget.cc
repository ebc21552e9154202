// MultiGet: keys that share a box read it once, and the boxes that are not
// cached are read in one request to the file system.
#include "plugin/host/file_io.h"
#include "plugin/part_table/part_index_cursor.h"
#include "plugin/part_table/part_table_reader.h"

namespace varve {

using rocksdb::FSReadRequest;
using rocksdb::MultiGetContext;
using rocksdb::ReadOptions;
using rocksdb::SliceTransform;

struct PartTableReader::MultiGetPlan {
  struct Box {
    BoxHandle handle;
    BoxRef ref;
    Status status;
    size_t key_count = 0;
  };
  struct Key {
    rocksdb::KeyContext* context;
    size_t box;
  };
  std::vector<Key> keys;
  std::vector<Box> boxes;  // ascending
};

namespace {

// One contiguous read of boxes [first, first + count) of the plan's missing.
struct Run {
  uint64_t offset;
  size_t bytes;
  size_t first;
  size_t count;
};

std::vector<Run> AdjacentRuns(const std::vector<BoxHandle>& handles) {
  std::vector<Run> runs;
  for (size_t i = 0; i < handles.size(); ++i) {
    const size_t bytes =
        static_cast<size_t>(handles[i].bytes) + kBoxTrailerBytes;
    if (!runs.empty() &&
        runs.back().offset + runs.back().bytes == handles[i].offset) {
      runs.back().bytes += bytes;
      ++runs.back().count;
    } else {
      runs.push_back({handles[i].offset, bytes, i, 1});
    }
  }
  return runs;
}

}  // namespace

Status PartTableReader::MultiGetFilter(const ReadOptions& read_options,
                                       const SliceTransform* prefix_extractor,
                                       MultiGetContext::Range* range) {
  for (auto key = range->begin(); key != range->end(); ++key) {
    const BoxRequest request{read_options, nullptr, key->get_context, false};
    bool may_exist = true;
    Status status =
        KeyMayExist(key->ikey, request, prefix_extractor, &may_exist);
    if (!status.ok()) return status;
    if (!may_exist) range->SkipKey(key);
  }
  return Status::OK();
}

void PartTableReader::PlanMultiGet(const ReadOptions& read_options,
                                   MultiGetContext::Range* range,
                                   PartIndexCursor* index,
                                   MultiGetPlan* plan) const {
  for (auto key = range->begin(); key != range->end(); ++key) {
    index->Seek(key->ikey);
    if (!index->Valid()) {
      *key->s = index->status();
      if (key->s->IsIncomplete()) key->get_context->MarkKeyMayExist();
      continue;
    }
    if (plan->boxes.empty() ||
        !(plan->boxes.back().handle == index->handle())) {
      plan->boxes.emplace_back();
      plan->boxes.back().handle = index->handle();
      const BoxRequest request{read_options, nullptr, key->get_context, false};
      source_.Lookup(index->handle(), BoxKind::kRows, request,
                     &plan->boxes.back().ref);
    }
    ++plan->boxes.back().key_count;
    plan->keys.push_back({&*key, plan->boxes.size() - 1});
  }
}

void PartTableReader::ReadPlanned(const ReadOptions& read_options,
                                  MultiGetPlan* plan) const {
  const BoxRequest request{read_options};
  std::vector<BoxHandle> handles;
  std::vector<MultiGetPlan::Box*> missing;
  for (MultiGetPlan::Box& box : plan->boxes) {
    if (!box.ref.empty()) continue;
    if (read_options.read_tier == rocksdb::kBlockCacheTier) {
      box.status = Status::Incomplete("not in the block cache");
      continue;
    }
    missing.push_back(&box);
    handles.push_back(box.handle);
  }
  if (missing.empty()) return;
  if (missing.size() == 1 || source_.mapped()) {
    for (MultiGetPlan::Box* box : missing) {
      box->status =
          source_.Load(box->handle, BoxKind::kRows, request, &box->ref);
    }
    return;
  }

  const std::vector<Run> runs = AdjacentRuns(handles);
  rocksdb::RandomAccessFileReader* file = source_.file();
  std::vector<FSReadRequest> reads(runs.size());
  std::vector<std::unique_ptr<char[]>> scratch(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    reads[i].offset = runs[i].offset;
    reads[i].len = runs[i].bytes;
    if (!file->use_direct_io()) scratch[i].reset(new char[runs[i].bytes]);
    reads[i].scratch = scratch[i].get();
  }
  DirectBuffer aligned;
  rocksdb::IOOptions io;
  rocksdb::IOStatus status = file->PrepareIOOptions(read_options, io);
  if (status.ok()) {
    status = ReadFileRanges(*file, io, reads.data(), reads.size(), &aligned,
                            read_options.rate_limiter_priority);
  }
  PERF_COUNTER_ADD(block_read_count, missing.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    const Status read_status = status.ok() ? reads[i].status : status;
    PERF_COUNTER_ADD(block_read_byte, runs[i].bytes);
    for (size_t k = runs[i].first; k < runs[i].first + runs[i].count; ++k) {
      MultiGetPlan::Box* box = missing[k];
      box->status = read_status;
      if (!box->status.ok()) continue;
      const size_t at =
          static_cast<size_t>(box->handle.offset - runs[i].offset);
      const size_t bytes =
          static_cast<size_t>(box->handle.bytes) + kBoxTrailerBytes;
      if (at + bytes > reads[i].result.size()) {
        box->status = source_.Corrupt("truncated at offset " +
                                      std::to_string(box->handle.offset));
        continue;
      }
      box->status =
          source_.Admit(Slice(reads[i].result.data() + at, bytes), box->handle,
                        BoxKind::kRows, request, &box->ref);
    }
  }
}

void PartTableReader::MultiGet(const ReadOptions& read_options,
                               const MultiGetContext::Range* mget_range,
                               const SliceTransform* prefix_extractor,
                               bool skip_filters) {
  MultiGetContext::Range range(*mget_range, mget_range->begin(),
                               mget_range->end());
  if (!skip_filters) {
    const Status status =
        MultiGetFilter(read_options, prefix_extractor, &range);
    if (!status.ok()) {
      for (auto key = range.begin(); key != range.end(); ++key)
        *key->s = status;
      return;
    }
  }
  PartIndexCursor index(*this, BoxRequest{read_options});
  MultiGetPlan plan;
  PlanMultiGet(read_options, &range, &index, &plan);
  ReadPlanned(read_options, &plan);

  PartRows rows(*this);
  for (MultiGetPlan::Key& key : plan.keys) {
    rocksdb::KeyContext& context = *key.context;
    MultiGetPlan::Box& box = plan.boxes[key.box];
    const BoxRequest request{read_options, nullptr, context.get_context, false};
    Status status = box.status;
    bool matched = false;
    bool done = false;
    if (status.ok()) {
      // The last key of a box takes it, the others share it.
      BoxRef ref = --box.key_count == 0 ? std::move(box.ref) : box.ref.Share();
      status = rows.Open(box.handle, std::move(ref));
    }
    if (status.ok()) {
      status = SaveVersions(context.ikey, request, &rows, &matched, &done);
    }
    if (status.ok() && !done) {
      index.Seek(context.ikey);
      if (index.Valid() && !LastBoxOf(index, context.ikey)) {
        index.Next();
        status = GetFrom(context.ikey, request, &index, &matched);
      } else {
        status = index.status();
      }
    }
    if (status.IsIncomplete()) context.get_context->MarkKeyMayExist();
    if (matched && root_.filter.shard_count > 0) {
      RecordTick(source_.ioptions().stats,
                 rocksdb::BLOOM_FILTER_FULL_TRUE_POSITIVE);
    }
    *context.s = status;
  }
}

}  // namespace varve
