-- The harness of the policies' specs: what it must refuse, so that no spec passes by accident.
local policies = require "support.policy"

local json = policies.json

-- A door that is open or closed, with the given functions.
local function door_policy(more)
  return policies.load(function(env)
    local check = { id = "door.open", title = "Open", severity = "low" }
    function check.audit(_, state)
      if state.open then return false, "it is open", { "open" } end
      return true
    end
    function check.fix(door)
      local with = { Id = door.id, Open = false }
      local undo = { call = "doors:PutDoor", with = { Id = door.id, Open = true } }
      return { { call = "doors:PutDoor", with = with, undo = undo } }, { open = false }
    end
    local made = {
      type = "door", title = "Door", checks = { check },
      permissions = { read = { ["doors:SeeDoor"] = "doors:GetDoor" }, write = { "doors:PutDoor" } },
      fetch = function(door) return { open = door.aws.doors:GetDoor { Id = door.id }.Open } end,
    }
    if more then more(made, check, env) end
    return env.policy(made)
  end)
end

local function door_with(definition, replies)
  local box = { open = true }
  local given = {
    ["doors:GetDoor"] = function() return { Open = box.open } end,
    ["doors:PutDoor"] = function(params)
      box.open = params.Open
      return {}
    end,
  }
  for name, reply in pairs(replies or {}) do given[name] = reply end
  return definition:resource { id = "front", replies = given }, box
end

local function refused(what, fn)
  local ok, why = pcall(fn)
  assert.is_false(ok)
  assert.truthy(tostring(why):find(what, 1, true), tostring(why))
end

local function plan_refused(what, more)
  refused(what, function() door_with(door_policy(more)):plan() end)
end

