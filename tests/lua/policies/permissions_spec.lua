-- The resources to which policies limit their actions are those to which IAM can limit them,
-- according to the Service Authorization Reference (tests/fixtures/permissions).
local json = require "support.json"
local sandbox = require "support.sandbox"

local function reference()
  local file = assert(io.open "tests/fixtures/permissions/resource_types.json")
  local text = file:read("a")
  file:close()
  return json.decode(text)
end

-- { action =, on = list of patterns or nil, where = } of each entry.
local function entries()
  local out = {}
  for path in io.popen("ls policies/*.lua"):lines() do
    local name = path:match("([%w_]+)%.lua$")
    local permissions = sandbox.load(name).permissions
    for _, access in ipairs { "read", "write" } do
      for key, value in pairs(permissions[access] or {}) do
        local action = type(key) == "string" and key or value
        local on = type(value) == "table" and value.on or nil
        if type(on) == "string" then on = { on } end
        out[#out + 1] = {
          action = action, on = on, access = access, where = ("%s: %s"):format(path, action),
        }
      end
    end
  end
  return out
end

-- A pattern with wildcards, as a Lua pattern.
local function matcher(pattern)
  local escaped = pattern:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".")
  return "^" .. escaped .. "$"
end

-- The reference's ARNs have placeholders of their own, in the same positions.
local function covers(pattern, arn)
  local any = pattern:gsub("%${%l+}", "*")
  return arn:gsub("^arn:%${Partition}", "arn:*"):find(matcher(any)) ~= nil
end

local function covered(on, arn)
  for _, pattern in ipairs(on or {}) do
    if covers(pattern, arn) then return true end
  end
  return false
end

describe("what actions are limited to", function()
  local known = reference()
  local declared = entries()

  it("are those of the reference", function()
    local checked = 0
    for _, entry in ipairs(declared) do
      local types = known[entry.action]
      if types then
        checked = checked + 1
        for _, arn in ipairs(types.required) do
          assert.is_true(covered(entry.on, arn), ("%s needs %s"):format(entry.where, arn))
        end
        for _, pattern in ipairs(entry.on or {}) do
          local taken = false
          for _, list in ipairs { types.required, types.optional } do
            for _, arn in ipairs(list) do taken = taken or covers(pattern, arn) end
          end
          assert.is_true(taken, ("%s takes no %s"):format(entry.where, pattern))
        end
      end
    end
    assert.is_true(checked > 80)
  end)

  it("are declared for each change", function()
    for _, entry in ipairs(declared) do
      if entry.access == "write" then assert.is_not_nil(entry.on, entry.where) end
    end
  end)

  it("are the same wherever an action is declared", function()
    local seen = {}
    for _, entry in ipairs(declared) do
      local on = json.encode(entry.on or {})
      assert.equal(seen[entry.action] or on, on, entry.where)
      seen[entry.action] = on
    end
  end)
end)
