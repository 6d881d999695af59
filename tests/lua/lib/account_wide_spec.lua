-- The region in which a policy reads what an account has once.
local account_wide = require "lib.account_wide"

local function region_of(region, master)
  local aws = { name = region, in_region = function(_, name) return { name = name } end }
  local settings = { master_region = master }
  return account_wide({ aws = aws, region = region, settings = settings }).name
end

describe("what an account has once", function()
  it("is read in the master region", function()
    assert.equal("us-east-1", region_of("eu-west-1", "us-east-1"))
    assert.equal("us-gov-west-1", region_of("us-gov-east-1", "us-gov-west-1"))
  end)

  it("is read in the resource's region if no master region can be used", function()
    assert.equal("eu-west-1", region_of("eu-west-1"))
    assert.equal("cn-north-1", region_of("cn-north-1", "us-east-1"))
  end)
end)
