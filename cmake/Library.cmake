# libvarve.so and libvarve.a, from the list in varve.mk. One object library a
# layer: each sees only the include folders that its layer may use.
add_library(varve_format OBJECT)
add_library(varve_compaction OBJECT)
add_library(varve_plugin OBJECT)
foreach(source IN LISTS VARVE_SOURCES)
  string(REGEX MATCH "^[a-z]+" layer "${source}")
  if(NOT TARGET varve_${layer})
    message(FATAL_ERROR "varve.mk: ${source} is in no layer of the library")
  endif()
  target_sources(varve_${layer} PRIVATE "${PROJECT_SOURCE_DIR}/${source}")
endforeach()
# Compiled with our flags like all else: refuses flags that do not fit the
# RocksDB library (NDEBUG, RTTI, sizes of structures).
target_sources(varve_plugin PRIVATE
  "${PROJECT_SOURCE_DIR}/cmake/rocksdb_abi_check.cc")
target_link_libraries(varve_plugin PRIVATE varve_rocksdb_internals)

set(varve_objects)
foreach(layer format compaction plugin)
  target_include_directories(varve_${layer} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(varve_${layer} PRIVATE RocksDB::RocksDB varve_zstd)
  get_target_property(layer_sources varve_${layer} SOURCES)
  if(layer_sources)
    list(APPEND varve_objects $<TARGET_OBJECTS:varve_${layer}>)
  else()
    # A layer that has no source yet.
    set_target_properties(varve_${layer} PROPERTIES EXCLUDE_FROM_ALL ON)
    file(WRITE "${PROJECT_BINARY_DIR}/empty.cc" "")
    target_sources(varve_${layer} PRIVATE "${PROJECT_BINARY_DIR}/empty.cc")
  endif()
endforeach()

add_library(varve SHARED ${varve_objects})
add_library(varve_static STATIC ${varve_objects})
set_target_properties(varve PROPERTIES
  LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set_target_properties(varve_static PROPERTIES
  LINKER_LANGUAGE CXX OUTPUT_NAME varve)
if(NOT VARVE_SANITIZE)
  target_link_options(varve PRIVATE LINKER:--no-undefined)
endif()
foreach(library varve varve_static)
  target_link_libraries(${library} PUBLIC RocksDB::RocksDB
                        PRIVATE varve_zstd Threads::Threads)
  add_library(varve::${library} ALIAS ${library})
endforeach()
