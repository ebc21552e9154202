// Holds a database against its model: what every reader sees, and what lies
// on disk after all of it has been compacted.
//
// While the policies so far allow it (Model::exact), a reader sees exactly
// View of all writes. After a change of policy that cannot be exact: nothing
// that no policy could have taken is missing, nothing is there that was never
// written, and what is there obeys the policy in force.
#pragma once

#include <string>
#include <vector>

#include "tests/metamorphic/model.h"
#include "tests/metamorphic/subject.h"

namespace varve {

const std::vector<std::string>& SeriesNames();

// A fatal failure unless `status` is OK.
void AssertOk(const Status& status);

class ViewCheck {
 public:
  ViewCheck(Subject* subject, RandomSource* random)
      : subject_(*subject), random_(*random) {}

  void Readers(const SampleReadOptions& options, const Model& model);

  // One rewrite finishes a row: after a compaction of everything, with no
  // snapshot held, each row is one value that holds what View asks for at
  // `disk_now_ms`, the time that disks go by.
  void Disk(const Model& model, int64_t disk_now_ms);

 private:
  Status Read(const SampleReadOptions& options, const std::string& series,
              int64_t start_ms, int64_t end_ms, Samples* samples);
  void Series(const SampleReadOptions& options, const Model& model,
              const std::string& series);
  void Scan(const SampleReadOptions& options);
  void Row(const SampleReadOptions& options, const Model& model,
           const std::string& series, int64_t bucket, const Model::Row& row);
  void RowAsChanged(const SampleReadOptions& options, const Model& model,
                    const Model::Row& row, const Samples& seen);
  void SomeRange(const SampleReadOptions& options, const std::string& series,
                 const Samples& all);
  void List(const SampleReadOptions& options, const Model& model);
  void OnlyValues();

  Subject& subject_;
  RandomSource& random_;
};

}  // namespace varve
