-- Test resources, created to be found: their name or a tag says so. The second form is for names
-- that may not contain an underscore.
local batches = require "lib.batches"

local test_resources = {}

local MARKS = { "misconfiguration_maker", "misconfig-maker" }

-- Does the name, URL or ARN say so?
function test_resources.named(name)
  for _, mark in ipairs(MARKS) do
    if name:find(mark, 1, true) then return true end
  end
  return false
end

-- Does a key or a value in this map of tags say so?
function test_resources.tagged(tags)
  for key, value in pairs(tags) do
    if test_resources.named(key) or test_resources.named(value) then return true end
  end
  return false
end

-- Does its name, or one of its tags?
function test_resources.marked(name, tags)
  return test_resources.named(name or "") or test_resources.tagged(tags)
end

-- Tags cost calls, so they are only read if the result depends on them.
local function tagged_ones(scope, names, how)
  local found = {}
  if not scope.settings.only_use_test_resources then return found end
  for _, batch in ipairs(batches.of(names, how.at_once)) do
    for name, tags in pairs(how.tags_of(scope, batch)) do
      found[name] = test_resources.tagged(tags)
    end
  end
  return found
end

-- Passes what a list call named to scope:found. how: { tags_of(scope, names) reads the tags of
-- `at_once` of them, by name; id_of(name) is the id (without it, the name); listed: what the list
-- says about each, in the order of the names (without it, nothing) }.
function test_resources.found(scope, names, how)
  local tests = tagged_ones(scope, names, how)
  for i, name in ipairs(names) do
    local id = how.id_of and how.id_of(name) or name
    local listed = how.listed and how.listed[i]
    scope:found(id, { test = tests[name] or test_resources.named(id), listed = listed })
  end
end

return test_resources
