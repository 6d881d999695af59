-- Permissions of images and snapshots: read, evaluated, and removed.
local sharing = require "lib.sharing"

local ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-abcdef1234"
local UNIT = "arn:aws:organizations::444455556666:ou/o-abcdef1234/ou-ab12-cdefgh34"

-- trusted: { id = true }; for an id with the value "undecided", trust cannot be determined.
local function resource(trusted)
  return {
    account = "111122223333",
    trusted = function(_, id)
      local answer = trusted and trusted[id] or false
      if answer == "undecided" then return nil end
      return answer
    end,
  }
end

local function user(id) return { kind = "UserId", value = id } end
local EVERYONE = { kind = "Group", value = "all" }

local function strangers(grants, trusted)
  return sharing.values(sharing.untrusted(grants, resource(trusted)))
end

describe("permissions of EC2", function()
  it("are read with their kinds, in a fixed order", function()
    local one = { { UserId = "2" }, { OrganizationalUnitArn = UNIT }, { Group = "all" },
      { UserId = "1" }, { OrganizationArn = ORGANIZATION } }
    local other = { one[5], one[4], one[3], one[2], one[1] }
    local wanted = {
      EVERYONE, { kind = "OrganizationArn", value = ORGANIZATION },
      { kind = "OrganizationalUnitArn", value = UNIT }, user "1", user "2",
    }
    assert.same(wanted, sharing.of_permissions(one))
    assert.same(wanted, sharing.of_permissions(other))
    assert.same({}, sharing.of_permissions {})
  end)

  it("raise an error if they are not understood", function()
    assert.has_error(function() sharing.of_permissions { { UserId = "1" }, {} } end,
      "a permission has no grantee")
    assert.has_error(function() sharing.of_permissions { { UserId = "" } } end,
      "a permission has no grantee")
    assert.has_error(function() sharing.of_values({ "" }, "a") end,
      "a restore attribute has no grantee")
    assert.has_error(function() sharing.of_permissions { { Group = "some" } } end,
      "a permission is for an unknown group: some")
  end)
end)

describe("values of RDS", function()
  it("are read once each, with their snapshot", function()
    local values = { "222233334444", "all", "111122223333", "all" }
    assert.same({
      { kind = "Group", value = "all", of = "a" },
      { kind = "UserId", value = "111122223333", of = "a" },
      { kind = "UserId", value = "222233334444", of = "a" },
    }, sharing.of_values(values, "a"))
    assert.same({}, sharing.of_values({}, "a"))
  end)
end)

describe("sharing.public", function()
  it("finds the permission for everyone, and no other", function()
    assert.same({ EVERYONE }, sharing.public { EVERYONE, user "999988887777" })
    assert.same({}, sharing.public { user "999988887777", user "all" })
    assert.same({}, sharing.public {})
  end)
end)

describe("sharing.untrusted", function()
  it("finds accounts that are neither known nor the own account", function()
    local grants = { EVERYONE, user "111122223333", user "222233334444", user "999988887777" }
    assert.same({ "999988887777" }, strangers(grants, { ["222233334444"] = true }))
    assert.same({ "222233334444", "999988887777" }, strangers(grants))
    assert.same({}, strangers { EVERYONE, user "111122223333" })
  end)

  it("compares an organization and its units by the organization's id", function()
    local grants = {
      { kind = "OrganizationArn", value = ORGANIZATION },
      { kind = "OrganizationalUnitArn", value = UNIT },
    }
    assert.same({}, strangers(grants, { ["o-abcdef1234"] = true }))
    assert.same({ ORGANIZATION, UNIT }, strangers(grants))
    -- a known account does not make the organization that it manages trusted
    assert.same({ ORGANIZATION, UNIT }, strangers(grants, { ["444455556666"] = true }))
    local own = { { kind = "OrganizationArn",
      value = "arn:aws:organizations::111122223333:organization/o-other12345" } }
    assert.same({ own[1].value }, strangers(own))
  end)

  it("trusts a unit that is known, and not the rest of its organization", function()
    local grants = {
      { kind = "OrganizationArn", value = ORGANIZATION },
      { kind = "OrganizationalUnitArn", value = UNIT },
    }
    assert.same({ ORGANIZATION }, strangers(grants, { ["ou-ab12-cdefgh34"] = true }))
    local ok, why = pcall(strangers, { grants[2] },
      { ["o-abcdef1234"] = "undecided", ["ou-ab12-cdefgh34"] = "undecided" })
    assert.is_false(ok)
    assert.truthy(why:find("it is not known", 1, true))
  end)

  it("trusts no ARN of anything but an organization or a unit", function()
    local trusted = { ["o-abcdef1234"] = true, ["444455556666"] = true, [""] = true }
    for _, pair in ipairs {
      { "OrganizationArn", UNIT }, { "OrganizationalUnitArn", ORGANIZATION },
      { "OrganizationArn", "o-abcdef1234" }, { "OrganizationArn", "" },
      { "OrganizationArn", "arn:aws:iam::444455556666:organization/o-abcdef1234" },
      { "OrganizationArn", "arn:aws:organizations::444455556666:organization/o-abcdef1234/x" },
      { "OrganizationArn", "arn:aws:organizations::444455556666:organization/444455556666" },
      { "OrganizationalUnitArn", "arn:aws:organizations::444455556666:ou/o-abcdef1234" },
      { "OrganizationalUnitArn", "arn:aws:organizations::444455556666:ou/o-ABC/ou-ab12-cd" },
      { "OrganizationArn", "arn:" .. ("x"):rep(5000) },
    } do
      local grant = { kind = pair[1], value = pair[2] }
      assert.same({ pair[2] }, strangers({ grant }, trusted))
    end
  end)

  it("raises an error if a clean verdict depends on an unknown, and finds what is known", function()
    local undecided = { ["222233334444"] = "undecided", ["o-abcdef1234"] = "undecided" }
    assert.has_error(function() strangers({ EVERYONE, user "222233334444" }, undecided) end,
      "it is not known whether 222233334444 is trusted: the organization could not be read")
    local organization = { kind = "OrganizationArn", value = ORGANIZATION }
    local ok, why = pcall(strangers, { organization, user "222233334444" }, undecided)
    assert.is_false(ok)
    assert.truthy(why:find("it is not known whether " .. ORGANIZATION .. " is trusted", 1, true))
    local mixed = { user "222233334444", user "999988887777" }
    assert.same({ "999988887777" }, strangers(mixed, undecided))
    assert.same({}, strangers({ EVERYONE, user "111122223333" }, undecided))
  end)
end)

