// Samples out of InfluxDB's line protocol, or of what "influx_inspect export"
// writes, which is that with a head and comments:
//
//   # DDL
//   CREATE DATABASE db WITH NAME rp         skipped
//   # DML
//   # CONTEXT-DATABASE:db                   becomes the label db of what
//   follows # CONTEXT-RETENTION-POLICY:rp           becomes the label rp
//
// A line's field is a series: measurement_field{tag="value",...}. Two pairs of
// measurement and field that come to one name are a bad line, since nobody
// could tell their samples apart. What is written later wins, as there.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/sample_source.h"

namespace varve::tools {

class InfluxSource : public SampleSource {
 public:
  // *remarks must outlive it.
  InfluxSource(std::unique_ptr<InputText> text, const InfluxOptions& options,
               ImportRemarks* remarks);

  Result Next() override;
  void SkipRecord() override { next_field_ = point_.fields.size(); }
  std::string Where() const override;
  const Status& status() const override;
  const std::string& name() const override { return text_->name(); }
  uint64_t done_bytes() const override { return text_->file_offset(); }
  uint64_t total_bytes() const override { return text_->file_bytes(); }

 private:
  // As TakeLine, but for line ends within quotation marks.
  bool TakePoint(std::string_view* line, size_t* bytes);
  void ReadComment(std::string_view line);
  Result ReadPoint(std::string_view line);
  bool CheckLabels();
  bool CheckNames();
  void EmitField();

  const std::unique_ptr<InputText> text_;
  const InfluxOptions options_;
  ImportRemarks* const remarks_;
  Status status_;
  uint64_t line_ = 0;
  bool in_ddl_ = false;
  std::vector<Label> context_;
  InfluxPoint point_;
  size_t next_field_ = 0;
  // Of each metric's name the measurement and the field, a zero between them.
  std::unordered_map<std::string, std::string> names_;
};

}  // namespace varve::tools
