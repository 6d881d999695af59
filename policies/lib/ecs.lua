-- Helpers that the ECS policies (services, tasks, task sets) share.
local arn = require "lib.arn"
local listing = require "lib.listing"
local spellings = require "lib.spellings"
local test_resources = require "lib.test_resources"
local expect = require "lib.expect"

local ecs = {}

local NO_CLUSTER = "ClusterNotFoundException"

-- Parts of a resource's path: service/cluster/name, task/cluster/id,
-- task-set/cluster/service/ecs-svc/id (ECS developer guide, "Amazon Resource Names"). Older ARNs of
-- services and tasks lack the cluster.
local PARTS = { service = 2, task = 2, ["task-set"] = 4 }

local function path_of(id, kind)
  local found = arn.parse(id)
  if not found or found.service ~= "ecs" then return nil end
  local parts = {}
  for part in (found.resource .. "/"):gmatch("([^/]*)/") do parts[#parts + 1] = part end
  if table.remove(parts, 1) ~= kind or #parts == 0 then return nil end
  for _, part in ipairs(parts) do
    if part == "" then return nil end
  end
  return parts
end

-- "service", "task" or "task-set" and its ARN -> the cluster's name, and the next part.
function ecs.names(kind, id)
  local parts = path_of(id, kind)
  if not parts then error(("the id is not the ARN of an ECS %s"):format(kind), 0) end
  if #parts < PARTS[kind] then
    error(("the ARN is of the old form, without a cluster: the %s cannot be described"):format(
      kind), 0)
  end
  return parts[1], parts[2]
end

-- `id.canonical` of that kind: the ARN, or its end with or without the kind (cluster/name). An id
-- without a cluster is not changed, and is refused when it is described.
function ecs.canonical(kind)
  return spellings.full_arn("ecs", function(text)
    if not text:find("^[^/:]+/") then return nil end
    return text:find("^" .. kind:gsub("%-", "%%-") .. "/") and text or kind .. "/" .. text
  end)
end

-- The ARN in its new form, from the old one and the cluster's ARN.
function ecs.with_cluster(kind, id, cluster)
  if type(id) ~= "string" or type(cluster) ~= "string" then return id end
  local parts, place = path_of(id, kind), path_of(cluster, "cluster")
  if not parts or #parts ~= 1 or not place then return id end
  return id:sub(1, #id - #parts[1]) .. place[1] .. "/" .. parts[1]
end

-- The last part of a name that may be an ARN.
local function last_of(name)
  return name:match("[^/:]+$") or name
end

-- The names in a request, "cluster" (the default cluster if there is none), "service" and the like,
-- as cluster/service for `canonical`. nil if a name is missing.
function ecs.asked(request, ...)
  if type(request) ~= "table" then return nil end
  local path = type(request.cluster) == "string" and last_of(request.cluster) or "default"
  for _, member in ipairs { ... } do
    if type(request[member]) ~= "string" then return nil end
    path = path .. "/" .. last_of(request[member])
  end
  return path
end

-- Does a network configuration assign public addresses to tasks?
function ecs.is_public(network)
  local vpc = network and network.awsvpcConfiguration
  return vpc ~= nil and vpc.assignPublicIp == "ENABLED"
end

-- AWS's list of { key =, value = } as a map.
function ecs.tags(list)
  local map = {}
  for _, tag in ipairs(list or {}) do map[tag.key] = tag.value or "" end
  return map
end

-- The only resource in the result of a Describe call; nil if there is none. Any failure except
-- MISSING is an error (ECS developer guide, "API failure reasons").
function ecs.only(reply, name, call)
  if not reply then return nil end
  local failure = (reply.failures or {})[1]
  if failure and failure.reason ~= "MISSING" then
    error(("%s: %s"):format(call, tostring(failure.reason)), 0)
  end
  return expect(reply, call, name)[name][1]
end

-- The service or task with its tags, requested together with others of its cluster; nil if it does
-- not exist. `how` as for `discover`.
function ecs.one(resource, how)
  local cluster, name = ecs.names(how.kind, resource.id)
  local with = { cluster = cluster, include = { "TAGS" } }
  local reply = resource.aws.ecs:one(how.describe, how.described, name,
    { with = with, most = how.at_once }, NO_CLUSTER)
  return ecs.only(reply, how.described, "ecs:" .. how.describe)
end

-- Calls fn with the ARN of each cluster. The three types share the list, so `pages` cannot read it.
function ecs.each_cluster(scope, fn)
  local wanted = { maxResults = 100 }
  listing(scope.aws.ecs, "ListClusters", wanted, "nextToken", "nextToken", function(page)
    scope:map(expect(page, "ecs:ListClusters", "clusterArns").clusterArns, fn)
  end)
end

-- Calls fn with the list `member` of each page of a list call in a cluster; does nothing if the
-- cluster no longer exists.
function ecs.each_page(scope, operation, wanted, member, fn)
  listing(scope.aws.ecs, operation, wanted, "nextToken", "nextToken", function(page)
    fn(expect(page, "ecs:" .. operation, member)[member])
  end, NO_CLUSTER)
end

-- Passes services or tasks of every cluster to scope:found. `how`: the ARN's kind, the list call
-- with its parameters and member, and the call that describes `at_once` of them with their tags.
function ecs.discover(scope, how)
  ecs.each_cluster(scope, function(cluster)
    local function tags_of(_, arns)
      local wanted = { cluster = cluster, [how.described] = arns, include = { "TAGS" } }
      local reply, found = scope.aws.ecs:try(how.describe, wanted, NO_CLUSTER), {}
      for _, one in ipairs(reply and reply[how.described] or {}) do
        found[one[how.kind .. "Arn"]] = ecs.tags(one.tags)
      end
      return found
    end
    local function id_of(one) return ecs.with_cluster(how.kind, one, cluster) end
    local named = { at_once = how.at_once, tags_of = tags_of, id_of = id_of }
    local wanted = { cluster = cluster, desiredStatus = how.status, maxResults = 100 }
    ecs.each_page(scope, how.list, wanted, how.listed, function(arns)
      test_resources.found(scope, arns, named)
    end)
  end)
end

return ecs
