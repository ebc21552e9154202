// The service's HTTP interface:
//
//   GET  /                                      the page
//   GET  /api/series?prefix=                    {"series":["cpu",…]}
//   GET  /api/read?series=cpu&start=&end=       {"series":"cpu",
//          "timestamps_ms":[…],"values":[…]}; the last hour by default
//   POST /api/write                             lines of sample_lines.h
//   GET  /metrics                               for Prometheus
//
// Values that JSON has no number for are the texts "NaN", "+Inf", "-Inf".
// Errors are one line of text: 400 what the client got wrong, 408 a body that
// comes too slowly, 413 one that is too long, 500 what went wrong here. There
// is no access control, and a client that sends its headers a byte at a time
// holds a thread: bind it where only friends can reach it.
#pragma once

#include <httplib.h>

#include "store.h"

constexpr size_t kBodyBytesMax = 4 << 20;
constexpr size_t kBodyBytesReadMax = 64 << 20;  // see ReadBody
constexpr int kBodySecondsMax = 20;
constexpr size_t kSamplesMax = 200000;  // of one answer
constexpr size_t kNamesMax = 10000;

// `store` must outlive the server.
void AddRoutes(Store* store, httplib::Server* server);
