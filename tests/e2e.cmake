# e2e.*: every tests/e2e/test_*.py against the executable that is shipped. coverage.e2e.*: some of them
# against the one that counts lines; script/test leaves out what these run anyhow (label: twin).
# demo: script/demo, as a stranger would run it.
function(e2e_test name file kind engine)
  add_test(NAME ${name}
    COMMAND ${PROJECT_SOURCE_DIR}/.venv/bin/python ${PROJECT_SOURCE_DIR}/tests/lint/run_unittest.py
            ${file}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${kind} TIMEOUT 900)
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    ENGINE=${engine} ENGINE_MODELS=${engine_models_directory}
    ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies PYTHONDONTWRITEBYTECODE=1 ${ARGN})
endfunction()

# What reaches engine/app/cli, engine/app/services, and of engine/app/lambda what C tests do not. The
# rest of engine/ and bindings/ is covered by the C tests, policies by their specs. No suite runs
# twice in one script/test.
set(instrumented_suites test_endings test_flow test_gate test_generate test_help test_lambda
    test_lambda_remediator test_record test_scripts)

file(GLOB e2e_sources CONFIGURE_DEPENDS e2e/test_*.py)
foreach(source IN LISTS e2e_sources)
  cmake_path(GET source STEM name)
  e2e_test(e2e.${name} ${source} e2e ${CMAKE_BINARY_DIR}/engine)
endforeach()
# The tests of each type: tests/types/<type>.py.
file(GLOB type_sources CONFIGURE_DEPENDS types/*.py)
foreach(source IN LISTS type_sources)
  cmake_path(GET source STEM name)
  e2e_test(e2e.type_${name} ${source} e2e ${CMAKE_BINARY_DIR}/engine)
endforeach()
foreach(name IN LISTS instrumented_suites)
  e2e_test(coverage.e2e.${name} ${CMAKE_CURRENT_SOURCE_DIR}/e2e/${name}.py coverage
    ${CMAKE_BINARY_DIR}/coverage/engine
    ENGINE_INSTRUMENTED=1 ENGINE_LUA_COVERAGE=${lua_counts}/coverage.e2e.${name})
  set_tests_properties(coverage.e2e.${name} PROPERTIES FIXTURES_REQUIRED coverage COST 100)
  set_tests_properties(e2e.${name} PROPERTIES LABELS "e2e;twin")
endforeach()

# long.*: what takes minutes of real time (tests/long); script/test --long runs them, and says so to
# suites that repeat something at random by ENGINE_TEST_LONG.
file(GLOB long_sources CONFIGURE_DEPENDS long/test_*.py)
foreach(source IN LISTS long_sources)
  cmake_path(GET source STEM name)
  e2e_test(long.${name} ${source} long ${CMAKE_BINARY_DIR}/engine)
  set_tests_properties(long.${name} PROPERTIES TIMEOUT 3600)
endforeach()

# What takes longest begins first, so that nothing runs alone at the end.
set_tests_properties(e2e.test_terraform e2e.test_terraform_members e2e.test_terraform_text PROPERTIES
  TIMEOUT 3600 COST 2000)
set_tests_properties(e2e.test_html PROPERTIES PROCESSORS 2) # a browser keeps two cores busy
foreach(name IN ITEMS chain package acceptance pace events edges endpoints)
  set_tests_properties(e2e.test_${name} PROPERTIES COST 200)
endforeach()

add_test(NAME demo COMMAND ${PROJECT_SOURCE_DIR}/script/demo WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(demo PROPERTIES LABELS demo PROCESSORS 2 TIMEOUT 900 COST 150)

# build.package: the package, made before the first test looks into it; minutes the first time, and
# again that long where its test makes it in another directory.
add_test(NAME build.package
  COMMAND ${PROJECT_SOURCE_DIR}/script/package WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(build.package PROPERTIES LABELS build FIXTURES_SETUP package PROCESSORS 2
  TIMEOUT 3600 COST 1000)
set_tests_properties(e2e.test_chain e2e.test_package long.test_package_elsewhere PROPERTIES
  FIXTURES_REQUIRED package TIMEOUT 3600)
