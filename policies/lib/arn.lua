-- Names in AWS: ARNs, ids of accounts and organizations.
local arn = {}

local LONGEST = 2048

-- arn:partition:service:region:account:resource -> its five parts as a table, or nil.
function arn.parse(text)
  if #text > LONGEST then return nil end
  local parts, from = {}, 1
  for part = 1, 5 do
    local colon = text:find(":", from, true)
    if not colon then return nil end
    parts[part] = text:sub(from, colon - 1)
    from = colon + 1
  end
  if parts[1] ~= "arn" then return nil end
  return {
    partition = parts[2],
    service = parts[3],
    region = parts[4],
    account = parts[5],
    resource = text:sub(from),
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
