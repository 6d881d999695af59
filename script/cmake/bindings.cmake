# The library engine_bindings of bindings/*.c, the only one that sees Lua; prelude.lua is built in.
set(prelude ${PROJECT_SOURCE_DIR}/bindings/prelude.lua)
set(prelude_header ${CMAKE_BINARY_DIR}/generated/prelude_lua.h)
file(GLOB prelude_source CONFIGURE_DEPENDS ${prelude})
add_custom_command(
  OUTPUT ${prelude_header}
  COMMAND ${CMAKE_COMMAND} -D INPUT=${prelude} -D OUTPUT=${prelude_header} -D NAME=prelude_lua
          -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
  DEPENDS ${prelude_source} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
  COMMENT "Embedding bindings/prelude.lua"
  VERBATIM)

file(GLOB binding_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bindings/*.c)
if(binding_sources)
  add_library(engine_bindings STATIC ${binding_sources} ${prelude_header})
  target_include_directories(engine_bindings
    PUBLIC ${PROJECT_SOURCE_DIR}/engine ${PROJECT_SOURCE_DIR}/bindings
    PRIVATE ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(engine_bindings
    PRIVATE engine_options PUBLIC engine_app PkgConfig::LUA)
else()
  add_library(engine_bindings INTERFACE)
  target_include_directories(engine_bindings
    INTERFACE ${PROJECT_SOURCE_DIR}/engine ${PROJECT_SOURCE_DIR}/bindings)
  target_link_libraries(engine_bindings INTERFACE engine_app PkgConfig::LUA)
endif()
