-- luacheck policies bindings tests
std = "lua54"
max_line_length = 100
max_cyclomatic_complexity = 15
exclude_files = {"build", ".venv", "**/fixtures/**/bad_*.lua"}

-- What the sandbox gives a policy, and nothing else of the library.
local sandbox = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawlen", "rawset", "require", "select", "tonumber", "tostring", "type", "xpcall", "coroutine",
  "math", "string", "table", "utf8", "policy", "json", "uri", "_G",
}

files["policies"] = {std = "none", read_globals = sandbox}
files["docs/examples"] = files["policies"]
files["bindings"] = {std = "lua54"}
files["tests/lua"] = {std = "+busted"}
files["tests"] = {read_globals = {"aws", "sts", "sqs", "sns", "sigv4", "json", "uri", "policy"}}
files["examples"] = {read_globals = {"aws", "sts", "sqs", "sns", "sigv4", "json", "uri", "policy"}}
