# Installation: libraries, public headers, the CMake package, varve.pc, and
# for people the documents and the examples. (Programs.cmake installs the
# tools.)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/varve")
install(TARGETS varve varve_static varve_index EXPORT varveTargets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES ${VARVE_PUBLIC_HEADERS}
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/varve")

install(EXPORT varveTargets NAMESPACE varve:: DESTINATION "${package_dir}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/packaging/varveConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/varveConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/varveConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/varveConfig.cmake"
  "${PROJECT_BINARY_DIR}/varveConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindRocksDB.cmake"
  DESTINATION "${package_dir}")

# Relative to varve.pc itself, so that an installation can be moved.
file(RELATIVE_PATH VARVE_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/packaging/varve.pc.in"
  "${PROJECT_BINARY_DIR}/varve.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/varve.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# The links between documents stay good: they lie as they lie in the tree.
install(FILES README.md CHANGELOG.md CONTRIBUTING.md
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES include/varve/varve.h include/varve/series_index.h
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/include/varve")
install(FILES packaging/copyright DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.json"
  PATTERN "*.csv")
install(DIRECTORY format DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  FILES_MATCHING PATTERN "*.md")
# Those that are built by themselves, against what is installed here.
file(GLOB examples CONFIGURE_DEPENDS
  RELATIVE "${PROJECT_SOURCE_DIR}" examples/*/CMakeLists.txt)
foreach(file IN LISTS examples)
  get_filename_component(folder "${file}" DIRECTORY)
  install(DIRECTORY "${folder}" DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
endforeach()
install(FILES examples/README.md
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")

# Where an installation strips, as a package does, the archive's debugging
# information goes too: it is nine tenths of it.
install(CODE "if(CMAKE_INSTALL_DO_STRIP)
  execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-debug
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libvarve.a\"
    COMMAND_ERROR_IS_FATAL ANY)
endif()")
