#include "http_api.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "metrics_text.h"

namespace {

using httplib::Request;
using httplib::Response;
using rocksdb::Status;

constexpr char kText[] = "text/plain; charset=utf-8";
constexpr char kJson[] = "application/json";

void Fail(int code, const std::string& message, Response* response) {
  response->status = code;
  response->set_content(message + "\n", kText);
}

void Fail(const Status& status, Response* response) {
  Fail(status.IsInvalidArgument() ? 400 : 500, status.ToString(), response);
}

// In quotation marks. REQUIRES: IsSeriesName(name), so that nothing but these
// two needs an escape.
void AppendName(const std::string& name, std::string* json) {
  json->push_back('"');
  for (const char c : name) {
    if (c == '"' || c == '\\') json->push_back('\\');
    json->push_back(c);
  }
  json->push_back('"');
}

void AppendValue(double value, std::string* json) {
  if (std::isnan(value)) {
    *json += "\"NaN\"";
  } else if (std::isinf(value)) {
    *json += value > 0 ? "\"+Inf\"" : "\"-Inf\"";
  } else {
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", value);
    *json += text;
  }
}

void Page(const Request&, Response& response) {
  std::ifstream file(PAGE_FILE, std::ios::binary);
  if (!file) return Fail(500, "cannot read " PAGE_FILE, &response);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  // Whatever a series is called, it cannot bring in a script.
  response.set_header("Content-Security-Policy",
                      "default-src 'self'; style-src 'unsafe-inline'; "
                      "script-src 'unsafe-inline'");
  response.set_content(page, "text/html; charset=utf-8");
}

void ListSeries(const Store& store, const Request& request,
                Response* response) {
  const std::string prefix = request.get_param_value("prefix");
  if (!prefix.empty() && !IsSeriesName(prefix)) {
    return Fail(400, "prefix: no beginning of a series' name", response);
  }
  std::vector<std::string> names;
  const Status status = store.ListSeries(prefix, kNamesMax, &names);
  if (!status.ok()) return Fail(status, response);
  std::string json = "{\"series\":[";
  for (const std::string& name : names) {
    if (&name != &names.front()) json += ",";
    AppendName(name, &json);
  }
  response->set_content(json + "]}\n", kJson);
}

// Leaves *time_ms as it is when the parameter is absent.
bool ReadTime(const Request& request, const char* name, int64_t* time_ms,
              Response* response) {
  if (!request.has_param(name)) return true;
  if (ParseNumber(request.get_param_value(name), time_ms) &&
      *time_ms >= varve::kTimestampMin && *time_ms <= varve::kTimestampMax) {
    return true;
  }
  Fail(400, std::string(name) + ": not in milliseconds since 1970", response);
  return false;
}

void ReadRange(const Store& store, const Request& request, Response* response) {
  const std::string series = request.get_param_value("series");
  if (!IsSeriesName(series)) {
    return Fail(400, "series: 1 to 256 printable characters", response);
  }
  int64_t end_ms = rocksdb::SystemClock::Default()->NowMicros() / 1000;
  if (!ReadTime(request, "end", &end_ms, response)) return;
  int64_t start_ms = std::max(end_ms - varve::kMillisPerHour, int64_t{0});
  if (!ReadTime(request, "start", &start_ms, response)) return;
  if (start_ms > end_ms) return Fail(400, "start is after end", response);

  std::vector<varve::Sample> samples;
  const Status status =
      store.Read(series, start_ms, end_ms, kSamplesMax, &samples);
  if (!status.ok()) return Fail(status, response);
  std::string json = "{\"series\":";
  AppendName(series, &json);
  json += ",\"timestamps_ms\":[";
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i > 0) json += ",";
    json += std::to_string(samples[i].timestamp_ms);
  }
  json += "],\"values\":[";
  for (size_t i = 0; i < samples.size(); ++i) {
    if (i > 0) json += ",";
    AppendValue(samples[i].value, &json);
  }
  response->set_content(json + "]}\n", kJson);
}

// The body is counted as it arrives and unpacks: neither a missing length nor
// a small compressed body gets around the limit. What is too long is read on
// and thrown away, to a limit, since a client that is still sending when the
// connection is closed does not get to see the answer. The time is limited
// too: a byte every few seconds would hold a thread for ever.
bool ReadBody(const httplib::ContentReader& read_content, std::string* body,
              Response* response) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::seconds(kBodySecondsMax);
  size_t read = 0;
  bool late = false;
  const bool whole = read_content([&](const char* data, size_t size) {
    read += size;
    late = Clock::now() > end;
    if (read <= kBodyBytesMax) body->append(data, size);
    return read <= kBodyBytesReadMax && !late;
  });
  if (read > kBodyBytesMax) {
    Fail(413, "more than " + std::to_string(kBodyBytesMax) + " bytes",
         response);
  } else if (!whole) {
    Fail(late ? 408 : 400, late ? "too slow" : "the body broke off", response);
  }
  return whole && read <= kBodyBytesMax;
}

void Write(Store* store, const Request& request, Response* response,
           const httplib::ContentReader& read_content) {
  if (request.is_multipart_form_data()) {
    return Fail(400, "the body is lines of text, not a form", response);
  }
  std::string body;
  if (!ReadBody(read_content, &body, response)) return;
  SeriesSamples samples;
  Status status = ParseSampleLines(body, &samples);
  if (status.ok()) status = store->Write(samples);
  if (!status.ok()) return Fail(status, response);
  response->status = 204;
}

}  // namespace

void AddRoutes(Store* store, httplib::Server* server) {
  // The server would read the body of a request that nothing here answers,
  // as long as it is.
  server->set_pre_routing_handler([](const Request& in, Response& out) {
    if (in.method == "GET" || in.method == "HEAD" ||
        (in.method == "POST" && in.path == "/api/write")) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    Fail(404, "no " + in.method + " here", &out);
    return httplib::Server::HandlerResponse::Handled;
  });
  server->Get("/", Page);
  server->Get("/api/series", [store](const Request& in, Response& out) {
    ListSeries(*store, in, &out);
  });
  server->Get("/api/read", [store](const Request& in, Response& out) {
    ReadRange(*store, in, &out);
  });
  server->Post("/api/write",
               [store](const Request& in, Response& out,
                       const httplib::ContentReader& read_content) {
                 Write(store, in, &out, read_content);
               });
  server->Get("/metrics", [store](const Request&, Response& out) {
    out.set_content(MetricsText(*store), "text/plain; version=0.0.4");
  });
}
