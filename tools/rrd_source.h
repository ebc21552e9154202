// Samples out of what "rrdtool dump" prints of a round robin database.
//
//   <rrd> <step>60</step> <lastupdate>1700001207</lastupdate>
//     <ds><name> in </name> ...</ds> ...
//     <rra><cf>AVERAGE</cf><pdp_per_row>5</pdp_per_row> ...
//       <database>
//         <!-- 2023-11-14 22:20:00 UTC / 1700000400 --> <row><v>1.5</v></row>
//
// A row's time is that of its comment, and the end of what it covers. Every
// archive and every data source is a series of its own:
//
//   file{cf="AVERAGE",ds="in",step="300"}
//
// An unknown value (NaN) is no sample, and counted. Of XML only what that
// program writes is read: no attributes but in its head, no entities.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sample_source.h"

namespace varve::tools {

class RrdSource : public SampleSource {
 public:
  // `metric_name` empty: the file's. *remarks must outlive it.
  RrdSource(std::unique_ptr<InputText> text, const std::string& metric_name,
            ImportRemarks* remarks);

  Result Next() override;
  const char* record_name() const override { return "row"; }
  std::string Where() const override;
  const Status& status() const override;
  const std::string& name() const override { return text_->name(); }
  uint64_t done_bytes() const override { return text_->file_offset(); }
  uint64_t total_bytes() const override { return text_->file_bytes(); }

 private:
  enum class Token { kOpen, kClose, kText, kComment, kEnd };

  Token NextToken();
  Token TakeMarkup(std::string_view ending, size_t head_bytes, Token token);
  // What a token means. False: status_ says what is wrong.
  bool Open();
  bool Close();
  bool Text();
  bool Comment();
  bool EndRow();
  bool EndDatabase();
  bool Fail(const std::string& what);
  // Moves the rows that are held into columns to hand out.
  void HandOut();
  bool Within(std::string_view element) const;

  const std::unique_ptr<InputText> text_;
  ImportRemarks* const remarks_;
  std::string metric_name_;
  Status status_;
  uint64_t line_ = 0;
  std::string token_;              // the name, the text or the comment
  std::vector<std::string> path_;  // the elements that are open
  bool ended_ = false;

  int64_t step_ = 0, last_update_ = 0;
  std::vector<std::string> sources_;
  std::string consolidation_;
  int64_t steps_per_row_ = 0;
  int64_t row_time_ = 0, last_row_time_ = 0;  // seconds; 0: none yet
  std::vector<double> row_;

  uint64_t rows_held_ = 0;
  std::vector<std::vector<Sample>> columns_;  // of rows that are held
  size_t next_column_ = 0;
  bool handing_out_ = false;
};

}  // namespace varve::tools
