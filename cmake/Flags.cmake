# Flags for all of our code. RocksDB's own warnings are among them, since the
# in-tree form is compiled with RocksDB's flags and its -Werror.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

# NDEBUG follows the RocksDB library, not the build type: structures that we
# share with it change size. See FindRocksDB.cmake.
foreach(config DEBUG RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REGEX REPLACE "(^| )[-/]DNDEBUG" "" CMAKE_CXX_FLAGS_${config}
         "${CMAKE_CXX_FLAGS_${config}}")
endforeach()
if(RocksDB_ASSERTS)
  add_compile_definitions(VARVE_ROCKSDB_ASSERTS=1)
  add_compile_options(-UNDEBUG)
else()
  add_compile_definitions(VARVE_ROCKSDB_ASSERTS=0 NDEBUG)
endif()
# Likewise RTTI: without it the library has no typeinfo to derive from.
if(RocksDB_RTTI)
  add_compile_definitions(VARVE_ROCKSDB_RTTI=1)
else()
  add_compile_definitions(VARVE_ROCKSDB_RTTI=0)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Woverloaded-virtual
                    -Wnon-virtual-dtor)
if(VARVE_WERROR)
  add_compile_options(-Werror)
endif()
# No fused multiply-add by the compiler's own choice: encoders give the same
# bytes on every machine.
add_compile_options(-ffp-contract=off)
if(CMAKE_GENERATOR STREQUAL "Ninja")
  add_compile_options(-fdiagnostics-color=auto)
endif()
# What an assertion prints names a file of the tree, not of the machine: what
# is installed is the same wherever it was built.
foreach(map "${PROJECT_SOURCE_DIR}=varve" "${VARVE_ROCKSDB_SOURCE_DIR}=rocksdb")
  if(map MATCHES "^/")
    add_compile_options("-fmacro-prefix-map=${map}")
  endif()
endforeach()

# What merges and collectors write is read back at once: written_check.h. Test
# programs do so in every build (tests/CMakeLists.txt).
if(VARVE_SANITIZE OR VARVE_FUZZ)
  add_compile_definitions(VARVE_CHECK_WRITTEN=1)
else()
  add_compile_definitions($<$<CONFIG:Debug>:VARVE_CHECK_WRITTEN=1>)
endif()

if(VARVE_SANITIZE)
  add_compile_options(-fsanitize=${VARVE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all
                      "$<$<CONFIG:RelWithDebInfo>:-O1;-g1>")
  # gcc's instrumentation makes it see uninitialised variables that are not;
  # the plain build looks for real ones.
  add_compile_options(
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${VARVE_SANITIZE})
  add_compile_definitions(VARVE_SANITIZED=1)
endif()
if(VARVE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "VARVE_FUZZ needs clang: cmake -DCMAKE_CXX_COMPILER=clang++")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)
