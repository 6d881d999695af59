-- Incomplete grants of ACLs (for complete ones, see policies/s3_bucket_spec.lua).
local s3_grants = require "lib.s3_grants"

describe("grants of an ACL", function()
  it("without a grantee give no verdict", function()
    for _, grant in ipairs {
      { Permission = "READ" }, { Permission = "READ", Grantee = {} },
      { Permission = "READ", Grantee = { Type = "Group" } },
      { Permission = "READ", Grantee = { Type = "Group", URI = "" } },
    } do
      assert.has_error(function() s3_grants.public { Grants = { grant } } end,
        "s3:GetBucketAcl returned a grant without a grantee")
    end
  end)

  it("to an unknown group give no verdict", function()
    local grantee = { Type = "Group", URI = "http://acs.amazonaws.com/groups/global/SomeUsers" }
    local acl = { Grants = { { Permission = "READ", Grantee = grantee } } }
    assert.has_error(function() s3_grants.public(acl) end,
      "s3:GetBucketAcl returned a grant to an unknown group: " .. grantee.URI)
  end)

  it("to everyone count, whatever is not known of others", function()
    local group = "http://acs.amazonaws.com/groups/global/"
    local acl = { Grants = {
      { Permission = "READ", Grantee = { URI = group .. "SomeUsers" } },
      { Permission = "WRITE", Grantee = {} },
      { Permission = "READ_ACP", Grantee = { URI = group .. "AllUsers" } },
    } }
    assert.equal("the ACL grants READ_ACP to everyone",
      s3_grants.describe(s3_grants.public(acl)))
    assert.equal("s3:GetBucketAcl returned a grant to an unknown group: " .. group .. "SomeUsers",
      s3_grants.doubt(acl))
  end)

  it("to one grantee are not grants to everyone", function()
    for _, grantee in ipairs {
      { ID = "0a0b" }, { EmailAddress = "a@example.com" },
      { URI = "http://acs.amazonaws.com/groups/s3/LogDelivery" },
    } do
      local acl = { Grants = { { Permission = "READ", Grantee = grantee } } }
      assert.same({}, s3_grants.public(acl))
    end
  end)
end)
