# The index of the policies (bindings/policy/known.h), and their bytecode (bindings/vm/chunks.h):
# engine_prepare loads and validates them, and the result is embedded into the executable. A build
# whose executables do not run here takes both from another: -D ENGINE_PREPARED_BY=<directory>.
set(ENGINE_PREPARED_BY "" CACHE PATH "The build directory whose index of the policies is used")
set(index_folder ${CMAKE_BINARY_DIR}/generated/index)
set(prepared ${index_folder})
if(ENGINE_MAIN_BUILD)
  set(prepared ${ENGINE_MAIN_BUILD}/generated/index)
elseif(ENGINE_PREPARED_BY)
  set(prepared ${ENGINE_PREPARED_BY}/generated/index)
else()
  file(GLOB_RECURSE indexed CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/policies/*.lua)
  set(index_models "")
  if(models_stamp)
    set(index_models ${engine_models_directory})
  endif()
  add_custom_command(
    OUTPUT ${prepared}/policy_index ${prepared}/policy_code
    COMMAND $<TARGET_FILE:engine_prepare> index ${PROJECT_SOURCE_DIR}/policies "${index_models}"
            ${prepared}/new_index ${prepared}/new_code
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${prepared}/new_index ${prepared}/policy_index
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${prepared}/new_code ${prepared}/policy_code
    DEPENDS engine_prepare ${models_stamp} ${indexed}
    COMMENT "Making the index of the policies"
    VERBATIM)
  # Variants use it as they use the models.
  add_custom_target(policy_index DEPENDS ${prepared}/policy_index ${prepared}/policy_code)
  add_dependencies(models policy_index)
endif()
file(MAKE_DIRECTORY ${index_folder})
foreach(name IN ITEMS policy_index policy_code)
  add_custom_command(
    OUTPUT ${index_folder}/${name}.h
    COMMAND ${CMAKE_COMMAND} -D INPUT=${prepared}/${name} -D OUTPUT=${index_folder}/${name}.h
            -D NAME=${name} -P ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    DEPENDS ${prepared}/${name} ${PROJECT_SOURCE_DIR}/script/cmake/embed.cmake
    COMMENT "Embedding the index of the policies"
    VERBATIM)
  target_sources(engine PRIVATE ${index_folder}/${name}.h)
endforeach()
target_include_directories(engine PRIVATE ${index_folder})
