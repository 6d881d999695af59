-- Names in AWS: ARNs, ids of accounts and organizations.
local arn = {}

local LONGEST = 2048

-- arn:partition:service:region:account:resource -> its five parts as a table, or nil.
function arn.parse(text)
  if #text > LONGEST or text:sub(1, 4) ~= "arn:" then return nil end
  local partition = text:find(":", 5, true)
  local service = partition and text:find(":", partition + 1, true)
  local region = service and text:find(":", service + 1, true)
  local account = region and text:find(":", region + 1, true)
  if not account then return nil end
  return {
    partition = text:sub(5, partition - 1),
    service = text:sub(partition + 1, service - 1),
    region = text:sub(service + 1, region - 1),
    account = text:sub(region + 1, account - 1),
    resource = text:sub(account + 1),
  }
end

function arn.is_account(text)
  return #text == 12 and text:find("^%d+$") ~= nil
end

-- Organization ids: `o-` and 10 to 32 lower-case letters or digits (AWS Organizations API
-- reference).
function arn.is_organization(text)
  return #text >= 4 and #text <= 34 and text:find("^o%-[a-z0-9]+$") ~= nil
end

local PARTITIONS = { -- botocore's partitions.json
  { "cn-", "aws-cn" },
  { "us-gov-", "aws-us-gov" },
  { "us-isob-", "aws-iso-b" },
  { "us-isof-", "aws-iso-f" },
  { "us-iso-", "aws-iso" },
  { "eu-isoe-", "aws-iso-e" },
  { "eusc-", "aws-eusc" },
}

-- The partition that a region belongs to.
function arn.partition(region)
  for _, pair in ipairs(PARTITIONS) do
    if region:sub(1, #pair[1]) == pair[1] then return pair[2] end
  end
  return "aws"
end

return arn
