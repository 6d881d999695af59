# Builds engine/aws/operations/reads as a table into the room aws/operations.
set(reviews ${PROJECT_SOURCE_DIR}/engine/aws/operations/reads)
set(reviews_folder ${CMAKE_BINARY_DIR}/generated/aws)
file(GLOB reviewed_files CONFIGURE_DEPENDS ${reviews}/*.tsv)
add_custom_command(
  OUTPUT ${reviews_folder}/aws_reads.h
  COMMAND ${CMAKE_COMMAND} -D INPUT=${reviews} -D OUTPUT=${reviews_folder}/aws_reads.h
          -P ${PROJECT_SOURCE_DIR}/script/cmake/reads.cmake
  DEPENDS ${reviewed_files} ${PROJECT_SOURCE_DIR}/script/cmake/reads.cmake
  COMMENT "Making the table of reviewed reads"
  VERBATIM)
target_sources(engine_aws_operations PRIVATE ${reviews_folder}/aws_reads.h)
target_include_directories(engine_aws_operations PRIVATE ${reviews_folder})
