# lua.*: every tests/lua/**/*_spec.lua is one run of Busted, by .busted; its helper
# counts the lines of policies.
file(GLOB_RECURSE specs CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/lua lua/*_spec.lua)
foreach(spec IN LISTS specs)
  string(REGEX REPLACE "_spec\\.lua$" "" name ${spec})
  string(REPLACE "/" "." name ${name})
  add_test(NAME lua.${name}
    COMMAND busted tests/lua/${spec} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(lua.${name} PROPERTIES
    LABELS lua TIMEOUT 300
    FAIL_REGULAR_EXPRESSION "(^|\n)0 success|[1-9][0-9]* pending")
  set_property(TEST lua.${name} PROPERTY ENVIRONMENT
    ENGINE=${CMAKE_BINARY_DIR}/engine ENGINE_MODELS=${engine_models_directory}
    ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies ENGINE_LUA_COVERAGE=${lua_counts}/lua.${name})
endforeach()
