# e2e.*: every tests/e2e/test_*.py against the executable that is shipped.
# demo: script/demo, as a new user would run it.
function(e2e_test name file kind engine)
  measured_test(${name} ${PROJECT_SOURCE_DIR}/.venv/bin/python
                ${PROJECT_SOURCE_DIR}/tests/lint/run_unittest.py ${file})
  set_tests_properties(${name} PROPERTIES LABELS ${kind} TIMEOUT 900)
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    ENGINE=${engine} ENGINE_MODELS=${engine_models_directory}
    ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies PYTHONDONTWRITEBYTECODE=1 ${ARGN})
endfunction()

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

# long.*: what takes minutes of real time (tests/long); script/test --long runs them, and says so to
# suites that repeat something at random by ENGINE_TEST_LONG.
file(GLOB long_sources CONFIGURE_DEPENDS long/test_*.py)
foreach(source IN LISTS long_sources)
  cmake_path(GET source STEM name)
  e2e_test(long.${name} ${source} long ${CMAKE_BINARY_DIR}/engine)
  set_tests_properties(long.${name} PROPERTIES TIMEOUT 3600)
endforeach()

# What takes longest begins first, so that nothing runs alone at the end.
set_tests_properties(e2e.test_terraform_members e2e.test_terraform_text PROPERTIES
  TIMEOUT 3600 COST 4000)
set_tests_properties(e2e.test_terraform PROPERTIES TIMEOUT 3600 COST 6000)
set_tests_properties(e2e.test_html e2e.test_pace PROPERTIES PROCESSORS 3) # they measure time
# Three slots are seldom free at once later.
set_tests_properties(e2e.test_pace PROPERTIES COST 5000)
foreach(name IN ITEMS lambda_organization lambda_poller lambda_remediator released
        organization_shared notify_trouble)
  set_tests_properties(e2e.test_${name} PROPERTIES COST 1500)
endforeach()
foreach(name IN ITEMS chain package acceptance adding events edges endpoints lambda_memory scan)
  set_tests_properties(e2e.test_${name} PROPERTIES COST 200)
endforeach()

measured_test(demo ${PROJECT_SOURCE_DIR}/script/demo)
set_tests_properties(demo PROPERTIES LABELS demo PROCESSORS 3 TIMEOUT 900 COST 150)

# build.package: the package of this machine's architecture, made before the first test looks into it;
# takes minutes the first time. Three tests wait for it, so it does not yield to others. That of the
# other one is for script/test --long (e2e.test_package).
string(REPLACE aarch64 arm64 arch ${CMAKE_HOST_SYSTEM_PROCESSOR})
measured_test(build.package ${PROJECT_SOURCE_DIR}/script/package ${arch})
set_tests_properties(build.package PROPERTIES LABELS build FIXTURES_SETUP package PROCESSORS 1
  TIMEOUT 3600 COST 3000)
set_tests_properties(e2e.test_chain e2e.test_package e2e.test_release long.test_package_elsewhere PROPERTIES
  FIXTURES_REQUIRED package TIMEOUT 3600)
