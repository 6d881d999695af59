# The Lua files beside the rooms of bindings/: each is built into its room, as <name>_lua.h.
file(GLOB embedded CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/*/*.lua)
foreach(file IN LISTS embedded)
  cmake_path(GET file STEM name)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME room)
  set(headers ${CMAKE_BINARY_DIR}/generated/bindings/${room})
  set(header ${headers}/${name}_lua.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${file} -D OUTPUT=${header} -D NAME=${name}_lua
            -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    COMMENT "Embedding ${name}.lua"
    VERBATIM)
  target_sources(engine_bindings_${room} PRIVATE ${header})
  target_include_directories(engine_bindings_${room} PRIVATE ${headers})
endforeach()

# `require "cjson"` in `engine run`. Linked in, since a static executable loads no C libraries.
target_link_libraries(engine_bindings_script PRIVATE PkgConfig::CJSON)
