# cmake --install BUILD [--prefix P]: the executable in bin, policies and models in share/engine,
# where the executable looks for them, completions, the manual page and the documentation.
include(GNUInstallDirs)
set(installed_data ${CMAKE_INSTALL_DATADIR}/engine)
file(RELATIVE_PATH from_executable
     ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_DATADIR}/engine)
target_compile_definitions(engine_settings PRIVATE ENGINE_INSTALLED="${from_executable}")
if(ENGINE_MAIN_BUILD)
  return()
endif()

# What the engine writes about itself.
set(guides ${CMAKE_BINARY_DIR}/guides)
set(guide_stamp ${guides}/stamp)
add_custom_command(
  OUTPUT ${guide_stamp}
  COMMAND ${CMAKE_COMMAND} -D ENGINE=$<TARGET_FILE:engine>
          -D POLICIES=${PROJECT_SOURCE_DIR}/policies -D OUT=${guides}
          -P ${PROJECT_SOURCE_DIR}/script/cmake/guides.cmake
  COMMAND ${CMAKE_COMMAND} -E touch ${guide_stamp}
  DEPENDS engine ${models_stamp} ${PROJECT_SOURCE_DIR}/script/cmake/guides.cmake
  COMMENT "Writing completions and the manual page"
  VERBATIM)
add_custom_target(guides ALL DEPENDS ${guide_stamp})

install(TARGETS engine RUNTIME)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/policies DESTINATION ${installed_data}
        FILES_MATCHING PATTERN "*.lua" PATTERN "frameworks/*.json")
install(DIRECTORY ${engine_models_directory} DESTINATION ${installed_data})
install(FILES ${guides}/engine.bash RENAME engine
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${guides}/_engine DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${guides}/engine.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${guides}/engine.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES README.md CHANGELOG.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
