# "cpack -G DEB" in the build folder, or "make deb": one package with the
# library, the headers, the tools, the documents and the examples. Everything
# that "cmake --install" puts below its prefix goes in.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME varve)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_CONTACT "Varve maintainers <varve@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "time-series store inside a RocksDB column family")
set(CPACK_PACKAGE_DESCRIPTION
  "A RocksDB plugin: last write wins, downsampling by age and retention run
inside RocksDB's flush and compaction. Holds the library, its headers, the
commands varve and varve_bench, and examples in /usr/share/doc/varve/examples.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/triggers")
set(CPACK_PRE_BUILD_SCRIPTS
  "${PROJECT_SOURCE_DIR}/packaging/compress_manuals.cmake")
# The library is compiled against RocksDB's internal headers: it fits this
# RocksDB and no later one. The lower bound comes from the symbols in use.
string(REGEX MATCH "^([0-9]+\\.[0-9]+)\\.([0-9]+)" _ "${RocksDB_VERSION}")
math(EXPR rocksdb_next_patch "${CMAKE_MATCH_2} + 1")
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "librocksdb${CMAKE_MATCH_1} (<< ${CMAKE_MATCH_1}.${rocksdb_next_patch}~)")
# What the headers include, what libvarve.a wants, what varve runs.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "librocksdb-dev, libzstd-dev, rocksdb-tools")
include(CPack)
