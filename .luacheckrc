-- luacheck policies bindings tests
std = "lua54"
max_line_length = 100
max_cyclomatic_complexity = 15
exclude_files = {"build", ".venv", "**/fixtures/**/bad_*.lua"}

-- What the sandbox gives a policy, and nothing else of the library.
local sandbox = {
  "assert", "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "require",
  "select", "tonumber", "tostring", "type", "xpcall", "math", "string", "table", "utf8", "policy",
  "json", "uri",
}

-- What `engine run` gives a script besides the library.
local script = {"aws", "sts", "sqs", "sns", "sigv4", "json", "uri"}

files["policies"] = {std = "none", read_globals = sandbox}
files["docs/examples"] = files["policies"]
files["docs/examples/scripts"] = {std = "lua54", read_globals = script}
files["bindings"] = {std = "lua54"}
files["tests/lua"] = {std = "+busted"}
files["tests"] = {read_globals = {"policy", "aws", "sts", "sqs", "sns", "sigv4", "json", "uri"}}
files["misconfiguration_maker"] = {read_globals = script}
files["terraform"] = {read_globals = script}
files["script"] = {read_globals = script}
