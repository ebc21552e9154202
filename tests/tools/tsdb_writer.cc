#include "tests/tools/tsdb_writer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "format/coding/value_bits.h"
#include "tools/crc32c.h"

namespace varve::tools {
namespace {

void AppendFixed(uint64_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(value >> (8 * i)));
  }
}

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 128; value >>= 7) {
    out->push_back(static_cast<char>(value | 128));
  }
  out->push_back(static_cast<char>(value));
}

void AppendSigned(int64_t value, std::string* out) {
  AppendVarint(
      static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63),
      out);
}

void AppendText(const std::string& text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text);
}

void AppendCrc(const std::string& of, std::string* out) {
  AppendFixed(Crc32c(of), 4, out);
}

// Length, the bytes, their crc.
void AppendSection(const std::string& bytes, std::string* out) {
  AppendFixed(bytes.size(), 4, out);
  out->append(bytes);
  AppendCrc(bytes, out);
}

class BitText {
 public:
  void Add(uint64_t bits, int count) {
    for (int i = count - 1; i >= 0; --i) {
      if (used_ % 8 == 0) bytes_.push_back('\0');
      const auto bit = static_cast<unsigned>(bits >> i & 1);
      bytes_.back() = static_cast<char>(static_cast<uint8_t>(bytes_.back()) |
                                        bit << (7 - used_ % 8));
      ++used_;
    }
  }
  void AddBytes(const std::string& bytes) {
    for (const char c : bytes) Add(static_cast<uint8_t>(c), 8);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  size_t used_ = 0;
};

void AddStepChange(int64_t change, BitText* bits) {
  const auto fits = [&](int width) {
    const int64_t most = int64_t{1} << (width - 1);
    return -most < change && change <= most;
  };
  const auto raw = static_cast<uint64_t>(change);
  if (change == 0) {
    bits->Add(0, 1);
  } else if (fits(14)) {
    bits->Add(2, 2);
    bits->Add(raw, 14);
  } else if (fits(17)) {
    bits->Add(6, 3);
    bits->Add(raw, 17);
  } else if (fits(20)) {
    bits->Add(14, 4);
    bits->Add(raw, 20);
  } else {
    bits->Add(15, 4);
    bits->Add(raw, 64);
  }
}

// Prometheus takes the place of the value before where the bits fit in there.
void AddValue(uint64_t difference, int* leading, int* length, BitText* bits) {
  if (difference == 0) return bits->Add(0, 1);
  const int zeros = std::min(__builtin_clzll(difference), 31);
  const int behind = __builtin_ctzll(difference);
  const int last_behind = 64 - *leading - *length;
  if (*length > 0 && zeros >= *leading && behind >= last_behind) {
    bits->Add(2, 2);
    return bits->Add(difference >> last_behind, *length);
  }
  *leading = zeros;
  *length = 64 - zeros - behind;
  bits->Add(3, 2);
  bits->Add(static_cast<uint64_t>(zeros), 5);
  bits->Add(static_cast<uint64_t>(*length) & 63, 6);
  bits->Add(difference >> behind, *length);
}

void WriteBytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string IndexBytes(const TsdbTestBlock& block,
                       const std::vector<std::vector<uint64_t>>& places,
                       std::vector<uint32_t>* references) {
  std::map<std::string, uint64_t> symbols;
  for (const TsdbTestSeries& series : block.series) {
    for (const Label& label : series.labels) {
      symbols[label.name] = symbols[label.value] = 0;
    }
  }
  std::string index = {'\xba', '\xaa', '\xd7', '\0', '\2'};
  std::string section;
  AppendFixed(symbols.size(), 4, &section);
  uint64_t number = 0;
  for (auto& [text, symbol] : symbols) {
    symbol = number++;
    AppendText(text, &section);
  }
  AppendSection(section, &index);
  const uint64_t series_offset = index.size();
  for (size_t i = 0; i < block.series.size(); ++i) {
    index.resize((index.size() + 15) / 16 * 16);
    references->push_back(static_cast<uint32_t>(index.size() / 16));
    std::string entry;
    AppendVarint(block.series[i].labels.size(), &entry);
    for (const Label& label : block.series[i].labels) {
      AppendVarint(symbols[label.name], &entry);
      AppendVarint(symbols[label.value], &entry);
    }
    AppendVarint(places[i].size(), &entry);
    for (size_t j = 0; j < places[i].size(); ++j) {
      // Nobody asks for the times of chunks here.
      if (j == 0) {
        AppendSigned(0, &entry);
        AppendVarint(0, &entry);
        AppendVarint(places[i][j], &entry);
      } else {
        AppendVarint(0, &entry);
        AppendVarint(0, &entry);
        AppendSigned(static_cast<int64_t>(places[i][j] - places[i][j - 1]),
                     &entry);
      }
    }
    AppendVarint(entry.size(), &index);
    index += entry;
    AppendCrc(entry, &index);
  }
  const uint64_t postings = index.size();
  section.clear();
  AppendFixed(references->size(), 4, &section);
  for (const uint32_t reference : *references) {
    AppendFixed(reference, 4, &section);
  }
  AppendSection(section, &index);
  const uint64_t table = index.size();
  section = std::string("\0\0\0\1\2\0\0", 7);
  AppendVarint(postings, &section);
  AppendSection(section, &index);
  std::string contents;
  for (const uint64_t offset :
       {uint64_t{5}, series_offset, postings, postings, postings, table}) {
    AppendFixed(offset, 8, &contents);
  }
  index += contents;
  AppendCrc(contents, &index);
  return index;
}

}  // namespace

