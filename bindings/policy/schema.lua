-- Loads a policy file: runs it, refuses errors in its table (with file, line and field), and
-- collects its metadata. Runs outside of the policies' environment, like prelude.lua, and only for
-- files whose content is not known. The files for single fields (schema_*.lua) run before this one
-- and share `schema` with it; schema.collect is that of prelude_collect.lua.
local core, schema = ...
local refuse, quote, check_fields = schema.refuse, schema.quote, schema.check_fields
local attempt = schema.attempt
local expect, optional, text, texts = schema.expect, schema.optional, schema.text, schema.texts

local names = {
  type = true, title = true, aliases = true, scope = true, permissions = true, events = true,
  discover = true, tags = true, fetch = true, checks = true, id = true, arn = true, asff = true,
  aws_type = true, region = true, reads = true, tolerates = true,
}

local function read_type(kind)
  if not text(kind, "type"):find("^%l[%l%d_]*$") then
    refuse("type", '"%s" must be lower-case letters, digits and _', kind)
  end
  return kind
end

local function read_scope(scope)
  if scope == nil then return "region" end
  if scope ~= "region" and scope ~= "global" then
    refuse("scope", '%s is neither "region" nor "global"', quote(scope))
  end
  return scope
end

local function read_aliases(aliases)
  return core.box(texts(aliases == nil and {} or aliases, "aliases"), "aliases")
end

local function read_head(declared, meta)
  check_fields(declared, "", names)
  meta.type = attempt(read_type, declared.type)
  meta.title = attempt(text, declared.title, "title")
  meta.scope = attempt(read_scope, declared.scope)
  meta.aliases = attempt(read_aliases, declared.aliases)
end

local function read_permissions(declared)
  local permissions = expect(declared.permissions, "table", "permissions")
  check_fields(permissions, "permissions",
    { read = true, write = true, sensitive = true, shared = true })
  local read, called = schema.read_permissions(permissions.read, "read")
  local write = schema.read_permissions(permissions.write, "write")
  local shown = core.object("read", read, "write", write,
    "sensitive", attempt(schema.read_sensitive, permissions.sensitive, called),
    "shared", attempt(schema.read_shared, permissions.shared, called))
  return shown, attempt(schema.read_tolerates, declared.tolerates, called)
end

local function read_functions(declared, meta)
  attempt(optional, declared.discover, "function", "discover")
  attempt(optional, declared.tags, "function", "tags")
  attempt(expect, declared.fetch, "function", "fetch")
  attempt(schema.read_checks, declared.checks, meta)
  attempt(schema.read_events, declared.events, meta)
  meta.reads = attempt(schema.read_reads, declared.reads)
  attempt(schema.check_tolerant, declared.checks, declared.tolerates)
  schema.read_names(declared, meta)
end

local function validate(declared)
  local meta = {}
  read_head(declared, meta)
  local permissions, tolerates = attempt(read_permissions, declared)
  read_functions(declared, meta)
  if schema.problems() then return end
  return core.object("type", meta.type, "title", meta.title, "scope", meta.scope,
    "aliases", meta.aliases, "file", schema.file, "permissions", permissions,
    "tolerates", tolerates, "reads", meta.reads,
    "events", meta.events, "checks", meta.checks, "discover", declared.discover ~= nil,
    "tags", declared.tags ~= nil, "canonical", declared.id ~= nil and declared.id.canonical ~= nil,
    "form", meta.form, "arn", meta.arn, "located", declared.region ~= nil,
    "aws_type", meta.aws_type, "asff", meta.asff)
end

-- The last problem is the error of the load; those before it are reported separately.
local function fail(problems)
  for i = 1, #problems - 1 do core.complain(problems[i].text) end
  core.fail(problems[#problems].text)
end

local function load(name, chunk)
  schema.file = name
  local ran, returned = pcall(chunk)
  if not ran then return core.fail(returned) end
  local meta = attempt(function()
    if type(returned) ~= "table" or returned ~= core.declared() then
      refuse("", "the file must return policy { … }")
    end
    return validate(returned)
  end)
  local problems = schema.problems()
  if problems then return fail(problems) end
  schema.collect.all(returned)
  core.finish(meta)
end

schema.load = load
