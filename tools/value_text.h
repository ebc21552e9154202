// A float64 as text that reads back bit for bit.
//
//   finite     the shortest digits that read back equal; -0 keeps its sign
//   infinite   inf, -inf                  in JSON "Infinity", "-Infinity"
//   NaN        nan:0x<16 hex digits>      in JSON null for the plain quiet
//                                         NaN, else "nan:0x<16 hex digits>"
//
// In OpenMetrics +Inf, -Inf, and NaN for the plain one.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace varve::tools {

// What "nan" and JSON's null are read as: quiet, no payload.
inline constexpr uint64_t kPlainNanBits = 0x7ff8000000000000;

void AppendValue(double value, std::string* text);

// As a JSON value: a number, a quoted text or null.
void AppendJsonValue(double value, std::string* text);

// As a value of OpenMetrics.
void AppendExpositionValue(double value, std::string* text);

// The NaN of kPlainNanBits.
double PlainNan();

// Reads what the three above print (quotation marks taken off), and decimal
// numbers, inf, infinity and nan in any case, with or without a sign. False
// for anything else: a NaN's bits that are no NaN's, blanks, a number that
// float64 cannot hold.
bool ParseValue(std::string_view text, double* value);

// A whole decimal int64 and nothing else.
bool ParseInteger(std::string_view text, int64_t* value);

}  // namespace varve::tools
