# cmake -D ENGINE=executable -D POLICIES=folder -D OUT=folder -P guides.cmake
# Writes completions for bash, zsh and fish, and the manual page.
function(write name)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=ENGINE_CONFIG ${ENGINE} generate ${ARGN}
                          --policies ${POLICIES}
    OUTPUT_FILE ${OUT}/${name} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(MAKE_DIRECTORY ${OUT})
write(engine.bash completions bash)
write(_engine completions zsh)
write(engine.fish completions fish)
write(engine.1 man)
