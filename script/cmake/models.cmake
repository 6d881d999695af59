# The target `models`: botocore's API models, which engine_prepare compiles into build/models. It
# runs when the model compiler or the data change, not with every change of the executable.
set(engine_models_directory ${CMAKE_BINARY_DIR}/models)
if(ENGINE_MAIN_BUILD)
  set(engine_models_directory ${ENGINE_MAIN_BUILD}/models)
endif()

if(NOT ENGINE_BOTOCORE_DATA)
  file(GLOB found ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/botocore/data)
  list(POP_FRONT found botocore_data)
else()
  set(botocore_data ${ENGINE_BOTOCORE_DATA})
endif()

if(ENGINE_MAIN_BUILD)
  return()
elseif(EXISTS "${botocore_data}/../__init__.py")
  set(models_stamp ${CMAKE_BINARY_DIR}/models.stamp)
  add_custom_command(
    OUTPUT ${models_stamp}
    COMMAND $<TARGET_FILE:engine_prepare> models ${botocore_data} ${engine_models_directory}
    COMMAND ${CMAKE_COMMAND} -E touch ${models_stamp}
    DEPENDS engine_aws_model_compiler ${reviews_folder}/aws_reads.h ${botocore_data}/../__init__.py
    COMMENT "Compiling the API models"
    VERBATIM)
  add_custom_target(models ALL DEPENDS ${models_stamp})
else()
  message(WARNING "No API models: run script/bootstrap, or set ENGINE_BOTOCORE_DATA")
  add_custom_target(models
    COMMAND ${CMAKE_COMMAND} -E echo "No API models: run script/bootstrap, then configure again"
    COMMAND ${CMAKE_COMMAND} -E false)
endif()
