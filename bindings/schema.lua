-- Loads a policy file: runs it, refuses what is wrong with its table (file, line, field), and
-- settles what the drivers work with. Runs outside of the policies' environment, like prelude.lua.
-- The fields' own files (schema_*.lua) come before this one and share `schema` with it.
local core, schema = ...
local refuse, quote, check_fields = schema.refuse, schema.quote, schema.check_fields
local expect, optional, text, texts = schema.expect, schema.optional, schema.text, schema.texts

local names = {
  type = true, title = true, aliases = true, scope = true, permissions = true, events = true,
  discover = true, tags = true, fetch = true, checks = true, id = true, arn = true, asff = true,
  aws_type = true, region = true, reads = true, tolerates = true,
}

local function read_head(declared, meta)
  check_fields(declared, "", names)
  meta.type, meta.title = text(declared.type, "type"), text(declared.title, "title")
  if not meta.type:find("^%l[%l%d_]*$") then
    refuse("type", '"%s" must be of small letters, digits and _', meta.type)
  end
  meta.scope = declared.scope == nil and "region" or declared.scope
  if meta.scope ~= "region" and meta.scope ~= "global" then
    refuse("scope", '%s is neither "region" nor "global"', quote(meta.scope))
  end
  meta.aliases = core.box(texts(declared.aliases == nil and {} or declared.aliases, "aliases"),
    "aliases")
end

local function validate(declared)
  local meta = {}
  read_head(declared, meta)
  local permissions = expect(declared.permissions, "table", "permissions")
  check_fields(permissions, "permissions",
    { read = true, write = true, sensitive = true, shared = true })
  local read, called = schema.read_permissions(permissions.read, "read")
  local write = schema.read_permissions(permissions.write, "write")
  local functions = {
    discover = optional(declared.discover, "function", "discover"),
    tags = optional(declared.tags, "function", "tags"),
    fetch = expect(declared.fetch, "function", "fetch"),
    checks = schema.read_checks(expect(declared.checks, "table", "checks"), meta.type, meta),
    events = schema.read_events(declared.events, meta),
    reads = schema.read_reads(declared.reads),
  }
  schema.check_tolerant(functions.checks, declared.tolerates)
  schema.read_names(declared, meta, functions)
  return functions, core.object("type", meta.type, "title", meta.title, "scope", meta.scope,
    "aliases", meta.aliases, "file", schema.file,
    "permissions", core.object("read", read, "write", write,
      "sensitive", schema.read_sensitive(permissions.sensitive, called),
      "shared", schema.read_shared(permissions.shared, called)),
    "tolerates", schema.read_tolerates(declared.tolerates, called),
    "events", meta.events, "checks", meta.checks, "discover", functions.discover ~= nil,
    "tags", functions.tags ~= nil, "canonical", functions.canonical ~= nil, "arn", meta.arn,
    "located", functions.region ~= nil,
    "aws_type", meta.aws_type, "asff", meta.asff)
end

local function load(name, chunk)
  schema.file = name
  local ran, returned = pcall(chunk)
  if not ran then return core.fail(returned) end
  local valid, functions, meta = pcall(function()
    if type(returned) ~= "table" or returned ~= core.declared() then
      refuse("", "the file must return policy { … }")
    end
    return validate(returned)
  end)
  if not valid then return core.fail(functions) end
  core.settle(functions)
  core.finish(meta)
end

schema.load = load