describe("the harness", function()
  it("repairs, verifies and undoes", function()
    local door, box = door_with(door_policy())
    assert.same({ ["door.open"] = "fixed" }, (door:repair()))
    assert.is_false(box.open)
    assert.equal(1, #door:sent())
    door:undo()
    assert.is_true(box.open)
  end)

  it("shows the differences that an undo finds, field by field", function()
    local door, box = door_with(door_policy())
    door:repair()
    box.open = true
    refused("door.open: drift before undo:\nopen: expected false, found true",
      function() door:undo() end)
  end)

  it("takes the state after each step from the step itself", function()
    local made = door_policy(function(_, check)
      local fix = check.fix
      function check.fix(door)
        local steps = fix(door)
        local first = json.copy(steps[1])
        first.after, steps[1].after = { open = "ajar" }, { open = false }
        return { first, steps[1] }
      end
    end)
    local door = door_with(made)
    assert.same({ ["door.open"] = "fixed" }, (door:repair()))
    door:undo()
  end)

  it("refuses undeclared calls and calls without a reply, even if the error is caught", function()
    plan_refused("doors:Burn is called and not declared", function(_, check, env)
      function check.audit(door)
        env.pcall(function() return door.aws.doors:Burn {} end)
        return true
      end
    end)
    plan_refused("doors:PutDoor is called and not declared", function(_, check)
      function check.audit(door) return door.aws.doors:try("PutDoor", {}) end
    end)
    plan_refused("the spec has no reply for doors:List", function(made)
      made.permissions.read[1] = "doors:List"
      function made.fetch(door) return door.aws.doors:List {} end
    end)
  end)

  it("refuses audits and fixes that change the state", function()
    plan_refused("door.open's audit changes the state", function(_, check)
      function check.audit(_, state)
        state.open = false
        return true
      end
    end)
  end)

  it("refuses invalid steps", function()
    local function fix_gives(step)
      return function(_, check) function check.fix() return { step } end end
    end
    local put = { call = "doors:PutDoor", with = {} }
    plan_refused("exactly one of undo", fix_gives(put))
    plan_refused("exactly one of undo",
      fix_gives { call = "doors:PutDoor", with = {}, undo = put, irreversible = "x" })
    plan_refused("doors:GetDoor is not declared under write",
      fix_gives { call = "doors:GetDoor", with = {}, undo = put })
    plan_refused("bad field more",
      fix_gives { call = "doors:PutDoor", with = {}, undo = put, more = 1 })
  end)

  it("refuses an `after` that does not pass, and a fix that makes another check fail", function()
    plan_refused("does not pass after its own fix", function(_, check)
      local fix = check.fix
      function check.fix(door) return fix(door), { open = true } end
    end)
    local hasty = door_policy(function(_, check)
      local fix = check.fix
      function check.fix(door) return fix(door), { open = false, painted = true } end
    end)
    refused("door.open: the state after the fix is not as foretold:\n"
      .. "painted: expected true, found nothing", function() door_with(hasty):repair() end)
    assert.equal("fixed", door_with(hasty):repair { approximate = true }["door.open"])
    plan_refused("a fix makes another check fail: door.passable", function(made)
      made.checks[2] = {
        id = "door.passable", title = "Passable", severity = "low",
        audit = function(_, state)
          if state.open then return true end
          return false, "it is shut"
        end,
      }
    end)
  end)

  it("lets later fixes wait for one without `after`, and reports covered fixes", function()
    local function twice(no_after)
      return door_policy(function(made, check)
        local fix = check.fix
        if no_after then function check.fix(door) return (fix(door)) end end
        made.checks[2] = {
          id = "door.again", title = "Again", severity = "low", audit = check.audit, fix = fix,
        }
      end)
    end
    assert.equal("waits", door_with(twice(true)):plan()["door.again"].fix)
    local entry = door_with(twice(false)):plan()["door.again"]
    assert.equal("covered", entry.fix)
    assert.equal("door.open", entry.covered_by)
    assert.equal("fixed", door_with(twice(true)):repair()["door.again"])
  end)

  it("makes a forgotten return, a raised error and a refused read unknown", function()
    local function status(more, replies)
      return door_with(door_policy(more), replies):audit()["door.open"].status
    end
    assert.equal("unknown", status(function(_, check) function check.audit() end end))
    assert.equal("unknown", status(function(_, check) function check.audit() error("x") end end))
    assert.equal("unknown", status(nil, { ["doors:GetDoor"] = policies.fault("AccessDenied") }))
    assert.equal("non_compliant", status())
  end)

  it("gives a policy no more than the engine does", function()
    local lost = {}
    door_policy(function(_, _, env)
      for _, name in ipairs { "os", "io", "print", "load", "setmetatable", "debug", "dofile" } do
        if env[name] ~= nil then lost[#lost + 1] = name end
      end
      refused("sets no global", function() env.x = 1 end)
      refused("requires only lib.*", function() env.require("os") end)
    end)
    assert.same({}, lost)
    local door = door_with(door_policy()).door
    refused("read-only", function() door.id = "x" end)
    refused('has no "nmae"', function() return door.nmae end)
    refused("unknown field colour", function()
      door_policy(function(made) made.colour = "red" end)
    end)
  end)

  it("waits if a resource is not ready", function()
    local outcome = door_with(door_policy(function(made)
      function made.fetch(door) return door:later(300) end
    end)):audit()
    assert.equal("later", outcome.state)
    assert.equal(300, outcome.delay)
  end)

  it("keeps JSON as it is written", function()
    local text = '{"z":[],"a":{},"n":12345678901234567,"t":"\\u00e9\\ud83d\\ude00\\n","f":null}'
    assert.equal('{"z":[],"a":{},"n":12345678901234567,"t":"é😀\\n","f":null}',
      json.encode(json.decode(text)))
    assert.is_nil((json.decode('{"a":1,"a":2}')))
    assert.is_nil((json.decode("[1,]")))
    assert.is_nil((json.decode(("["):rep(513) .. ("]"):rep(513))))
    assert.truthy(json.decode(("["):rep(512) .. ("]"):rep(512)))
  end)

  it("finds ids by the event rules", function()
    local with_rule = door_policy(function(made)
      made.events = {
        ["doors:Made"] = { id = { "a.items[*].id", "b" }, delay = 9 },
        ["doors:Left"] = function(detail) return { detail.x, { id = "y", region = "r" } } end,
      }
    end)
    local detail = { a = { items = { { id = "1" }, { id = "2" } } }, b = "3" }
    assert.same({ { id = "1", delay = 9 }, { id = "2", delay = 9 } },
      with_rule:event("doors:Made", detail))
    assert.same({ { id = "3", delay = 9 } }, with_rule:event("doors:Made", { b = "3" }))
    assert.same({ { id = "x" }, { id = "y", region = "r" } },
      with_rule:event("doors:Left", { x = "x" }))
  end)
end)
