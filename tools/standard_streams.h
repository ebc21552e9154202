// Standard input, output and error as a caller may hand them over: closed,
// full, or a pipe that nobody reads any more.
#pragma once

#include "tools/command.h"

namespace varve::tools {

// Opens those of the three that are closed, so that what is printed there
// fails. Otherwise the next file that is opened would get the number of
// standard output: a file of the database. Call it first of all.
void OccupyClosedStreams();

// What a program exits with whose work gave `code`: a failure where its
// output could not be written, which `program` says on standard error.
int FinishOutput(const char* program, int code);

}  // namespace varve::tools
