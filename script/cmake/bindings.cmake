# The library engine_bindings of bindings/, the only one that sees Lua; each Lua file beside them is
# built in, as <name>_lua.h.
file(GLOB embedded CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/*/*.lua)
set(embedded_headers "")
foreach(file IN LISTS embedded)
  cmake_path(GET file STEM name)
  set(header ${CMAKE_BINARY_DIR}/generated/${name}_lua.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${file} -D OUTPUT=${header} -D NAME=${name}_lua
            -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    COMMENT "Embedding ${name}.lua"
    VERBATIM)
  list(APPEND embedded_headers ${header})
endforeach()

file(GLOB binding_sources CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/bindings/*.c ${PROJECT_SOURCE_DIR}/bindings/*/*.c)
add_library(engine_bindings STATIC ${binding_sources} ${embedded_headers})
target_include_directories(engine_bindings
  PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/engine
  PRIVATE ${CMAKE_BINARY_DIR}/generated)
target_link_libraries(engine_bindings
  PRIVATE engine_options PUBLIC engine_app_cli engine_pattern PkgConfig::LUA)

# A static executable cannot load lua-cjson for `engine run`: it is linked in.
if(ENGINE_CJSON)
  pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET lua-cjson)
  target_compile_definitions(engine_bindings PRIVATE ENGINE_CJSON=1)
  target_link_libraries(engine_bindings PRIVATE PkgConfig::CJSON)
endif()
