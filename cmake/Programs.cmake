# The tools, the demo, the benches and the fuzzers: explicit lists, a line a
# source or a program. A source that is listed and not there is an error.
find_package(gflags REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)

# tools/varve: everything but main() is a library, for its unit tests.
set(varve_tool_main tools/varve.cc)
set(varve_tool_sources
  tools/bash_completion.cc
  tools/bulk_load.cc
  tools/command.cc
  tools/command_line.cc
  tools/command_list.cc
  tools/compact.cc
  tools/crc32c.cc
  tools/csv_reader.cc
  tools/database.cc
  tools/db_bench_flags.cc
  tools/db_bench_guard.cc
  tools/decompressor.cc
  tools/dump.cc
  tools/export.cc
  tools/exposition_line.cc
  tools/family_stats.cc
  tools/file_bytes.cc
  tools/file_verifier.cc
  tools/held_file.cc
  tools/held_files.cc
  tools/help.cc
  tools/import.cc
  tools/import_remarks.cc
  tools/influx_line.cc
  tools/influx_source.cc
  tools/input_format.cc
  tools/input_line.cc
  tools/input_text.cc
  tools/json_line.cc
  tools/json_text.cc
  tools/ldb_guard.cc
  tools/ldb_options.cc
  tools/manual_page.cc
  tools/opening_error.cc
  tools/options_command.cc
  tools/options_file.cc
  tools/options_text.cc
  tools/plan.cc
  tools/policy_command.cc
  tools/progress.cc
  tools/rescue.cc
  tools/rescued_database.cc
  tools/rrd_source.cc
  tools/sample_batch.cc
  tools/sample_source.cc
  tools/series_pattern.cc
  tools/series_text.cc
  tools/sst_dump_guard.cc
  tools/sst_file.cc
  tools/standard_streams.cc
  tools/stats.cc
  tools/stock_tool.cc
  tools/stock_tool_guard.cc
  tools/text_source.cc
  tools/tsdb_block.cc
  tools/tsdb_chunk.cc
  tools/tsdb_index.cc
  tools/tsdb_source.cc
  tools/tsdb_tombstones.cc
  tools/value_text.cc
  tools/verify.cc
  tools/whisper_file.cc
  tools/whisper_source.cc
)

function(varve_add_program target main)
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
  varve_static varve_zstd gflags simdjson::simdjson ZLIB::ZLIB
  Threads::Threads)
file(RELATIVE_PATH varve_library_from_tool
  "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_LIBDIR}")
target_compile_definitions(varve_tool PUBLIC
  VARVE_VERSION="${PROJECT_VERSION}"
  VARVE_LIBRARY_FROM_TOOL="${varve_library_from_tool}")

