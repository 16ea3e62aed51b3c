# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. Component `programs`: the programs with their service and
# completions. Component `library`: every folder as chaski::<folder>, for find_package(chaski).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

foreach(program chaski chaskid chaski-sim)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
  endif()
endforeach()

if(TARGET chaski-sim-mpi)
  install(TARGETS chaski-sim-mpi COMPONENT programs
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/chaski)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/scenarios COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/chaski)

set(completions ${PROJECT_SOURCE_DIR}/completions)
install(FILES ${completions}/chaski.bash RENAME chaski COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
set(zsh_functions site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(zsh_functions vendor-completions)
endif()
install(FILES ${completions}/chaski.zsh RENAME _chaski COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${zsh_functions})
install(FILES ${completions}/chaski.fish COMPONENT programs
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# The service starts the program where it was installed.
set(CHASKI_SYSTEMD_UNIT_DIR lib/systemd/system CACHE STRING "Where service files go")
set(unit ${PROJECT_SOURCE_DIR}/packaging/systemd/chaskid.service)
if(EXISTS ${unit})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${unit})
  file(READ ${unit} text)
  string(REPLACE "/usr/bin/chaskid" "${CMAKE_INSTALL_FULL_BINDIR}/chaskid" text "${text}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/chaskid.service CONTENT "${text}" @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/chaskid.service COMPONENT programs
    DESTINATION ${CHASKI_SYSTEMD_UNIT_DIR})
endif()
set(sysusers ${PROJECT_SOURCE_DIR}/packaging/systemd/chaskid.sysusers)
if(EXISTS ${sysusers})
  install(FILES ${sysusers} RENAME chaskid.conf COMPONENT programs DESTINATION lib/sysusers.d)
endif()
# A configuration that is there already is somebody's work.
set(config ${PROJECT_SOURCE_DIR}/packaging/systemd/chaskid.toml)
if(EXISTS ${config})
  install(CODE "
    if(NOT EXISTS \"\$ENV{DESTDIR}/etc/chaski/chaskid.toml\")
      file(INSTALL \"${config}\" DESTINATION \"/etc/chaski\")
    endif()" COMPONENT programs)
endif()

# The folders, as libraries.
get_property(folders GLOBAL PROPERTY CHASKI_FOLDERS)
get_property(libraries GLOBAL PROPERTY CHASKI_LIBRARIES)
list(REMOVE_DUPLICATES folders)
set(targets chaski_boost)
foreach(library ${libraries})
  list(APPEND targets chaski_${library})
endforeach()
foreach(folder ${folders})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ COMPONENT library
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/chaski/${folder} FILES_MATCHING
    PATTERN "*.hpp" PATTERN "port.h")
endforeach()
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chaski)
install(TARGETS ${targets} EXPORT chaski COMPONENT library
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT chaski NAMESPACE chaski:: FILE chaski-targets.cmake DESTINATION ${config_dir}
  COMPONENT library)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/chaski-config.cmake.in
  ${PROJECT_BINARY_DIR}/chaski-config.cmake INSTALL_DESTINATION ${config_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chaski-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chaski-config.cmake
  ${PROJECT_BINARY_DIR}/chaski-config-version.cmake
  DESTINATION ${config_dir} COMPONENT library)
