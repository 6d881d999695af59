#error "engine/ never includes Lua: only bindings/ does"