varve_add_program(varve_program ${varve_tool_main})
if(TARGET varve_program)
  set_target_properties(varve_program PROPERTIES OUTPUT_NAME varve)
  target_link_libraries(varve_program PRIVATE varve_tool)
  install(TARGETS varve_program RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  # The tool's own table of commands is the source of its manual.
  if(NOT VARVE_SANITIZE AND NOT CMAKE_CROSSCOMPILING)
    set(varve_man_dir "${PROJECT_BINARY_DIR}/man")
    add_custom_command(TARGET varve_program POST_BUILD
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${varve_man_dir}"
      COMMAND varve_program help "--write_to=${varve_man_dir}" VERBATIM)
    install(DIRECTORY "${varve_man_dir}/"
      DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" FILES_MATCHING PATTERN "*.1")
    install(FILES "${varve_man_dir}/varve.bash" RENAME varve
      DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
  endif()
endif()

# varve_bench, db_bench for samples: all but main() is a library too.
set(varve_sample_bench_sources
  bench/samples/bench_flags.cc
  bench/samples/bench_report.cc
  bench/samples/layout.cc
  bench/samples/layout_stock.cc
  bench/samples/layout_varve.cc
  bench/samples/op_meter.cc
  bench/samples/sample_stream.cc
  bench/samples/workloads.cc
)
list(TRANSFORM varve_sample_bench_sources PREPEND "${PROJECT_SOURCE_DIR}/")
add_library(varve_sample_bench STATIC ${varve_sample_bench_sources})
target_link_libraries(varve_sample_bench PUBLIC varve_tool ${CMAKE_DL_LIBS})
varve_add_program(varve_bench_program bench/samples/varve_bench.cc)
set_target_properties(varve_bench_program PROPERTIES OUTPUT_NAME varve_bench)
target_link_libraries(varve_bench_program PRIVATE varve_sample_bench)
install(TARGETS varve_bench_program
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(varve_man_dir)
  add_custom_command(TARGET varve_bench_program POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${varve_man_dir}"
    COMMAND varve_bench_program --man > "${varve_man_dir}/varve_bench.1"
    VERBATIM)
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
varve_example(varve_quickstart examples/quickstart/quickstart.cc)

# Benches are built by "make bench-micro" and "make bench-codec" only. They use
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

varve_bench(ageing_bench bench/ageing_bench.cc bench/ageing_account.cc
  bench/ageing_report.cc)
if(TARGET ageing_bench)
  target_link_libraries(ageing_bench PRIVATE gflags)
endif()
varve_bench(ageing_plan_bench bench/ageing_plan_bench.cc)
varve_bench(codec_bench bench/codec_bench.cc bench/codec_baselines.cc
  bench/codec_files.cc bench/codec_generators.cc bench/codec_report.cc)
if(TARGET codec_bench)
  target_link_libraries(codec_bench PRIVATE varve_zstd simdjson::simdjson)
  target_compile_definitions(codec_bench PRIVATE
    VARVE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endif()
varve_bench(hot_row_bench bench/hot_row_bench.cc)
varve_bench(index_bench bench/index/index_bench.cc bench/index/label_stream.cc)
if(TARGET index_bench)
  target_link_libraries(index_bench PRIVATE varve_index_static gflags)
endif()
varve_bench(merge_bench bench/merge_bench.cc bench/scrape_mix.cc)
varve_bench(operand_bench bench/operand_bench.cc)
varve_bench(part_dictionary_bench bench/part_dictionary_bench.cc)
if(TARGET part_dictionary_bench)
  target_link_libraries(part_dictionary_bench PRIVATE varve_zstd)
endif()
varve_bench(part_open_bench bench/part_open_bench.cc bench/scrape_mix.cc)
if(TARGET part_open_bench)
  target_link_libraries(part_open_bench PRIVATE gflags)
endif()
varve_bench(part_range_bench bench/part_range_bench.cc bench/scrape_mix.cc)
if(TARGET part_range_bench)
  target_link_libraries(part_range_bench PRIVATE gflags)
endif()
varve_bench(part_size_bench bench/part_size_bench.cc bench/scrape_mix.cc
  examples/demo/capture.cc)
if(TARGET part_size_bench)
  target_link_libraries(part_size_bench PRIVATE
    varve_zstd gflags simdjson::simdjson)
  target_compile_definitions(part_size_bench PRIVATE
    VARVE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endif()
varve_bench(part_stitch_bench bench/part_stitch_bench.cc)
varve_bench(preset_bench bench/preset_bench.cc bench/preset_report.cc)
if(TARGET preset_bench)
  target_link_libraries(preset_bench PRIVATE varve_sample_bench)
endif()
varve_bench(value_codec_bench
  bench/value_codec_bench.cc bench/value_sets.cc)

# fuzz/<name>_fuzz.cc holds LLVMFuzzerTestOneInput. With VARVE_FUZZ it becomes
# a fuzzer; in the tests it replays fuzz/corpus/<name> (a link, where two have
# the same inputs). Libraries may follow.
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
  target_link_libraries(${name}_fuzz PRIVATE varve_static ${ARGN})
endfunction()

varve_fuzzer(block)
varve_fuzzer(exposition_line varve_tool)
varve_fuzzer(import_text varve_tool)
varve_fuzzer(json_line varve_tool)
varve_fuzzer(part varve_rocksdb_internals)
varve_fuzzer(row_key)
varve_fuzzer(timestamp_codec)
varve_fuzzer(timestamp_column_dump)
varve_fuzzer(value_codec)
varve_fuzzer(value_column_dump)
