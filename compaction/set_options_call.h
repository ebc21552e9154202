// A change of policies by DB::SetOptions, from RocksDB's first word of it to
// the last. RocksDB configures the objects before it knows whether it accepts
// the call: an option of the same call that does not validate, or an OPTIONS
// file that cannot be written, comes later, and nobody tells the objects. So
// what an object is told is a proposal, kept by the calling thread, and
//
//   1. RocksDB hands the fields over, in any order          Propose
//   2. and has all objects prepare, once all is parsed      Prepare
//   3. it validates its own options, and accepts or refuses   (EndOfCall)
//   4. it prints all options into an OPTIONS file           Shown
//   5. and compares what it reads back with the objects     Compare
//
// A proposal comes into force in step 5, whole, and the objects show it in
// steps 4 and 5 to their own thread alone; to everybody else it is not there.
// What is in force is therefore what the OPTIONS file says. (It is renamed
// after that: where this fails, it is in force until the next start.)
//
// Refused are, in step 2, what does not validate as a whole, and a change of
// one object that leaves the others behind.
//
// Step 3 is seen by whether the column family's options lie elsewhere than
// before, for a column family that is known (PolicyUser::Stamp). What RocksDB
// has accepted of the others is seen only by that the same thread writes an
// OPTIONS file next: it is dropped at the thread's next SetOptions, or open.
//
// Thread-safe: all of it is the calling thread's own, but for the swap at the
// end.
#pragma once

#include <string>
#include <unordered_map>

#include "rocksdb/configurable.h"
#include "rocksdb/convenience.h"
#include "varve/policy.h"

namespace varve {

class LivePolicy;

class SetOptionsCall {
 public:
  using Fields = std::unordered_map<std::string, std::string>;

  // Whether an object is configured by a SetOptions, not by itself.
  static bool Is(const rocksdb::ConfigOptions& config);

  // The object of this option is to change these fields. InvalidArgument when
  // one of them cannot be read or the shape would change.
  static Status Propose(const rocksdb::ConfigOptions& config, LivePolicy* live,
                        const char* option, const Fields& fields);

  // The object prepares. OK outside of a SetOptions.
  static Status Prepare(const rocksdb::ConfigOptions& config, LivePolicy* live,
                        const char* option);

  // RocksDB prints the object: into an OPTIONS file, or before it configures.
  static void Print(const rocksdb::ConfigOptions& config,
                    const LivePolicy& live);

  // The policy that the object shows to RocksDB on this thread.
  static Policy Shown(const rocksdb::ConfigOptions& config,
                      const LivePolicy& live);

  // RocksDB compares the object with one that has been read back, with this
  // policy. The proposals come into force when the last of them has been
  // compared. False when they do not agree.
  static bool Compare(const rocksdb::ConfigOptions& config,
                      const LivePolicy& live, const Policy& read_back);

  // RocksDB does on this thread what it does not do between its acceptance of
  // a call and the OPTIONS file: what may have been refused has been.
  static void Refused();

  // The thread is in no SetOptions: whatever it has proposed is over. Answers
  // whether something of it has come into force since the last time; another
  // thread may have changed it again.
  static bool Ended();
};

}  // namespace varve
