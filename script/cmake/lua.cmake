# Lua, and lua-cjson for `require "cjson"` in `engine run`.
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
# Debian's package of development files is named after Lua; the one of script/packaging is not.
pkg_search_module(CJSON REQUIRED IMPORTED_TARGET lua5.4-cjson lua-cjson)

# The archives beside the shared libraries. Both or neither: a shared lua-cjson may bring a second
# Lua.
set(lua_archives ON)
foreach(target PkgConfig::LUA PkgConfig::CJSON)
  get_target_property(shared ${target} INTERFACE_LINK_LIBRARIES)
  string(REGEX REPLACE "\\.so(;|$)" ".a\\1" archives "${shared}")
  foreach(file IN LISTS archives)
    if(file MATCHES "^/" AND NOT EXISTS ${file})
      set(lua_archives OFF)
    endif()
  endforeach()
  list(APPEND archives m ${CMAKE_DL_LIBS})
  set(wants_archives $<BOOL:$<TARGET_PROPERTY:LINKS_LUA_ARCHIVES>>)
  set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES
    "$<${wants_archives}:${archives}>;$<$<NOT:${wants_archives}>:${shared}>")
endforeach()

# Links Lua's archives into an executable, if there are any: a resource takes hundreds of calls to
# Lua, and those to a shared library are slower. It exports Lua's functions, which Lua libraries
# written in C call when scripts of `engine run` load them.
function(link_lua_archives target)
  if(lua_archives AND NOT CMAKE_CROSSCOMPILING)
    set(list ${PROJECT_SOURCE_DIR}/script/cmake/lua.symbols)
    set_target_properties(${target} PROPERTIES LINKS_LUA_ARCHIVES ON LINK_DEPENDS ${list})
    target_link_options(${target} PRIVATE -Wl,--dynamic-list=${list})
  endif()
endfunction()
