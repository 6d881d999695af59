# The commit that the executable is built from, asked of git with each build: the header
# engine_commit.h changes only when the answer does. It is empty where the sources are no checkout
# of their own, unless the environment of the build has it as ENGINE_COMMIT. "+changes" follows if
# files that git knows were changed.
set(commit_folder ${CMAKE_BINARY_DIR}/generated/commit)
find_program(GIT git)
add_custom_target(engine_commit
  COMMAND ${CMAKE_COMMAND} -D GIT=${GIT} -D SOURCES=${PROJECT_SOURCE_DIR}
          -D OUTPUT=${commit_folder}/engine_commit.h -P
          ${PROJECT_SOURCE_DIR}/script/cmake/find_commit.cmake
  BYPRODUCTS ${commit_folder}/engine_commit.h
  COMMENT "Asking git for the commit"
  VERBATIM)
add_dependencies(engine_scope engine_commit)
target_include_directories(engine_scope PRIVATE ${commit_folder})
