# Reads varve.mk, the one list of library sources and public headers, into
# VARVE_SOURCES and VARVE_PUBLIC_HEADERS (paths relative to the root). Used by
# our own build and by RocksDB's when we lie in its plugin folder.
set(varve_mk "${CMAKE_CURRENT_LIST_DIR}/../varve.mk")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${varve_mk}")

function(varve_read_mk variable result)
  file(STRINGS "${varve_mk}" lines REGEX "^${variable} \\+= ")
  set(values)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^${variable} \\+= *" "" value "${line}")
    separate_arguments(value UNIX_COMMAND "${value}")
    list(APPEND values ${value})
  endforeach()
  set(${result} "${values}" PARENT_SCOPE)
endfunction()

varve_read_mk(varve_SOURCES VARVE_SOURCES)
varve_read_mk(varve_PRELOAD_SOURCES VARVE_PRELOAD_SOURCES)
varve_read_mk(varve_INDEX_SOURCES VARVE_INDEX_SOURCES)
varve_read_mk(varve_HEADERS VARVE_PUBLIC_HEADERS)
