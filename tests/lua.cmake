# lua.specs: every tests/lua/**/*_spec.lua in one run of Busted, by .busted. coverage.specs.*: the
# specs of policies and lib once more, counting the lines of policies (many times slower).
set(no_spec_ran "(^|\n)0 success|[1-9][0-9]* pending")

function(busted_test name kind)
  add_test(NAME ${name} COMMAND busted ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    LABELS ${kind} TIMEOUT 600 PROCESSORS 2 FAIL_REGULAR_EXPRESSION "${no_spec_ran}")
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    ENGINE=${CMAKE_BINARY_DIR}/engine ENGINE_MODELS=${engine_models_directory}
    ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies)
endfunction()

busted_test(lua.specs lua tests/lua)
set_tests_properties(lua.specs PROPERTIES COST 50)
foreach(folder IN ITEMS lib policies)
  set(name coverage.specs.${folder})
  busted_test(${name} coverage tests/lua/${folder})
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT ENGINE_LUA_COVERAGE=${lua_counts}/${name})
endforeach()
