-- Statements of key policies that give everyone access through an AWS service.
local access = require "lib.access"
local json = require "support.json"
local via_service = require "lib.via_service"

local OWN, FRIEND, STRANGER = "111122223333", "222233334444", "999988887777"
local EBS = "ec2.us-east-1.amazonaws.com"

local resource = { account = OWN, type = "kms_key" }
function resource.trusted(_, id) return id == FRIEND end

local function judge(document) return access.open_to_anyone(document, resource) end

local function through(condition, principal)
  return {
    Sid = "Allow access through EBS", Effect = "Allow", Principal = principal or { AWS = "*" },
    Action = { "kms:Encrypt", "kms:Decrypt", "kms:CreateGrant" }, Resource = "*",
    Condition = condition,
  }
end

-- The one statement after it is limited, and whether it still gives anyone access.
local function limited(statement)
  local given = { Version = "2012-10-17", Id = "x", Statement = { statement } }
  local before = json.canonical(given)
  local left = via_service.limited(given, resource, judge)
  assert.equal(before, json.canonical(given))
  assert.same({ "2012-10-17", "x" }, { left.Version, left.Id })
  return left.Statement[1], #judge(left) == 0
end

local function assert_limited(condition, given, principal)
  local left, closed = limited(through(given, principal))
  assert.same(through(condition, principal), left)
  assert.is_true(closed)
end

describe("a statement that gives everyone access through a service", function()
  it("is limited to the account's callers, as AWS's own keys are", function()
    assert_limited({ StringEquals = { ["kms:ViaService"] = EBS, ["kms:CallerAccount"] = OWN } },
      { StringEquals = { ["kms:ViaService"] = EBS } })
    assert_limited({ StringEquals = { ["kms:ViaService"] = EBS, ["kms:CallerAccount"] = OWN } },
      { StringEquals = { ["kms:ViaService"] = EBS } }, "*")
  end)

  it("keeps its other conditions and operators", function()
    assert_limited({
      StringLike = { ["kms:ViaService"] = { "ec2.*.amazonaws.com", "rds.*.amazonaws.com" } },
      Bool = { ["kms:GrantIsForAWSResource"] = "true" },
      StringEquals = { ["kms:CallerAccount"] = OWN },
    }, {
      StringLike = { ["kms:ViaService"] = { "ec2.*.amazonaws.com", "rds.*.amazonaws.com" } },
      Bool = { ["kms:GrantIsForAWSResource"] = "true" },
    })
    assert_limited({
      stringequals = { ["KMS:viaservice"] = EBS, ["kms:CallerAccount"] = OWN },
    }, { stringequals = { ["KMS:viaservice"] = EBS } })
  end)

  it("keeps trusted principals that are named beside everyone", function()
    local names = { "*", "arn:aws:iam::" .. FRIEND .. ":root", OWN }
    assert_limited({
      StringEquals = { ["kms:ViaService"] = EBS, ["kms:CallerAccount"] = { OWN, FRIEND } },
    }, { StringEquals = { ["kms:ViaService"] = EBS } }, { AWS = names })
  end)
end)

describe("a statement is not changed", function()
  it("if it gives access other than through a service", function()
    for _, condition in ipairs {
      { StringNotEquals = { ["kms:ViaService"] = EBS } },
      { StringEqualsIfExists = { ["kms:ViaService"] = EBS } },
      { ["ForAllValues:StringEquals"] = { ["kms:ViaService"] = EBS } },
      { Null = { ["kms:ViaService"] = "false" } },
      { Bool = { ["kms:GrantIsForAWSResource"] = "true" } },
    } do
      local statement = through(condition)
      assert.same({ statement, false }, { limited(statement) })
    end
  end)

  it("if it already names the account, or names untrusted accounts or other principals", function()
    local partner = through({ StringEquals = { ["kms:ViaService"] = EBS } },
      { AWS = { "*", STRANGER } })
    assert.same({ partner, false }, { limited(partner) })
    local said = through { StringEquals = {
      ["kms:ViaService"] = EBS, ["kms:CallerAccount"] = "${aws:PrincipalAccount}" } }
    assert.same({ said, false }, { limited(said) })
    local service = through({ StringEquals = { ["kms:ViaService"] = EBS } },
      { AWS = "*", Service = "ec2.amazonaws.com" })
    assert.same({ service, false }, { limited(service) })
    local excepted = through { StringEquals = { ["kms:ViaService"] = EBS } }
    excepted.Principal, excepted.NotPrincipal = nil, { AWS = STRANGER }
    assert.same({ excepted, false }, { limited(excepted) })
  end)
end)
