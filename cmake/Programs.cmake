# The tools, the demo, the benches and the fuzzers: explicit lists, a line a
# source or a program. A program appears in the build once its main source is
# in the tree.
find_package(gflags REQUIRED)
find_package(simdjson REQUIRED)

# tools/varve: everything but main() is a library, for its unit tests.
set(varve_tool_main tools/varve.cc)
set(varve_tool_sources
  tools/command.cc
  tools/command_line.cc
  tools/compact.cc
  tools/csv_reader.cc
  tools/database.cc
  tools/export.cc
  tools/import.cc
  tools/input_text.cc
  tools/json_line.cc
  tools/progress.cc
  tools/sample_batch.cc
  tools/sample_source.cc
  tools/series_text.cc
  tools/value_text.cc
)

function(varve_add_program target main)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${main}")
    message(STATUS "No ${main} yet: ${target} is not built")
    return()
  endif()
  list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/")
  add_executable(${target} "${PROJECT_SOURCE_DIR}/${main}" ${ARGN})
  # Finds libvarve.so in ../lib once installed.
  set_target_properties(${target} PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endfunction()

list(TRANSFORM varve_tool_sources PREPEND "${PROJECT_SOURCE_DIR}/")
add_library(varve_tool STATIC ${varve_tool_sources})
target_include_directories(varve_tool PUBLIC "${PROJECT_SOURCE_DIR}")
target_link_libraries(varve_tool PUBLIC
  varve_static varve_zstd gflags simdjson::simdjson Threads::Threads)

varve_add_program(varve_program ${varve_tool_main})
if(TARGET varve_program)
  set_target_properties(varve_program PROPERTIES OUTPUT_NAME varve)
  target_link_libraries(varve_program PRIVATE varve_tool)
  target_compile_definitions(varve_program PRIVATE
    VARVE_VERSION="${PROJECT_VERSION}")
  install(TARGETS varve_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

# Examples run on the public headers and libvarve.so, as a service does. (The
# root is for an example's own headers; the tidy test keeps ours out.)
function(varve_example target main)
  varve_add_program(${target} ${main} ${ARGN})
  if(TARGET ${target})
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${target} PRIVATE
      varve varve_zstd gflags simdjson::simdjson Threads::Threads)
  endif()
endfunction()

varve_example(varve_demo examples/demo/demo.cc
  examples/demo/capture.cc
  examples/demo/report.cc
  examples/demo/stored.cc
)
varve_example(varve_readme examples/readme/readme.cc)

# Benches are built by "make bench" and "make bench-codec" only. They use
# Google Benchmark and the library's internal functions.
add_custom_target(benches)
find_package(benchmark QUIET)
function(varve_bench name)
  if(NOT benchmark_FOUND)
    return()
  endif()
  varve_add_program(${name} ${ARGN})
  if(TARGET ${name})
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE varve_static benchmark::benchmark)
    add_dependencies(benches ${name})
  endif()
endfunction()

varve_bench(ageing_bench bench/ageing_bench.cc)
varve_bench(codec_bench bench/codec_bench.cc bench/codec_baselines.cc
  bench/codec_files.cc bench/codec_generators.cc bench/codec_report.cc)
if(TARGET codec_bench)
  target_link_libraries(codec_bench PRIVATE varve_zstd simdjson::simdjson)
  target_compile_definitions(codec_bench PRIVATE
    VARVE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endif()
varve_bench(hot_row_bench bench/hot_row_bench.cc)
varve_bench(merge_bench bench/merge_bench.cc bench/scrape_mix.cc)
varve_bench(operand_bench bench/operand_bench.cc)
varve_bench(value_codec_bench
  bench/value_codec_bench.cc bench/value_sets.cc)

# fuzz/<name>_fuzz.cc holds LLVMFuzzerTestOneInput. With VARVE_FUZZ it becomes
# a fuzzer; in the tests it replays fuzz/corpus/<name>.
function(varve_fuzzer name)
  if(VARVE_FUZZ)
    varve_add_program(${name}_fuzz fuzz/${name}_fuzz.cc)
    set_target_properties(${name}_fuzz PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
  elseif(VARVE_BUILD_TESTS)
    varve_add_program(${name}_fuzz fuzz/${name}_fuzz.cc fuzz/replay.cc)
    set(corpus "${PROJECT_SOURCE_DIR}/fuzz/corpus/${name}")
    if(EXISTS "${corpus}")
      add_test(NAME ${name}_fuzz_corpus COMMAND ${name}_fuzz "${corpus}")
    endif()
  else()
    return()
  endif()
  target_include_directories(${name}_fuzz PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name}_fuzz PRIVATE varve_static)
endfunction()

varve_fuzzer(block)
varve_fuzzer(row_key)
varve_fuzzer(timestamp_codec)
varve_fuzzer(value_codec)
