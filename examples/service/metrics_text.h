// What the service tells Prometheus of itself: Varve's counters, those of its
// ageing, RocksDB's tickers and a few of its gauges, in Prometheus' text
// format.
#pragma once

#include <string>

#include "store.h"

std::string MetricsText(const Store& store);
