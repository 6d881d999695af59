-- Names in AWS: ARNs, ids of accounts and organizations.
local arn = {}

local LONGEST = 2048

local find, sub = string.find, string.sub

-- arn:partition:service:region:account:resource -> its five parts as a table, or nil.
function arn.parse(text)
  if #text > LONGEST or sub(text, 1, 4) ~= "arn:" then return nil end
  local partition = find(text, ":", 5, true)
  local service = partition and find(text, ":", partition + 1, true)
  local region = service and find(text, ":", service + 1, true)
  local account = region and find(text, ":", region + 1, true)
  if not account then return nil end
  return {
    partition = sub(text, 5, partition - 1),
    service = sub(text, partition + 1, service - 1),
    region = sub(text, service + 1, region - 1),
    account = sub(text, region + 1, account - 1),
    resource = sub(text, account + 1),
  }
end

function arn.is_account(text)
  return #text == 12 and find(text, "^%d+$") ~= nil
end

-- Organization ids: `o-` and 10 to 32 lower-case letters or digits (AWS Organizations API
-- reference).
function arn.is_organization(text)
  return #text >= 4 and #text <= 34 and text:find("^o%-[a-z0-9]+$") ~= nil
end

local PARTITIONS = { -- by the first letters of their regions (botocore's partitions.json)
  ["cn-"] = "aws-cn",
  ["eusc-"] = "aws-eusc",
  ["us-gov-"] = "aws-us-gov", ["us-iso-"] = "aws-iso",
  ["us-isob-"] = "aws-iso-b", ["us-isof-"] = "aws-iso-f", ["eu-isoe-"] = "aws-iso-e",
}

-- The partition that a region belongs to.
function arn.partition(region)
  local known = PARTITIONS
  return known[region:sub(1, 3)] or known[region:sub(1, 5)] or known[region:sub(1, 7)]
    or known[region:sub(1, 8)] or "aws"
end

return arn
