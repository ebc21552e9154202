# We are plugin/varve of RocksDB's tree. Its CMake takes these names from the
# parent scope; _FUNC and _LIBS it reads from varve.mk by itself.
set(varve_SOURCES ${VARVE_SOURCES} PARENT_SCOPE)
set(varve_HEADERS ${VARVE_PUBLIC_HEADERS} PARENT_SCOPE)
set(varve_INCLUDE_PATHS
  "${CMAKE_CURRENT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/include"
  PARENT_SCOPE)
set(varve_COMPILE_FLAGS "-ffp-contract=off" PARENT_SCOPE)
