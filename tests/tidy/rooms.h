// The rooms of the library and the arrows between them: which room's headers a
// room may include. docs/ARCHITECTURE.md draws them. A room is a folder of
// sources; what lies in a room may include its neighbours.
#pragma once

#include <string>
#include <vector>

namespace varve::tidy {

struct Room {
  std::string folder;                        // as "format/row"
  std::vector<std::string> may_include;      // folders of other rooms
  std::vector<std::string> public_headers;   // of include/varve; "*": all
  std::vector<std::string> rocksdb_headers;  // below rocksdb/; "*": all
};

// Every room of the library, from the lowest to the highest.
const std::vector<Room>& Rooms();

// The room in which a file lies, or nullptr where it is in none.
const Room* RoomOf(const std::string& path);

// Why a file in `room` may not include `name` by quotation marks; empty when
// it may.
std::string WhyNot(const Room& room, const std::string& name);

}  // namespace varve::tidy
