# Writes the public headers of varve.mk to build/include/varve, where programs
# find them as <varve/varve.h>, <varve/policy.h>, ...: in the tree (the demo)
# as after installation. In the sources they include each other relative to
# the root, as all of our files do; here they lie in one folder.
set(varve_include_dir "${PROJECT_BINARY_DIR}/include/varve")
foreach(header IN LISTS VARVE_PUBLIC_HEADERS)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/${header}")
  file(READ "${PROJECT_SOURCE_DIR}/${header}" text)
  string(REGEX MATCHALL "\n#include \"(format|compaction|plugin)/[^\"\n]*"
    includes "${text}")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^.*\"" "" include "${include}")
    if(NOT include IN_LIST VARVE_PUBLIC_HEADERS)
      message(FATAL_ERROR "${header} is public (varve.mk) and includes "
        "${include}, which is not")
    endif()
  endforeach()
  string(REGEX REPLACE "(\n#include \")(format|compaction|plugin)/"
    "\\1varve/" text "${text}")
  get_filename_component(name "${header}" NAME)
  # Keeps the time stamp when nothing changed.
  file(CONFIGURE OUTPUT "${varve_include_dir}/${name}" CONTENT "${text}" @ONLY
    NEWLINE_STYLE UNIX)
endforeach()
