-- policies/lambda_function.lua and AWS's own accounts, to whose topics functions subscribe.
local aws_ids = require "support.aws_ids"
local policies = require "support.policy"

local lambda = policies.load "lambda_function"
local json = policies.json

local ARN = "arn:aws:lambda:us-east-1:111122223333:function:orders"

local function allow(sid, principal, condition)
  return {
    Sid = sid, Effect = "Allow", Principal = principal, Action = "lambda:InvokeFunction",
    Resource = ARN, Condition = condition,
  }
end

local function function_with(box)
  return lambda:resource { id = "orders", replies = {
    ["lambda:GetPolicy"] = function()
      local policy = { Version = "2012-10-17", Id = "default", Statement = box }
      return { Policy = json.encode(policy), RevisionId = "r" .. #box }
    end,
    ["lambda:ListAliases"] = { Aliases = {} },
    ["lambda:ListVersionsByFunction"] = function()
      return { Versions = { { Version = "$LATEST", RevisionId = "r" .. #box } } }
    end,
    ["lambda:ListTags"] = { Tags = {} },
    ["lambda:RemovePermission"] = function(params)
      for i, statement in ipairs(box) do
        if statement.Sid == params.StatementId then table.remove(box, i) end
      end
      return {}
    end,
  } }
end

describe("accounts of AWS at a function", function()
  it("count as trusted, and keep their access in a repair", function()
    local stay, box = {}, {}
    for i, id in ipairs(aws_ids.list()) do
      stay[2 * i - 1] = allow("a" .. id, { AWS = ("arn:aws:iam::%s:root"):format(id) })
      stay[2 * i] = allow("n" .. id, { Service = "sns.amazonaws.com" },
        { ArnLike = { ["AWS:SourceArn"] = ("arn:aws:sns:us-east-1:%s:news"):format(id) } })
    end
    table.move(stay, 1, #stay, 2, box)
    box[1] = allow("open", "*")
    local results, outcome = function_with(box):repair()
    assert.equal("fixed", results["lambda_function.public"])
    assert.equal("compliant", outcome["lambda_function.shared"].status)
    assert.same(stay, box)
  end)
end)
