// Reading and writing of table files. A read's priority is an argument up to
// RocksDB 8.5 and a member of IOOptions from 8.6 on; writes take IOOptions from
// 8.11 on.
#pragma once

#include <memory>

#include "plugin/host/rocksdb_internals.h"

namespace varve {

#if VARVE_ROCKSDB_AT_LEAST(11, 8)
using DirectBuffer = rocksdb::AlignedBuffer;
#else
using DirectBuffer = rocksdb::AlignedBuf;
#endif

// What a compaction reads ahead at least. RocksDB up to 8.7 had another
// readahead where compaction_readahead_size is 0; from 8.8 on there is none,
// and OPTIONS files of databases made before keep the 0, which was the default.
inline constexpr size_t kCompactionReadaheadBytesMin =
    VARVE_ROCKSDB_AT_LEAST(8, 8) ? size_t{2} << 20 : 0;

// What is read of a file, and how.
struct FileRead {
  rocksdb::IOOptions io;
  uint64_t offset = 0;
  size_t bytes = 0;
  rocksdb::Env::IOPriority priority = rocksdb::Env::IO_TOTAL;
};

// `direct` is for files that are read past the page cache, `scratch` for the
// others.
inline rocksdb::IOStatus ReadFile(const rocksdb::RandomAccessFileReader& file,
                                  FileRead read, rocksdb::Slice* result,
                                  char* scratch, DirectBuffer* direct) {
#if VARVE_ROCKSDB_AT_LEAST(8, 6)
  read.io.rate_limiter_priority = read.priority;
#endif
#if VARVE_ROCKSDB_AT_LEAST(11, 8)
  rocksdb::AlignedBufferAllocationContext context;
  context.buffer = direct;
  return file.Read(read.io, read.offset, read.bytes, result, scratch,
                   direct != nullptr ? &context : nullptr);
#elif VARVE_ROCKSDB_AT_LEAST(8, 6)
  return file.Read(read.io, read.offset, read.bytes, result, scratch, direct);
#else
  return file.Read(read.io, read.offset, read.bytes, result, scratch, direct,
                   read.priority);
#endif
}

inline rocksdb::IOStatus ReadFileRanges(
    const rocksdb::RandomAccessFileReader& file, rocksdb::IOOptions io,
    rocksdb::FSReadRequest* ranges, size_t count, DirectBuffer* direct,
    rocksdb::Env::IOPriority priority) {
#if VARVE_ROCKSDB_AT_LEAST(8, 6)
  io.rate_limiter_priority = priority;
#endif
#if VARVE_ROCKSDB_AT_LEAST(11, 8)
  rocksdb::AlignedBufferAllocationContext context;
  context.buffer = direct;
  return file.MultiRead(io, ranges, count, &context);
#elif VARVE_ROCKSDB_AT_LEAST(8, 6)
  return file.MultiRead(io, ranges, count, direct);
#else
  return file.MultiRead(io, ranges, count, direct, priority);
#endif
}

// Lets the file system read ahead; NotSupported where it cannot.
inline rocksdb::IOStatus PrefetchFile(
    const rocksdb::RandomAccessFileReader& file, uint64_t offset, size_t bytes,
    rocksdb::Env::IOPriority priority) {
#if VARVE_ROCKSDB_AT_LEAST(8, 6)
  rocksdb::IOOptions io;
  io.rate_limiter_priority = priority;
  return file.Prefetch(io, offset, bytes);
#else
  return file.Prefetch(offset, bytes, priority);
#endif
}

struct PrefetchSizes {
  size_t initial_bytes = 0;
  size_t max_bytes = 0;
  // Not null: reading ahead is RocksDB's own idea, and begins after so many
  // reads in a row.
  uint64_t reads_before = 0;
};

inline std::unique_ptr<rocksdb::FilePrefetchBuffer> NewPrefetchBuffer(
    const PrefetchSizes& sizes, bool enable, rocksdb::FileSystem* fs,
    rocksdb::SystemClock* clock, rocksdb::Statistics* stats) {
  const bool automatic = sizes.reads_before > 0;
  const uint64_t reads = automatic ? sizes.reads_before + 1 : 0;
#if VARVE_ROCKSDB_AT_LEAST(8, 11)
  rocksdb::ReadaheadParams params;
  params.initial_readahead_size = sizes.initial_bytes;
  params.max_readahead_size = sizes.max_bytes;
  params.implicit_auto_readahead = automatic;
  params.num_file_reads = reads;
  params.num_file_reads_for_auto_readahead = sizes.reads_before;
  return std::make_unique<rocksdb::FilePrefetchBuffer>(
      params, enable, /*track_min_offset=*/false, fs, clock, stats);
#else
  return std::make_unique<rocksdb::FilePrefetchBuffer>(
      sizes.initial_bytes, sizes.max_bytes, enable, /*track_min_offset=*/false,
      automatic, reads, sizes.reads_before,
#if VARVE_ROCKSDB_AT_LEAST(8, 6) && !VARVE_ROCKSDB_AT_LEAST(8, 10)
      /*upper_bound_offset=*/0,
#endif
      fs, clock, stats);
#endif
}

// False: the bytes have to be read from the file, unless *status is an error.
inline bool ReadFromPrefetch(rocksdb::FilePrefetchBuffer* buffer,
                             rocksdb::RandomAccessFileReader* file,
                             FileRead read, bool for_compaction,
                             rocksdb::Slice* result, rocksdb::Status* status) {
#if VARVE_ROCKSDB_AT_LEAST(8, 6)
  read.io.rate_limiter_priority = read.priority;
  return buffer->TryReadFromCache(read.io, file, read.offset, read.bytes,
                                  result, status, for_compaction);
#else
  return buffer->TryReadFromCache(read.io, file, read.offset, read.bytes,
                                  result, status, read.priority,
                                  for_compaction);
#endif
}

// A table file that is being written, for what it is written for.
class TableFileWriter {
 public:
  TableFileWriter(const rocksdb::TableBuilderOptions& options,
                  rocksdb::WritableFileWriter* file)
      : file_(file) {
#if VARVE_ROCKSDB_AT_LEAST(9, 0)
    // Without it, statistics do not know what the file is written for.
    prepared_ = rocksdb::WritableFileWriter::PrepareIOOptions(
        options.write_options, io_);
#else
    (void)options;
#endif
  }
  ~TableFileWriter() { prepared_.PermitUncheckedError(); }

  rocksdb::IOStatus Append(const rocksdb::Slice& bytes) {
    if (!prepared_.ok()) return prepared_;
#if VARVE_ROCKSDB_AT_LEAST(8, 11)
    return file_->Append(io_, bytes);
#else
    return file_->Append(bytes);
#endif
  }
  // Null where RocksDB has given none.
  rocksdb::WritableFileWriter* file() const { return file_; }

 private:
  rocksdb::WritableFileWriter* const file_;
  rocksdb::IOOptions io_;
  rocksdb::IOStatus prepared_;
};

inline rocksdb::IOStatus FlushAndClose(rocksdb::WritableFileWriter* file) {
#if VARVE_ROCKSDB_AT_LEAST(8, 11)
  const rocksdb::IOOptions io;
  const rocksdb::IOStatus flushed = file->Flush(io);
  return flushed.ok() ? file->Close(io) : flushed;
#else
  const rocksdb::IOStatus flushed = file->Flush();
  return flushed.ok() ? file->Close() : flushed;
#endif
}

}  // namespace varve
