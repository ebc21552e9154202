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
  list(APPEND varve_objects $<TARGET_OBJECTS:varve_${layer}>)
endforeach()

# The linker file lets out what is marked VARVE_EXPORT and nothing else: the
# standard library marks its templates as visible, and a preloaded library's
# copies of them would replace the host's.
set(varve_exports "${PROJECT_SOURCE_DIR}/cmake/exports.map")
add_library(varve_preload OBJECT)
foreach(source IN LISTS VARVE_PRELOAD_SOURCES)
  target_sources(varve_preload PRIVATE "${PROJECT_SOURCE_DIR}/${source}")
endforeach()
# They define members of RocksDB's classes, private ones too.
target_compile_options(varve_preload PRIVATE
  -fno-access-control -fvisibility=default)
target_include_directories(varve_preload PRIVATE "${PROJECT_SOURCE_DIR}")
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
add_library(varve_static STATIC ${varve_objects})
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
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  add_library(varve::${library} ALIAS ${library})
endforeach()
target_link_libraries(varve_static INTERFACE "$<INSTALL_INTERFACE:zstd>")