describe("sharing.verdict", function()
  it("passes if nothing is found", function()
    assert.same({ n = 1, true }, table.pack(sharing.verdict({}, "may launch it")))
  end)

  it("names a few on one line, and has all as evidence", function()
    local found = { EVERYONE, user "1", user "2\n3" }
    local passed, summary, evidence = sharing.verdict(found, "may launch it")
    assert.is_false(passed)
    assert.equal("anyone, 1, 2 3 may launch it", summary)
    assert.equal(found, evidence)
    local many = {}
    for i = 1, 40 do many[i] = user(tostring(i)) end
    local _, text = sharing.verdict(many, "may restore it")
    assert.equal("1, 2, 3 and 37 more may restore it", text)
  end)
end)

describe("sharing.without", function()
  it("keeps what is not removed, by kind, value and resource", function()
    local grants = {
      EVERYONE, user "all", user "1", { kind = "UserId", value = "1", of = "a" },
      { kind = "UserId", value = "1", of = "b" },
    }
    local gone = { { kind = "Group", value = "all" }, { kind = "UserId", value = "1", of = "a" } }
    assert.same({ grants[2], grants[3], grants[5] }, sharing.without(grants, gone))
    assert.equal(5, #grants)
    assert.same({}, sharing.without(gone, gone))
  end)
end)

describe("sharing.removal", function()
  local function change(operation, grants)
    return { call = operation, with = { values = sharing.values(grants) } }
  end
  local function predict(taken) return { gone = #taken } end

  it("makes one step, whose undo adds what it removes", function()
    assert.same({ {
      call = "remove", with = { values = { "1", "2" } },
      undo = { call = "add", with = { values = { "1", "2" } } }, after = { gone = 2 },
    } }, sharing.removal({ user "1", user "2" }, nil, change, predict))
    assert.same({}, sharing.removal({}, "never", change, predict))
  end)

  it("cannot be undone for everyone if AWS would refuse that; for accounts it can", function()
    assert.same({ {
      call = "remove", with = { values = { "all" } }, irreversible = "never", after = { gone = 1 },
    } },
      sharing.removal({ EVERYONE }, "never", change, predict))
    assert.truthy(sharing.removal({ user "1" }, "never", change, predict)[1].undo)
    assert.truthy(sharing.removal({ EVERYONE }, nil, change, predict)[1].undo)
  end)

  it("removes at most 500 at once", function()
    local gone = {}
    for i = 1, 1001 do gone[i] = user(("%012d"):format(i)) end
    local steps = sharing.removal(gone, nil, change, predict)
    assert.same({ 500, 500, 1 },
      { #steps[1].with.values, #steps[2].with.values, #steps[3].with.values })
    assert.equal("000000001001", steps[3].undo.with.values[1])
    assert.same({ gone = 500 }, steps[1].after)
    assert.same({ gone = 1001 }, steps[3].after)
    assert.equal(1, #sharing.removal({ table.unpack(gone, 1, 500) }, nil, change, predict))
  end)
end)
