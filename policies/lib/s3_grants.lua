-- Grants of a bucket's ACL: { Owner =, Grants = } as returned by GetBucketAcl.
local s3_grants = {}

-- S3 user guide, "Access control list overview". Server access logging needs the grants to the
-- third group, so they are kept.
local EVERYONE = {
  ["http://acs.amazonaws.com/groups/global/AllUsers"] = "everyone",
  ["http://acs.amazonaws.com/groups/global/AuthenticatedUsers"] = "everyone with an AWS account",
}
local LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"

-- Why it is not known who has the grant, or nil: it could be for everyone.
local function doubt(grant)
  local grantee = grant.Grantee or {}
  local group = grantee.URI
  if (group or grantee.ID or grantee.EmailAddress or "") == "" then
    return "a grant without a grantee"
  end
  if not group or group == LOG_DELIVERY or EVERYONE[group] then return nil end
  return "a grant to an unknown group: " .. group
end

-- What is not known of these grants, or nil.
function s3_grants.doubt(acl)
  for _, grant in ipairs(acl.Grants) do
    local why = doubt(grant)
    if why then return "s3:GetBucketAcl returned " .. why end
  end
  return nil
end

local function is_public(grant)
  return EVERYONE[grant.Grantee and grant.Grantee.URI] ~= nil
end

-- The grants to everyone: a list of { group =, permission =, uri = }. They count, whatever is not
-- known of others; raises if there are none, but some grant could be for everyone.
function s3_grants.public(acl)
  local found = {}
  for _, grant in ipairs(acl.Grants) do
    if is_public(grant) then
      local uri = grant.Grantee.URI
      found[#found + 1] = { group = EVERYONE[uri], permission = grant.Permission, uri = uri }
    end
  end
  local why = #found == 0 and s3_grants.doubt(acl)
  if why then error(why, 0) end
  return found
end

-- "the ACL grants READ to everyone"
function s3_grants.describe(found)
  local parts = {}
  for i, grant in ipairs(found) do parts[i] = grant.permission .. " to " .. grant.group end
  return "the ACL grants " .. table.concat(parts, ", ")
end

-- The parameters of PutBucketAcl for exactly this ACL.
function s3_grants.put(bucket, acl)
  return { Bucket = bucket, AccessControlPolicy = { Owner = acl.Owner, Grants = acl.Grants } }
end

-- The parameters of PutBucketAcl, and the resulting ACL, without the grants to everyone. If nothing
-- else is left the bucket becomes private: full control for its owner.
function s3_grants.without_public(bucket, acl)
  local kept = {}
  for _, grant in ipairs(acl.Grants) do
    if not is_public(grant) then kept[#kept + 1] = grant end
  end
  if #kept > 0 then
    local rest = { Owner = acl.Owner, Grants = kept }
    return s3_grants.put(bucket, rest), rest
  end
  local owner = { Type = "CanonicalUser", ID = acl.Owner.ID, DisplayName = acl.Owner.DisplayName }
  local own = { Owner = acl.Owner, Grants = { { Grantee = owner, Permission = "FULL_CONTROL" } } }
  return { Bucket = bucket, ACL = "private" }, own
end

return s3_grants
