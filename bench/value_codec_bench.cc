// Bits per value and speed of the value codec by profile, beside raw zstd and
// a Gorilla XOR coder, over the real data sets when they are there.
//
//   value_codec_bench [--piece N] [--only NAME] [--seconds S] [--data FOLDER]
//
// Every column is cut into pieces of N values (8192 unless told). Speeds are
// the best of repeats, cache-hot, in GB/s of raw float64 bytes.
#include <zstd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/value_sets.h"
#include "format/values/value_codec.h"

namespace varve {
namespace {

constexpr int kRepeatsMin = 7;

struct Options {
  size_t piece = kPieceSamplesMax;
  std::string only;
  double seconds = 0.1;
  std::string data;
};

struct Piece {
  const uint64_t* values;
  size_t count;
};

struct Result {
  double bits_per_value = 0;
  double encode_gbs = 0;
  double decode_gbs = 0;
};

std::vector<Piece> Cut(const ValueSet& set, size_t piece_values) {
  std::vector<Piece> pieces;
  for (const auto& column : set.columns) {
    for (size_t at = 0; at < column.size(); at += piece_values) {
      pieces.push_back(
          {column.data() + at, std::min(piece_values, column.size() - at)});
    }
  }
  return pieces;
}

double Now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Best time of one call of work(), repeated for about `seconds`, and often
// enough that other programs cannot have disturbed all of them.
template <class Work>
double BestSeconds(double seconds, const Work& work) {
  double best = 1e9;
  const double start = Now();
  for (int i = 0; i < kRepeatsMin || Now() - start < seconds; ++i) {
    const double t0 = Now();
    work();
    best = std::min(best, Now() - t0);
  }
  return best;
}

// Each piece is repeated on its own until the clock can see it, so that it
// stays in the cache as it would between two layers of a merge.
Result MeasureProfile(const std::vector<Piece>& pieces, Profile profile,
                      double seconds) {
  ValueEncoder encoder;
  ValueDecoder decoder;
  size_t values = 0, bytes = 0;
  double encode = 0, decode = 0;
  const double share = seconds / (2 * static_cast<double>(pieces.size()));
  std::string column;
  column.reserve(kPieceSamplesMax * 9 + 64);
  std::vector<uint64_t> decoded(kPieceSamplesMax);
  for (const Piece& piece : pieces) {
    const size_t repeats = 1 + 400 / piece.count;
    encode += BestSeconds(share,
                          [&] {
                            for (size_t i = 0; i < repeats; ++i) {
                              column.clear();
                              encoder.Encode(piece.values, piece.count, profile,
                                             &column);
                            }
                          }) /
              static_cast<double>(repeats);
    decode += BestSeconds(share,
                          [&] {
                            for (size_t i = 0; i < repeats; ++i) {
                              const Status s = decoder.Decode(
                                  column, piece.count, decoded.data());
                              if (!s.ok()) {
                                std::fprintf(stderr, "decode: %s\n",
                                             s.ToString().c_str());
                                std::exit(1);
                              }
                            }
                          }) /
              static_cast<double>(repeats);
    if (std::memcmp(decoded.data(), piece.values, piece.count * 8) != 0) {
      std::fprintf(stderr, "values differ after a round trip\n");
      std::exit(1);
    }
    values += piece.count;
    bytes += column.size();
  }
  const double raw = static_cast<double>(values) * 8e-9;
  return {static_cast<double>(bytes) * 8 / static_cast<double>(values),
          raw / encode, raw / decode};
}

double ZstdBits(const std::vector<Piece>& pieces, int level) {
  size_t values = 0, bytes = 0;
  std::string out(ZSTD_compressBound(kPieceSamplesMax * 8), '\0');
  for (const Piece& piece : pieces) {
    bytes += ZSTD_compress(&out[0], out.size(), piece.values, piece.count * 8,
                           level);
    values += piece.count;
  }
  return static_cast<double>(bytes) * 8 / static_cast<double>(values);
}

// Size only of Gorilla's XOR scheme (Pelkonen et al., VLDB 2015).
double GorillaBits(const std::vector<Piece>& pieces) {
  size_t values = 0, bits = 0;
  for (const Piece& piece : pieces) {
    int lead = -1, trail = 0;
    bits += 64;
    for (size_t i = 1; i < piece.count; ++i) {
      const uint64_t x = piece.values[i] ^ piece.values[i - 1];
      if (x == 0) {
        bits += 1;
        continue;
      }
      const int l = std::min(31, __builtin_clzll(x));
      const int t = __builtin_ctzll(x);
      if (lead >= 0 && l >= lead && t >= trail) {
        bits += 2 + static_cast<size_t>(64 - lead - trail);
      } else {
        lead = l;
        trail = t;
        bits += 2 + 5 + 6 + static_cast<size_t>(64 - l - t);
      }
    }
    values += piece.count;
  }
  return static_cast<double>(bits) / static_cast<double>(values);
}

void Run(const Options& options) {
  const std::string folder =
      options.data.empty() ? FindDataFolder() : options.data;
  std::vector<ValueSet> sets = LoadKnownSets(folder);
  const size_t real_sets = sets.size();
  if (sets.empty()) std::printf("no data sets found; set VARVE_DATA\n");
  for (auto& set : GeneratedSets()) sets.push_back(std::move(set));
  const char* const profiles[] = {"fast", "compact", "smallest"};
  std::printf("| set | values | zstd-5 | gorilla |");
  for (const char* name : profiles) std::printf(" %s | enc | dec |", name);
  std::printf("\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  double mean[11] = {};
  size_t means = 0;
  for (size_t s = 0; s < sets.size(); ++s) {
    const ValueSet& set = sets[s];
    if (set.name.find(options.only) == std::string::npos) continue;
    const std::vector<Piece> pieces = Cut(set, options.piece);
    size_t values = 0;
    for (const Piece& piece : pieces) values += piece.count;
    double row[11] = {ZstdBits(pieces, 5), GorillaBits(pieces)};
    for (int p = 0; p < 3; ++p) {
      const Result r =
          MeasureProfile(pieces, static_cast<Profile>(p), options.seconds);
      row[2 + 3 * p] = r.bits_per_value;
      row[3 + 3 * p] = r.encode_gbs;
      row[4 + 3 * p] = r.decode_gbs;
    }
    std::printf("| %s | %zu |", set.name.c_str(), values);
    for (double cell : row) {
      if (cell != 0) std::printf(" %.3g |", cell);
    }
    std::printf("\n");
    std::fflush(stdout);
    if (s >= real_sets || set.name[0] == '-') continue;
    ++means;
    for (int i = 0; i < 11; ++i) {
      const bool speed = i >= 2 && (i - 2) % 3 != 0;
      mean[i] += speed ? std::log(row[i]) : row[i];
    }
  }
  std::printf("| mean of %zu (speeds: geometric) | |", means);
  for (int i = 0; i < 11; ++i) {
    const bool speed = i >= 2 && (i - 2) % 3 != 0;
    const double m = mean[i] / static_cast<double>(means);
    std::printf(" %.3g |", speed ? std::exp(m) : m);
  }
  std::printf("\n");
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  varve::Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string flag = argv[i];
    if (flag == "--piece")
      options.piece = std::strtoul(argv[i + 1], nullptr, 10);
    if (flag == "--only") options.only = argv[i + 1];
    if (flag == "--seconds")
      options.seconds = std::strtod(argv[i + 1], nullptr);
    if (flag == "--data") options.data = argv[i + 1];
  }
  if (options.piece < 1 || options.piece > varve::kPieceSamplesMax) return 1;
  varve::Run(options);
  return 0;
}
