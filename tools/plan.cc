// varve plan: what ageing would do to a database, and when.
#include <gflags/gflags.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/row/block_dump.h"
#include "tools/command.h"
#include "tools/database.h"
#include "tools/json_text.h"
#include "tools/progress.h"
#include "varve/varve.h"

DECLARE_string(policy);
DEFINE_string(changes, "",
              "Plan as if these fields of the policy were set, as "
              "'retention_period=90d'");
DEFINE_bool(files, false, "Also a line for every file");

namespace varve::tools {
namespace {

std::string When(int64_t time_ms) {
  return time_ms == kNever ? "never" : TimeText(time_ms);
}

void PrintRule(const AgeingTierReport& rule) {
  std::printf("  %-14s done %s samples, due %s (%s)", rule.rule.c_str(),
              WithCommas(rule.done_samples).c_str(),
              WithCommas(rule.due_samples).c_str(),
              Bytes(rule.due_bytes).c_str());
  if (rule.waiting_samples > 0) {
    std::printf(", %s wait", WithCommas(rule.waiting_samples).c_str());
  }
  std::printf(rule.next_ms == kNever ? "\n" : ", next %s\n",
              When(rule.next_ms).c_str());
}

void PrintJob(const AgeingJob& job) {
  std::string files;
  for (const std::string& file : job.files) files += " " + file.substr(1);
  std::printf("  %s at level %d, %s (%s due):%s: %s\n",
              AgeingActionName(job.action), job.level, Bytes(job.bytes).c_str(),
              Bytes(job.due_bytes).c_str(), files.c_str(), job.why.c_str());
}

void Print(const std::string& family, const AgeingPlan& plan) {
  std::printf("column family %s at %s: %s\n", family.c_str(),
              TimeText(plan.now_ms).c_str(), plan.policy.ToString().c_str());
  for (const AgeingTierReport& rule : plan.tiers) PrintRule(rule);
  std::printf("jobs\n");
  for (const AgeingJob& job : plan.jobs) PrintJob(job);
  if (plan.jobs.empty()) std::printf("  none now\n");
  std::printf("next work that waits: %s\n", When(plan.next_ms).c_str());
  if (FLAGS_files) std::printf("files\n");
  for (const AgeingFileReport& file : plan.files) {
    if (!FLAGS_files) break;
    std::printf("  %s  level %d  %10s  %-8s %s: %s\n",
                file.name.substr(1).c_str(), file.level,
                Bytes(file.bytes).c_str(), AgeingActionName(file.action),
                When(file.when_ms).c_str(), file.why.c_str());
  }
  for (const std::string& warning : plan.warnings) {
    std::printf("Warning: %s\n", warning.c_str());
  }
}

// A time that never comes is left away.
void WriteTime(const char* key, int64_t time_ms, JsonText* json) {
  if (time_ms != kNever) json->Signed(key, time_ms);
}

void WriteRules(const AgeingPlan& plan, JsonText* json) {
  json->BeginList("rules");
  for (const AgeingTierReport& rule : plan.tiers) {
    json->BeginObject();
    json->Text("rule", rule.rule);
    json->Signed("interval_ms", rule.interval_ms);
    json->Number("done_samples", rule.done_samples);
    json->Number("done_bytes", rule.done_bytes);
    json->Number("due_samples", rule.due_samples);
    json->Number("due_bytes", rule.due_bytes);
    json->Number("waiting_samples", rule.waiting_samples);
    json->Number("waiting_bytes", rule.waiting_bytes);
    WriteTime("oldest_due_ms", rule.oldest_due_ms, json);
    WriteTime("next_ms", rule.next_ms, json);
    json->EndObject();
  }
  json->EndList();
}

void WriteJobs(const AgeingPlan& plan, JsonText* json) {
  json->BeginList("jobs");
  for (const AgeingJob& job : plan.jobs) {
    json->BeginObject();
    json->Text("action", AgeingActionName(job.action));
    json->BeginList("files");
    for (const std::string& file : job.files) json->Text(nullptr, file);
    json->EndList();
    json->Signed("level", job.level);
    json->Number("bytes", job.bytes);
    json->Number("due_bytes", job.due_bytes);
    json->Text("why", job.why);
    json->EndObject();
  }
  json->EndList();
}

void WriteFiles(const AgeingPlan& plan, JsonText* json) {
  json->BeginList("files");
  for (const AgeingFileReport& file : plan.files) {
    json->BeginObject();
    json->Text("name", file.name);
    json->Signed("level", file.level);
    json->Number("bytes", file.bytes);
    json->Number("samples", file.samples);
    json->Text("action", AgeingActionName(file.action));
    json->Text("why", file.why);
    WriteTime("when_ms", file.when_ms, json);
    json->Number("due_bytes", file.due_bytes);
    json->EndObject();
  }
  json->EndList();
}

void Write(const std::string& family, const AgeingPlan& plan, JsonText* json) {
  json->BeginObject();
  json->Text("column_family", family);
  json->Text("policy", plan.policy.ToString());
  json->Signed("now_ms", plan.now_ms);
  WriteRules(plan, json);
  WriteJobs(plan, json);
  if (FLAGS_files) WriteFiles(plan, json);
  json->BeginList("warnings");
  for (const std::string& warning : plan.warnings) {
    json->Text(nullptr, warning);
  }
  json->EndList();
  WriteTime("next_ms", plan.next_ms, json);
  json->EndObject();
}

// Fields of a policy that can be read, whatever they fit to.
Status CheckFields(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> fields;
  Policy policy;
  Status status = SplitPolicyText(text, &fields);
  for (const auto& field : fields) {
    if (status.ok()) status = policy.Set(field.first, field.second);
  }
  return status;
}

// --policy as changes: what it leaves out has its default, but for the
// fields that no database changes.
Status PolicyAsChanges(const std::string& text, std::string* changes) {
  std::vector<std::pair<std::string, std::string>> fields;
  const Status status = SplitPolicyText(text, &fields);
  for (const auto& field : fields) {
    *changes += field.first + "=" + field.second + ";";
  }
  for (const std::string& name : PolicyFieldNames()) {
    const bool shape =
        name == "bucket" || name == "partition" || name == "window";
    const bool given =
        std::any_of(fields.begin(), fields.end(),
                    [&](const auto& field) { return field.first == name; });
    if (!shape && !given) *changes += name + "=" + Policy().Get(name) + ";";
  }
  return status;
}

Status Plan(const DatabaseFlags& flags, JsonText* json) {
  std::unique_ptr<Database> database;
  Status status = Database::OpenForReading(flags, &database);
  if (!status.ok()) return status;
  const auto families = database->VarveFamilies();
  if (families.empty()) {
    return database->NoVarveFamily();
  }
  AgeingPlanOptions options;
  options.changes = FLAGS_changes;
  if (!gflags::GetCommandLineFlagInfoOrDie("policy").is_default) {
    status = PolicyAsChanges(FLAGS_policy, &options.changes);
    if (!status.ok()) return status;
  }
  options.now_ms = NowMs(flags);
  for (rocksdb::ColumnFamilyHandle* const cf : families) {
    AgeingPlan plan;
    status = PlanAgeing(database->db(), cf, options, &plan);
    if (!status.ok()) return status;
    if (FLAGS_json) {
      Write(cf->GetName(), plan, json);
    } else {
      Print(cf->GetName(), plan);
    }
  }
  return status;
}

int RunPlan(const std::vector<std::string>&) {
  DatabaseFlags flags;
  Policy policy;
  Status status = DatabaseFlags::Read(&flags);
  if (!status.ok()) return FailUsage(kPlanCommand, status.getState());
  status = Policy::Parse(FLAGS_policy, &policy);
  if (status.ok()) status = CheckFields(FLAGS_changes);
  if (!status.ok()) return FailPolicy(status);
  JsonText json;
  json.BeginList();
  status = Plan(flags, &json);
  if (!status.ok()) return Fail(status);
  json.EndList();
  if (FLAGS_json) std::fputs(json.Finish().c_str(), stdout);
  return kOk;
}

}  // namespace

const Command kPlanCommand = {
    "plan",
    "--db=DIR [--policy=NEW | --changes=FIELDS]",
    "what ageing would do now, and when next",
    "Prints what the scheduler would rewrite and drop at --now, what waits "
    "and\n"
    "until when, from the files' properties without reading data; with "
    "--policy or\n--changes (of some fields) as if that were the policy, and "
    "what of the present\none cannot come back. Opens read-only; nothing "
    "ages.",
    "  varve plan --db=/data/metrics --files\n"
    "  varve plan --db=/data/metrics --changes='retention_period=90d'\n",
    {"db", "policy", "changes", "files", "now", "json"},
    Arguments::kNone,
    RunPlan,
    "  A list, an object for each column family that carries Varve:\n"
    "  column_family, policy, now_ms, next_ms (of what waits);\n"
    "  rules: rule, interval_ms, done_samples, done_bytes, due_samples,\n"
    "    due_bytes, waiting_samples, waiting_bytes, oldest_due_ms, next_ms;\n"
    "  jobs: action, files, level, bytes, due_bytes, why;\n"
    "  files (with --files): name, level, bytes, samples, action, why,\n"
    "    when_ms, due_bytes;\n"
    "  warnings: texts. A time that never comes is left away.\n",
};

}  // namespace varve::tools
