# engine/report/page, the HTML report's frame, style sheets and scripts: each file is built into the
# room report, as page_<name>_<extension>.h.
file(GLOB page_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/engine/report/page/*)
set(page_folder ${CMAKE_BINARY_DIR}/generated/report)
foreach(file IN LISTS page_files)
  cmake_path(GET file FILENAME name)
  string(REPLACE . _ name page_${name})
  set(header ${page_folder}/${name}.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${file} -D OUTPUT=${header} -D NAME=${name}
            -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(engine_report PRIVATE ${header})
endforeach()
target_include_directories(engine_report PRIVATE ${page_folder})
