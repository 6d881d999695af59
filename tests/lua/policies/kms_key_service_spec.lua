-- policies/kms_key.lua and statements that give everyone access through an AWS service.
local policies = require "support.policy"

local kms_key = policies.load "kms_key"

local ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
local ARN = "arn:aws:kms:us-east-1:111122223333:key/" .. ID
local OWN = '"kms:CallerAccount":"111122223333",'

local function statement(sid, principal, action, rest)
  local form = '{"Sid":"%s","Effect":"Allow","Principal":%s,"Action":"%s","Resource":"*"%s}'
  return form:format(sid, principal, action, rest or "")
end

local ROOT = statement("root", '{"AWS":"arn:aws:iam::111122223333:root"}', "kms:*")
local STRANGER = statement("partner", '{"AWS":"arn:aws:iam::999988887777:root"}', "kms:Encrypt")

local function through(more)
  local condition = ',"Condition":{"StringEquals":{%s"kms:ViaService":'
    .. '"s3.us-east-1.amazonaws.com"}}'
  return statement("through", '{"AWS":"*"}', "kms:Decrypt", condition:format(more))
end

local function document(...)
  return '{"Version":"2012-10-17","Id":"key-1","Statement":[' .. table.concat({ ... }, ",") .. "]}"
end

local function key_with(box)
  return kms_key:resource {
    id = ID,
    replies = {
      ["kms:GetKeyPolicy"] = function() return { Policy = box.text, PolicyName = "default" } end,
      ["kms:DescribeKey"] = { KeyMetadata = {
        KeyId = ID, Arn = ARN, KeyManager = "CUSTOMER", KeyState = "Enabled",
      } },
      ["kms:ListResourceTags"] = { Tags = {}, Truncated = false },
      ["kms:PutKeyPolicy"] = function(params)
        box.text = params.Policy
        return {}
      end,
      ["sts:GetCallerIdentity"] = {
        Account = "111122223333",
        Arn = "arn:aws:sts::111122223333:assumed-role/member_remediator/engine-1",
      },
    },
  }
end

describe("a key that gives everyone access through a service", function()
  it("keeps its own callers; the rest stays, and is restored, byte for byte", function()
    local before = document(ROOT, through "", STRANGER)
    local box = { text = before }
    local key = key_with(box)
    assert.same({ ["kms_key.public"] = "fixed", ["kms_key.shared"] = "none" }, (key:repair()))
    assert.equal(document(ROOT, through(OWN), STRANGER), box.text)
    key:undo()
    assert.equal(before, box.text)
  end)

  it("passes if it names its callers itself", function()
    local outcome = key_with({ text = document(ROOT, through(OWN)) }):audit()
    assert.equal("compliant", outcome["kms_key.public"].status)
  end)
end)
