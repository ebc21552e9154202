// A float64 as text that reads back bit for bit.
//
//   finite     the shortest digits that read back equal; -0 keeps its sign
//   infinite   inf, -inf                  in JSON "Infinity", "-Infinity"
//   NaN        nan:0x<16 hex digits>      in JSON null for the plain quiet
//                                         NaN, else "nan:0x<16 hex digits>"
//
// In OpenMetrics +Inf, -Inf, and NaN for the plain one. Bare in JSON: +Inf,
// -Inf, and NaN for every one.
//
// What is read, and what of other programs' numbers is not: docs/IMPORT.md.
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace varve::tools {

// What "nan" and JSON's null are read as: quiet, no payload.
inline constexpr uint64_t kPlainNanBits = 0x7ff8000000000000;

// Prometheus' stale marker: the series has ended here.
inline constexpr uint64_t kStaleMarkerBits = 0x7ff0000000000002;

void AppendValue(double value, std::string* text);

// As a JSON value: a number, a quoted text or null.
void AppendJsonValue(double value, std::string* text);

// As VictoriaMetrics 1.79 has it in its lines, which are no JSON then.
void AppendBareValue(double value, std::string* text);

// As a value of OpenMetrics.
void AppendExpositionValue(double value, std::string* text);

// The NaN of kPlainNanBits.
double PlainNan();

// Reads what the functions above print (quotation marks taken off), and decimal
// numbers, inf, infinity and nan in any case, with or without a sign. What lies
// nearer to zero than any other float64 is the zero of its sign. False for
// anything else: a NaN's bits that are no NaN's, blanks, a number beyond
// float64.
bool ParseValue(std::string_view text, double* value);

// "value 'x' is not a number": of a text that ParseValue refuses.
std::string ValueFault(std::string_view text);

// A whole decimal int64 and nothing else.
bool ParseInteger(std::string_view text, int64_t* value);

// "timestamp 'x' is not an integer (milliseconds)": of a text that ParseInteger
// refuses.
std::string IntegerTimeFault(std::string_view text);

}  // namespace varve::tools
