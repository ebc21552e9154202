// Runs a fuzzer's entry on files and on all files of folders, without
// libFuzzer, and on changed copies of each: a corpus and a short fuzz run as a
// test. The changes follow from the file's size alone, so that a failure
// comes again.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kChangedCopies = 30;

// A few bytes set, flipped in one bit, taken out or doubled.
void Change(std::mt19937_64* random, std::vector<char>* bytes) {
  for (auto changes = 1 + (*random)() % 4; changes > 0 && !bytes->empty();
       --changes) {
    const auto at = static_cast<ptrdiff_t>((*random)() % bytes->size());
    const auto place = bytes->begin() + at;
    switch ((*random)() % 4) {
      case 0:
        *place = static_cast<char>((*random)());
        break;
      case 1:
        *place = static_cast<char>(*place ^ 1 << (*random)() % 8);
        break;
      case 2:
        bytes->erase(place);
        break;
      default:
        bytes->insert(place, *place);
    }
  }
}

void Run(const std::vector<char>& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()),
                         bytes.size());
}

bool Replay(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)),
                                std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) {
    fprintf(stderr, "cannot read %s\n", file.c_str());
    return false;
  }
  // An entry that aborts leaves its input's name as the last line.
  printf("%s\n", file.c_str());
  fflush(stdout);
  Run(bytes);
  std::mt19937_64 random(bytes.size());
  for (int i = 0; i < kChangedCopies; ++i) {
    std::vector<char> changed = bytes;
    Change(&random, &changed);
    Run(changed);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  size_t replayed = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      if (!Replay(argv[i])) return 1;
      ++replayed;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      if (!Replay(entry.path())) return 1;
      ++replayed;
    }
  }
  printf("%zu inputs\n", replayed);
  return replayed > 0 ? 0 : 1;
}
