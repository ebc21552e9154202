// What the sequences of one run have drawn of changes of options: how often
// each kind was refused, accepted or followed by another OPTIONS file.
#pragma once

#include <cstdint>
#include <string>

namespace varve {

void CountOptionsDrawn(const std::string& kind);

// Prints the counts. A failure when a kind was never drawn in so many
// sequences that it should have been.
void CheckOptionsDrawn(uint64_t sequences);

}  // namespace varve
