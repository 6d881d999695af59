-- AWS's own accounts: an account is AWS's own only in its partition.
local access = require "lib.access"
local aws_accounts = require "lib.aws_accounts"
local sharing = require "lib.sharing"

describe("aws_accounts", function()
  it("recognizes accounts by id, by ARN and by canonical user", function()
    assert.is_true(aws_accounts.is_aws "127311923021")
    assert.is_true(aws_accounts.is_aws "arn:aws:iam::127311923021:root")
    assert.is_true(aws_accounts.is_aws "arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged")
    assert.is_true(aws_accounts.is_aws(
      "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"))
    assert.equal("access logs of load balancers", aws_accounts.use "127311923021")
  end)

  it("recognizes an account only in its partition", function()
    assert.is_false(aws_accounts.is_aws "638102146993")
    assert.is_true(aws_accounts.is_aws("638102146993", "aws-cn"))
    assert.is_true(aws_accounts.is_aws("arn:aws-cn:iam::638102146993:root", "aws"))
    assert.is_false(aws_accounts.is_aws("arn:aws:iam::638102146993:root", "aws-cn"))
    assert.is_false(aws_accounts.is_aws("127311923021", "aws-us-gov"))
    assert.is_false(aws_accounts.is_aws("127311923021", "aws-iso"))
  end)

  it("recognizes nobody else", function()
    for _, text in ipairs { "", "*", "111122223333", "12731192302", "1273119230210",
      "arn:aws:iam::111122223333:role/127311923021", "127311923021:root",
      "arn:aws:iam::*:root", "C4C1EDE66AF53448B93C283CE9448C4BA468C9432AA01D700D3878632F77D2D0",
      "use" } do
      assert.is_false(aws_accounts.is_aws(text), text)
    end
  end)
end)

describe("accounts of AWS beside a resource", function()
  local CHINA = "638102146993"

  local function resource_in(region)
    return { type = "s3_bucket", account = "111122223333", region = region,
      trusted = function() return false end }
  end

  it("are compared in the resource's partition", function()
    local function named(arn, region)
      local document = { Statement = {
        Effect = "Allow", Principal = { AWS = arn }, Action = "s3:PutObject", Resource = "*",
      } }
      return #access.shared_with_unknown(document, resource_in(region))
    end
    assert.equal(0, named(("arn:aws-cn:iam::%s:root"):format(CHINA), "cn-north-1"))
    assert.equal(0, named(CHINA, "cn-northwest-1"))
    assert.equal(1, named(CHINA, "eu-west-1"))
    assert.equal(1, named("127311923021", "us-gov-west-1"))
    assert.equal(0, named("048591011584", "us-gov-east-1"))
    assert.equal(0, named("127311923021", "eu-west-1"))
  end)

  it("may be shared images and snapshots there", function()
    local grants = { { kind = "UserId", value = CHINA } }
    assert.same({}, sharing.untrusted(grants, resource_in "cn-north-1"))
    assert.same(grants, sharing.untrusted(grants, resource_in "us-east-1"))
  end)
end)

describe("every type that finds untrusted accounts", function()
  local function text_of(path)
    local file = assert(io.open(path))
    local text = file:read "a"
    file:close()
    return text
  end

  it("has a test that no repair removes an account of AWS", function()
    local count = 0
    for path in io.popen("ls policies/*.lua"):lines() do
      local type = path:match("([%w_]+)%.lua$")
      local text = text_of(path)
      if text:find('id = "' .. type .. ".shared", 1, true)
        or text:find('id = "' .. type .. ".grants_access", 1, true) then
        count = count + 1
        local specs = io.popen("cat tests/lua/policies/" .. type .. "_*spec.lua"):read "a"
        assert.truthy(specs:find('describe("accounts of AWS ', 1, true), type)
      end
    end
    assert.equal(8, count)
  end)
end)
