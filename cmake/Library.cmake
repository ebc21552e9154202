# libvarve.so and libvarve.a, from the list in varve.mk. One object library a
# room (a folder of sources): only plugin/host and plugin/part_table are
# compiled with RocksDB's own source tree in sight, so that the compiler proves
# that all other rooms stand on RocksDB's public interface.
set(varve_public_include "${PROJECT_SOURCE_DIR}/include")
set(varve_rooms_with_internals plugin_host plugin_part_table)

set(varve_rooms)
foreach(source IN LISTS VARVE_SOURCES)
  get_filename_component(folder "${source}" DIRECTORY)
  string(REPLACE "/" "_" room "${folder}")
  if(NOT room IN_LIST varve_rooms)
    list(APPEND varve_rooms "${room}")
    add_library(varve_${room} OBJECT)
  endif()
  target_sources(varve_${room} PRIVATE "${PROJECT_SOURCE_DIR}/${source}")
endforeach()

set(varve_objects)
foreach(room IN LISTS varve_rooms)
  target_include_directories(varve_${room} PRIVATE
    "${PROJECT_SOURCE_DIR}" "${varve_public_include}")
  target_link_libraries(varve_${room} PRIVATE RocksDB::RocksDB varve_zstd)
  if(room IN_LIST varve_rooms_with_internals)
    target_link_libraries(varve_${room} PRIVATE varve_rocksdb_internals)
  endif()
  list(APPEND varve_objects $<TARGET_OBJECTS:varve_${room}>)
endforeach()
# Compiled with our flags like all else: refuses flags that do not fit the
# RocksDB library (NDEBUG, RTTI, sizes of structures).
target_sources(varve_plugin_host PRIVATE
  "${PROJECT_SOURCE_DIR}/cmake/rocksdb_abi_check.cc")

# The linker file lets out what is marked VARVE_EXPORT and nothing else: the
# standard library marks its templates as visible, and a preloaded library's
# copies of them would replace the host's.
set(varve_exports "${PROJECT_SOURCE_DIR}/cmake/exports.map")
add_library(varve_preload OBJECT)
target_compile_definitions(varve_plugin PRIVATE VARVE_ANSWERS_SST_FILE_DUMPER)
foreach(source IN LISTS VARVE_PRELOAD_SOURCES)
  target_sources(varve_preload PRIVATE "${PROJECT_SOURCE_DIR}/${source}")
endforeach()
# They define members of RocksDB's classes, private ones too.
target_compile_options(varve_preload PRIVATE
  -fno-access-control -fvisibility=default)
target_include_directories(varve_preload PRIVATE
  "${PROJECT_SOURCE_DIR}" "${varve_public_include}")
target_link_libraries(varve_preload PRIVATE
  varve_rocksdb_internals RocksDB::RocksDB varve_zstd)
add_library(varve SHARED
  ${varve_objects} $<TARGET_OBJECTS:varve_preload>)
set_target_properties(varve PROPERTIES
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS "${varve_exports}")
target_link_options(varve PRIVATE "LINKER:--version-script=${varve_exports}")
if(NOT VARVE_SANITIZE)
  target_link_options(varve PRIVATE LINKER:--no-undefined)
endif()

# Registration is a static initialiser in plugin/registration.cc, and a program
# that names our objects in option strings alone refers to nothing of ours:
# from an archive the linker would take nothing, and the shared library it
# would drop where it only keeps libraries "as needed". So who links the
# archive refers to the entry function, which lies in the same file as the
# initialiser; who links the shared library mentions it once more, as needed
# whatever refers to it. The packages (CMake, pkg-config) do so as well.
add_library(varve_static STATIC
  ${varve_objects} $<TARGET_OBJECTS:varve_preload>)
set_target_properties(varve_static PROPERTIES
  LINKER_LANGUAGE CXX OUTPUT_NAME varve)
target_link_options(varve_static INTERFACE LINKER:--undefined=varve_register)
target_link_libraries(varve INTERFACE "-Wl,--push-state,--no-as-needed"
  "$<TARGET_FILE:$<TARGET_NAME:varve>>" "-Wl,--pop-state")

foreach(library varve varve_static)
  target_link_libraries(${library} PUBLIC RocksDB::RocksDB
    PRIVATE Threads::Threads ${CMAKE_DL_LIBS}
    "$<BUILD_INTERFACE:varve_zstd>")
  target_include_directories(${library} INTERFACE
    "$<BUILD_INTERFACE:${varve_public_include}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features(${library} INTERFACE cxx_std_17)
  add_library(varve::${library} ALIAS ${library})
endforeach()
target_link_libraries(varve_static INTERFACE "$<INSTALL_INTERFACE:zstd>")

# libvarve_index.so: the series index, which links RE2. It stands on libvarve
# as a program does, on what that exports; the index's bytes it has once more.
add_library(varve_index_room OBJECT)
foreach(source IN LISTS VARVE_INDEX_SOURCES)
  target_sources(varve_index_room PRIVATE "${PROJECT_SOURCE_DIR}/${source}")
endforeach()
target_include_directories(varve_index_room PRIVATE
  "${PROJECT_SOURCE_DIR}" "${varve_public_include}")
target_link_libraries(varve_index_room PRIVATE RocksDB::RocksDB varve_re2)
add_library(varve_index SHARED
  $<TARGET_OBJECTS:varve_index_room> $<TARGET_OBJECTS:varve_format_index>)
set_target_properties(varve_index PROPERTIES
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS "${varve_exports}")
target_link_options(varve_index PRIVATE
  "LINKER:--version-script=${varve_exports}")
if(NOT VARVE_SANITIZE)
  target_link_options(varve_index PRIVATE LINKER:--no-undefined)
endif()
target_link_libraries(varve_index PUBLIC varve
  PRIVATE "$<BUILD_INTERFACE:varve_re2>")
add_library(varve::varve_index ALIAS varve_index)
# For the tests and benches of the tree.
add_library(varve_index_static STATIC $<TARGET_OBJECTS:varve_index_room>)
set_target_properties(varve_index_static PROPERTIES LINKER_LANGUAGE CXX)
target_link_libraries(varve_index_static PUBLIC varve_static varve_re2)
