-- The ids of all accounts of AWS's own that the policies know, sorted: read from the table as text,
-- so that a test goes through each whatever the table is used for. Without a partition: "aws".
--
--   local aws_ids = require "support.aws_ids"
--   for _, id in ipairs(aws_ids.list()) do … end
--   aws_ids.json()           -- the same as a list in JSON, of roots' ARNs
local aws_accounts = require "lib.aws_accounts"
local json = require "support.json"

local aws_ids = {}

local FILE = "policies/lib/aws_accounts.lua"

function aws_ids.list(partition)
  local file = assert(io.open(FILE))
  local text, found = file:read "a", {}
  file:close()
  for id in text:gmatch("%f[%w]%d+%f[%W]") do
    local known = #id == 12 and aws_accounts.is_aws(id, partition)
    if known then found[#found + 1] = id end
  end
  table.sort(found)
  assert(#found > 0, "there are none")
  return found
end

function aws_ids.json()
  local roots = {}
  for i, id in ipairs(aws_ids.list()) do roots[i] = ("arn:aws:iam::%s:root"):format(id) end
  return json.encode(roots)
end

return aws_ids
