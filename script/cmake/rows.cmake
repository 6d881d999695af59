# engine_row(<name> [<lower row>...]): the library engine_<name> of engine/<name>/*.c.
#
# Its include path is a folder with links to the row itself and the rows given, and nothing else of
# the project; Lua's headers are shadowed by ones that stop the compiler.
function(engine_row name)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/engine/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/app/main\\.c$")
  set(view ${CMAKE_BINARY_DIR}/rows/${name})
  file(REMOVE_RECURSE ${view})
  file(MAKE_DIRECTORY ${view})
  foreach(row IN LISTS ARGN ITEMS ${name})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/engine/${row} ${view}/${row} SYMBOLIC)
  endforeach()
  list(TRANSFORM ARGN PREPEND engine_ OUTPUT_VARIABLE lower)
  list(REVERSE lower)
  set(libraries ${lower} PkgConfig::JANSSON PkgConfig::EXPAT PkgConfig::CURL PkgConfig::CRYPTO
      PkgConfig::ZLIB)
  if(sources)
    add_library(engine_${name} STATIC ${sources})
    target_include_directories(engine_${name}
      PRIVATE ${PROJECT_SOURCE_DIR}/tests/lint/poison ${view})
    target_link_libraries(engine_${name} PRIVATE engine_options PUBLIC ${libraries} m)
  else()
    add_library(engine_${name} INTERFACE)
    target_link_libraries(engine_${name} INTERFACE ${libraries})
  endif()
endfunction()
