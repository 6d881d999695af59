-- The identity under which AWS sees the caller, and the names that match it.
local caller = require "lib.caller"

local ACCOUNT = "111122223333"
local SESSION = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine-1"
local role = caller.parse(SESSION)
local user = caller.parse("arn:aws:iam::111122223333:user/ops/anna")
local root = caller.parse("arn:aws:iam::111122223333:root")
local federated = caller.parse("arn:aws:sts::111122223333:federated-user/anna")

local function iam(rest)
  return "arn:aws:iam::111122223333:" .. rest
end

describe("the caller", function()
  it("is a role, a user, root or something else", function()
    assert.same({ arn = SESSION, account = ACCOUNT, kind = "role", name = "member_remediator" },
      role)
    assert.equal("user anna", user.kind .. " " .. user.name)
    assert.equal("root ", root.kind .. " " .. root.name)
    assert.equal("other ", federated.kind .. " " .. federated.name)
    assert.has_error(function() caller.parse("") end)
  end)

  it("is a role of its own account, in any letter case of the name", function()
    assert.is_true(caller.is_role(role, ACCOUNT, "Member_Remediator"))
    assert.is_false(caller.is_role(role, "444455556666", "member_remediator"))
    assert.is_false(caller.is_role(role, ACCOUNT, "member"))
    assert.is_false(caller.is_role(user, ACCOUNT, "anna"))
  end)

  it("is named by its own ARN, by its account, or by everybody", function()
    for _, text in ipairs {
      "*", ACCOUNT, iam "root", SESSION, iam "role/member_remediator",
      iam "role/some/path/member_remediator",
    } do
      assert.is_true(caller.is_named(role, text), text)
    end
    for _, text in ipairs {
      "444455556666", "arn:aws:iam::444455556666:root", iam "user/member_remediator",
      "arn:aws:iam::444455556666:role/member_remediator", iam "role/other", "lambda.amazonaws.com",
      "arn:aws:sts::111122223333:assumed-role/member_remediator/other",
      iam "role/member_remediator/x",
    } do
      assert.is_false(caller.is_named(role, text), text)
    end
    assert.is_true(caller.is_named(user, iam "user/ops/anna"))
    assert.is_false(caller.is_named(root, iam "user/root"))
    assert.is_true(caller.is_named(root, iam "root"))
    assert.is_false(caller.is_named(federated, iam "user/anna"))
  end)

  it("is matched by patterns of its role's ARN", function()
    for _, pattern in ipairs {
      "*", iam "role/*", iam "role/member_*", iam "role/path/member_remediator",
      "arn:*:iam::111122223333:role/member_remediator",
    } do
      assert.is_true(caller.matches(role, pattern), pattern)
    end
    for _, pattern in ipairs {
      iam "root", ACCOUNT, iam "role/path/*", iam "role/admin", SESSION, "",
    } do
      assert.is_false(caller.matches(role, pattern), pattern)
    end
    assert.is_true(caller.matches(user, iam "user/ops/*"))
  end)
end)