TsdbTestChunk XorChunk(const std::vector<Sample>& samples) {
  BitText bits;
  bits.Add(samples.size(), 16);
  int64_t step = 0;
  int leading = 0, length = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const uint64_t value = BitsOf(samples[i].value);
    std::string bytes;
    if (i == 0) {
      AppendSigned(samples[0].timestamp_ms, &bytes);
      AppendFixed(value, 8, &bytes);
      bits.AddBytes(bytes);
      continue;
    }
    const int64_t next = samples[i].timestamp_ms - samples[i - 1].timestamp_ms;
    if (i == 1) {
      AppendVarint(static_cast<uint64_t>(next), &bytes);
      bits.AddBytes(bytes);
    } else {
      AddStepChange(next - step, &bits);
    }
    step = next;
    AddValue(value ^ BitsOf(samples[i - 1].value), &leading, &length, &bits);
  }
  return {1, bits.bytes()};
}

void WriteTsdbBlock(const std::string& dir, const TsdbTestBlock& block) {
  const std::string path = dir + "/" + block.ulid;
  std::filesystem::create_directories(path + "/chunks");
  std::string chunks("\x85\xbd\x40\xdd\x01\0\0\0", 8);
  std::vector<std::vector<uint64_t>> places;
  for (const TsdbTestSeries& series : block.series) {
    places.emplace_back();
    for (const TsdbTestChunk& chunk : series.chunks) {
      places.back().push_back(chunks.size());
      AppendVarint(chunk.data.size(), &chunks);
      const std::string bytes =
          std::string(1, static_cast<char>(chunk.encoding)) + chunk.data;
      chunks += bytes;
      AppendCrc(bytes, &chunks);
    }
  }
  WriteBytes(path + "/chunks/000001", chunks);
  std::vector<uint32_t> references;
  WriteBytes(path + "/index", IndexBytes(block, places, &references));
  std::string spans;
  for (const TsdbTestTombstone& tombstone : block.tombstones) {
    AppendVarint(references.at(tombstone.series), &spans);
    AppendSigned(tombstone.first_ms, &spans);
    AppendSigned(tombstone.last_ms, &spans);
  }
  std::string tombstones = "\x01\x30\xba\x30\x01" + spans;
  AppendCrc(spans, &tombstones);
  WriteBytes(path + "/tombstones", tombstones);
  WriteBytes(path + "/meta.json",
             "{\"ulid\":\"" + block.ulid +
                 "\",\"minTime\":" + std::to_string(block.min_time_ms) + "," +
                 block.more_meta + "\"version\":1}");
}

std::string TestUlid(char last) { return std::string(25, '0') + last; }

}  // namespace varve::tools
