-- The names of a queue: its URL with the current host and the older ones, and its ARN.
local arn = require "lib.arn"
local spellings = require "lib.spellings"

local queue_urls = {}

-- (SQS developer guide, "Queue name and identifiers"; AWS general reference, "Amazon SQS endpoints
-- and quotas": legacy endpoints, of which the one without a region is us-east-1's; FIPS, dual-stack
-- and interface endpoints.) Each pattern captures the region, or nothing.
local HOSTS = {
  "^sqs%.([%w-]+)%.", "^sqs%-fips%.([%w-]+)%.", "^([%w-]+)%.queue%.", "^(queue)%.",
  "^vpce%-[%w-]+%.sqs%.([%w-]+)%.vpce%.",
}
local SUFFIXES = { -- botocore's partitions.json: DNS suffixes, dual-stack ones included
  "amazonaws.com", "amazonaws.com.cn", "api.aws", "api.amazonwebservices.com.cn", "c2s.ic.gov",
  "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov", "amazonaws.eu",
}
local OF_PARTITION = {
  ["aws-cn"] = "amazonaws.com.cn", ["aws-iso"] = "c2s.ic.gov", ["aws-iso-b"] = "sc2s.sgov.gov",
  ["aws-iso-e"] = "cloud.adc-e.uk", ["aws-iso-f"] = "csp.hci.ic.gov",
  ["aws-eusc"] = "amazonaws.eu",
}

local function is_of_aws(host)
  for _, suffix in ipairs(SUFFIXES) do
    if host:sub(-#suffix - 1) == "." .. suffix then return true end
  end
  return false
end

local function region_of(host)
  for _, pattern in ipairs(HOSTS) do
    local region = host:match(pattern)
    if region == "queue" then return "us-east-1" end
    if region and region:find("^%l%l[%l-]*%-%d+$") then return region end
  end
end

local function check(what, said, meant)
  if said ~= meant then
    error(("the queue is of %s %s, but the line says %s"):format(what, said, meant), 0)
  end
end

-- A custom endpoint (of an emulator, a proxy) knows its queues by the URLs that it returned.
local function from_url(url, line)
  local host, path = url:match("^%a+://([^/]+)(/.*)$")
  if not host then error(url .. " is neither the URL nor the ARN of a queue", 0) end
  host = host:lower()
  if host:find(":", 1, true) then host = host:gsub(":%d+$", "") end
  local region = is_of_aws(host) and region_of(host)
  if not region then return url end
  local account, name = path:match("^/(%d+)/([^/]+)/?$")
  if not account then error(url .. " is not the URL of a queue", 0) end
  check("region", region, line.region)
  check("account", account, line.account)
  return name
end

-- The URL of the line's queues without their names.
local function start_of(line)
  local suffix = OF_PARTITION[arn.partition(line.region)] or "amazonaws.com"
  return ("https://sqs.%s.%s/%s/"):format(line.region, suffix, line.account)
end

-- Most ids are current URLs of the line's own place already.
local function is_current(id, line, form)
  if not line.region or not arn.is_account(line.account or "") then return false end
  local start = start_of(line)
  return id:sub(1, #start) == start and id:find(form, #start + 1) ~= nil
end

-- `id.canonical` of queues. A plain name is not an id: SQS needs the URL everywhere.
function queue_urls.canonical(id, line)
  local form = line.pattern and "^[%w_.*?-]+$" or "^[%w_.-]+$"
  if is_current(id, line, form) then return id end
  local name = spellings.resource(id, "sqs") or from_url(id, line)
  if name == id then return id end
  if not name:find(form) then error(id .. " does not name a queue", 0) end
  return start_of(line) .. name
end

return queue_urls
