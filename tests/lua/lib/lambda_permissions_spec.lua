-- Which statements AddPermission can restore, and which it cannot.
local permissions = require "lib.lambda_permissions"

local FN = { id = "orders", region = "eu-west-1", account = "111122223333" }
local ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders"

local function statement(changes)
  local made = {
    Sid = "s-1_x", Effect = "Allow", Principal = "*", Action = "lambda:InvokeFunction",
    Resource = ARN,
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function rebuilt(changes, qualifier)
  return permissions.rebuilt(FN, qualifier, statement(changes))
end

describe("a statement", function()
  it("is restored as it was", function()
    assert.same({
      FunctionName = "orders", StatementId = "s-1_x", Action = "lambda:InvokeFunction",
      Principal = "*",
    }, rebuilt())
  end)

  it("is restored at its version or alias", function()
    local with = rebuilt({ Resource = ARN .. ":live" }, "live")
    assert.equal("live", with.Qualifier)
    assert.is_nil(rebuilt({}, "live"))
    assert.is_nil(rebuilt { Resource = ARN .. ":live" })
  end)

  it("is restored with its principal", function()
    local root = "arn:aws-cn:iam::111122223333:root"
    assert.equal("sns.amazonaws.com", rebuilt({ Principal = { Service = "sns.amazonaws.com" } })
      .Principal)
    assert.equal(root, rebuilt({ Principal = { AWS = root } }).Principal)
  end)

  it("is restored with each condition that AddPermission writes", function()
    local with = rebuilt { Condition = {
      ArnLike = { ["AWS:SourceArn"] = "arn:aws:s3:::b" },
      StringEquals = {
        ["AWS:SourceAccount"] = "111122223333", ["aws:PrincipalOrgID"] = "o-a1b2c3d4e5",
        ["lambda:EventSourceToken"] = "t", ["lambda:FunctionUrlAuthType"] = "NONE",
      },
      Bool = { ["lambda:InvokedViaFunctionUrl"] = "true" },
    } }
    assert.same({
      FunctionName = "orders", StatementId = "s-1_x", Action = "lambda:InvokeFunction",
      Principal = "*", SourceArn = "arn:aws:s3:::b", SourceAccount = "111122223333",
      PrincipalOrgID = "o-a1b2c3d4e5", EventSourceToken = "t", FunctionUrlAuthType = "NONE",
      InvokedViaFunctionUrl = true,
    }, with)
    local unsaid = rebuilt { Condition = { Bool = { ["lambda:InvokedViaFunctionUrl"] = false } } }
    assert.equal(false, unsaid.InvokedViaFunctionUrl)
  end)

  it("cannot be restored if AddPermission would write a different one", function()
    for why, changes in pairs {
      ["cannot write NotAction"] = { NotAction = "x" },
      ["cannot write A"] = { B = 1, A = 2 },
      ["only allows"] = { Effect = "Deny" },
      ["accepts only one action"] = { Action = { "a", "b" } },
      ["Resource is not"] = { Resource = ARN .. ":*" },
      ["does not accept its Sid"] = { Sid = "a b" },
      ["not an object"] = { Condition = "x" },
      ["is not an object"] = { Condition = { StringEquals = "x" } },
      ["StringLike AWS:SourceArn"] = { Condition = { StringLike = { ["AWS:SourceArn"] = "x" } } },
      ["StringEquals aws:sourceaccount"] = {
        Condition = { StringEquals = { ["aws:sourceaccount"] = "x" } },
      },
      ["StringEquals AWS:SourceAccount"] = {
        Condition = { StringEquals = { ["AWS:SourceAccount"] = { "1", "2" } } },
      },
      ["Bool lambda:InvokedViaFunctionUrl"] = {
        Condition = { Bool = { ["lambda:InvokedViaFunctionUrl"] = "maybe" } },
      },
    } do
      local with, reason = rebuilt(changes)
      assert.is_nil(with)
      assert.truthy(reason:find(why, 1, true), reason)
    end
    assert.is_nil(rebuilt { Sid = ("s"):rep(101) })
    assert.truthy(rebuilt { Sid = ("s"):rep(100) })
  end)

  it("is refused for the same one of several conditions each time", function()
    for last = 2, 20 do
      local block, operators = {}, {}
      for i = last, 1, -1 do
        block[("aws:Key%02d"):format(i)] = "x"
        operators[("Operator%02d"):format(i)] = block
      end
      local _, why = rebuilt { Condition = operators }
      assert.equal("AddPermission cannot write the condition Operator01 aws:Key01", why)
    end
  end)

  it("cannot be restored with a principal that Lambda would store differently", function()
    for _, principal in ipairs {
      { AWS = "*" }, { AWS = { "*" } }, { AWS = "AIDAABCDEFGHIJKLMNOPQ" },
      { AWS = "arn:aws:iam::111122223333:role/x" }, { Federated = "x" },
      { AWS = "arn:aws:iam::111122223333:root", Service = "sns.amazonaws.com" }, 7,
    } do
      local with, why = rebuilt { Principal = principal }
      assert.is_nil(with)
      assert.truthy(why:find("Principal", 1, true))
    end
  end)
end)
