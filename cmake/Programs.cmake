# The tools, the demo, the benches and the fuzzers: explicit lists, a line a
# source. A program appears in the build when its main source is in the tree.
find_package(gflags REQUIRED)
find_package(simdjson REQUIRED)

# tools/varve: everything but main() is a library, for its unit tests.
set(varve_tool_main tools/varve.cc)
set(varve_tool_sources
)

# Runs on the public headers and libvarve.so, as a service does.
set(varve_demo_sources
  examples/demo/demo.cc
)

# Compression and speed of the codecs, on the library's internal functions.
set(varve_bench_codec_sources
  bench/codec_bench.cc
)

function(varve_add_program target main)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${main}")
    message(STATUS "No ${main} yet: ${target} is not built")
    return()
  endif()
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
  add_executable(${target} "${PROJECT_SOURCE_DIR}/${main}" ${ARGN})
  # Finds libvarve.so beside it in the build folder and in ../lib once
  # installed.
  set_target_properties(${target} PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endfunction()

if(varve_tool_sources)
  list(TRANSFORM varve_tool_sources PREPEND "${PROJECT_SOURCE_DIR}/")
  add_library(varve_tool STATIC ${varve_tool_sources})
else()
  add_library(varve_tool INTERFACE)
endif()
get_target_property(type varve_tool TYPE)
if(type STREQUAL "INTERFACE_LIBRARY")
  set(scope INTERFACE)
else()
  set(scope PUBLIC)
endif()
target_include_directories(varve_tool ${scope} "${PROJECT_SOURCE_DIR}")
target_link_libraries(varve_tool ${scope}
  varve_static varve_zstd gflags simdjson::simdjson)

varve_add_program(varve_program ${varve_tool_main})
if(TARGET varve_program)
  set_target_properties(varve_program PROPERTIES OUTPUT_NAME varve)
  target_link_libraries(varve_program PRIVATE varve_tool)
  install(TARGETS varve_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

varve_add_program(varve_demo ${varve_demo_sources})
if(TARGET varve_demo)
  target_link_libraries(varve_demo PRIVATE
    varve varve_zstd gflags simdjson::simdjson)
endif()

varve_add_program(varve_bench_codec ${varve_bench_codec_sources})
if(TARGET varve_bench_codec)
  target_include_directories(varve_bench_codec PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(varve_bench_codec PRIVATE
    varve_static varve_zstd gflags)
endif()

# fuzz/<name>_fuzz.cc defines LLVMFuzzerTestOneInput, fuzz/corpus/<name> holds
# its first inputs, which are a test as well (see tests/CMakeLists.txt).
set(varve_fuzzers
  block
  row_key
)
if(VARVE_FUZZ)
  foreach(name IN LISTS varve_fuzzers)
    set(fuzzer ${name}_fuzzer)
    varve_add_program(${fuzzer} fuzz/${name}_fuzz.cc)
    target_include_directories(${fuzzer} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${fuzzer} PRIVATE varve_static)
    target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()
