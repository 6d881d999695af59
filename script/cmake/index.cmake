# The index of the policies (bindings/policy/known.h): engine_prepare loads and validates them, and
# the result is embedded into the executable. A build whose executables do not run here takes the
# index of another one: -D ENGINE_POLICY_INDEX=<file>.
set(ENGINE_POLICY_INDEX "" CACHE FILEPATH "The policies' index that another build has made")
set(index_folder ${CMAKE_BINARY_DIR}/generated/index)
set(index ${index_folder}/policies.json)
if(ENGINE_MAIN_BUILD)
  set(index ${ENGINE_MAIN_BUILD}/generated/index/policies.json)
elseif(ENGINE_POLICY_INDEX)
  set(index ${ENGINE_POLICY_INDEX})
else()
  file(GLOB_RECURSE indexed CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/policies/*.lua)
  set(index_models "")
  if(models_stamp)
    set(index_models ${engine_models_directory})
  endif()
  add_custom_command(
    OUTPUT ${index}
    COMMAND engine_prepare index ${PROJECT_SOURCE_DIR}/policies "${index_models}" ${index}.new
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${index}.new ${index}
    DEPENDS engine_prepare ${models_stamp} ${indexed}
    COMMENT "Making the index of the policies"
    VERBATIM)
endif()
file(MAKE_DIRECTORY ${index_folder})
add_custom_command(
  OUTPUT ${index_folder}/policy_index.h
  COMMAND ${CMAKE_COMMAND} -D INPUT=${index} -D OUTPUT=${index_folder}/policy_index.h
          -D NAME=policy_index -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
  DEPENDS ${index} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
  COMMENT "Embedding the index of the policies"
  VERBATIM)
target_sources(engine PRIVATE ${index_folder}/policy_index.h)
target_include_directories(engine PRIVATE ${index_folder})
