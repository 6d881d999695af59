-- engine run preflight.lua SCRIPT PLAN: refuses a plan (the output of `terraform show -json`) that
-- would create a resource that already exists and is not part of the same deployment. SQS, SNS,
-- CloudWatch and EventBridge would accept the call without an error, and destroying the deployment
-- would then delete the resource. Every resource that a deployment creates has the tag OWNER. The
-- plan does not create resources that its state has already.
local OWNER, SHOWN = "remediator:deployment", 10
local script = arg[1]
local caller = sts.caller()
local account, partition = caller.account, caller.arn:match "^arn:([^:]+):"

local function map_of(list, key, value)
  local map = {}
  for _, tag in ipairs(list or {}) do map[tag[key or "Key"]] = tag[value or "Value"] end
  return map
end

local function events_tags(events, arn)
  return map_of(events:ListTagsForResource({ ResourceARN = arn }).Tags)
end

-- By type: the word for it, the attribute with the name, and a function that returns the tags of
-- the existing resource with that name, or nil if there is none.
local NAMED = {
  -- A dashboard has no tags, so it cannot say whose it is.
  aws_cloudwatch_dashboard = { "dashboard", "dashboard_name", function(aws, name)
    local found = aws.cloudwatch:try("GetDashboard", { DashboardName = name }, "ResourceNotFound",
      "DashboardNotFoundError")
    return found and {}
  end },
  aws_cloudwatch_event_bus = { "event bus", "name", function(aws, name)
    local bus = aws.events:try("DescribeEventBus", { Name = name }, "ResourceNotFoundException")
    return bus and events_tags(aws.events, bus.Arn)
  end },
  aws_cloudwatch_event_rule = { "rule", "name", function(aws, name, planned)
    local rule = aws.events:try("DescribeRule",
      { Name = name, EventBusName = planned.event_bus_name }, "ResourceNotFoundException")
    return rule and events_tags(aws.events, rule.Arn)
  end },
  aws_cloudwatch_log_group = { "log group", "name", function(aws, name)
    for page in aws.logs:pages("DescribeLogGroups", { logGroupNamePrefix = name }) do
      for _, group in ipairs(page.logGroups or {}) do
        if group.logGroupName == name then
          local arn = group.arn:gsub(":%*$", "")
          return aws.logs:ListTagsForResource({ resourceArn = arn }).tags or {}
        end
      end
    end
  end },
  aws_cloudwatch_metric_alarm = { "alarm", "alarm_name", function(aws, name)
    local found = aws.cloudwatch:DescribeAlarms { AlarmNames = { name } }
    local alarm = found.MetricAlarms and found.MetricAlarms[1]
    if not alarm then return nil end
    return map_of(aws.cloudwatch:ListTagsForResource({ ResourceARN = alarm.AlarmArn }).Tags)
  end },
  aws_dynamodb_table = { "table", "name", function(aws, name)
    local found = aws.dynamodb:try("DescribeTable", { TableName = name },
      "ResourceNotFoundException")
    return found and map_of(aws.dynamodb:ListTagsOfResource({
      ResourceArn = found.Table.TableArn }).Tags)
  end },
  aws_iam_role = { "role", "name", function(aws, name)
    local found = aws.iam:try("GetRole", { RoleName = name }, "NoSuchEntity")
    return found and map_of(found.Role.Tags)
  end },
  aws_kms_alias = { "key", "name", function(aws, name)
    local found = aws.kms:try("DescribeKey", { KeyId = name }, "NotFoundException")
    return found and map_of(aws.kms:ListResourceTags({ KeyId = found.KeyMetadata.KeyId }).Tags,
      "TagKey", "TagValue")
  end },
  aws_lambda_function = { "function", "function_name", function(aws, name)
    local found = aws.lambda:try("GetFunction", { FunctionName = name },
      "ResourceNotFoundException")
    return found and (found.Tags or {})
  end },
  aws_sns_topic = { "topic", "name", function(aws, name, _, region)
    local arn = ("arn:%s:sns:%s:%s:%s"):format(partition, region, account, name)
    local found = aws.sns:try("GetTopicAttributes", { TopicArn = arn }, "NotFound",
      "NotFoundException")
    return found and map_of(aws.sns:ListTagsForResource({ ResourceArn = arn }).Tags)
  end },
  aws_sqs_queue = { "queue", "name", function(aws, name)
    local found = aws.sqs:try("GetQueueUrl", { QueueName = name }, "QueueDoesNotExist",
      "AWS.SimpleQueueService.NonExistentQueue")
    return found and (aws.sqs:ListQueueTags({ QueueUrl = found.QueueUrl }).Tags or {})
  end },
}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return assert(json.decode(text))
end

-- A region's modules have the region's name; all other resources are in the region that this script
-- runs in.
local function region_of(address)
  return address:match("^module%.[a-z]+_(%l+%-[%l-]+%-%d+)%.") or os.getenv "AWS_REGION"
end

-- Does the plan create it, and not replace a resource of the same name in the state?
local function is_made(change, field)
  for _, action in ipairs(change.actions) do
    if action == "create" then
      local before = type(change.before) == "table" and change.before or {}
      return before[field] ~= change.after[field]
    end
  end
  return false
end

-- The owner comes from any resource with tags, because the aliases of keys have none.
local function owner_in(plan)
  for _, resource in ipairs(plan.resource_changes or {}) do
    local planned = resource.change.after
    local tags = type(planned) == "table" and planned.tags_all
    if type(tags) == "table" and tags[OWNER] then return tags[OWNER] end
  end
end

local function taken_names(plan)
  local found, ours = {}, owner_in(plan)
  for _, resource in ipairs(plan.resource_changes or {}) do
    local kind = NAMED[resource.type]
    if kind and is_made(resource.change, kind[2]) then
      local planned, region = resource.change.after, region_of(resource.address)
      local name = planned[kind[2]]
      local tags = kind[3](aws:in_region(region), name, planned, region)
      if tags and (not ours or tags[OWNER] ~= ours) then
        found[#found + 1] = { what = kind[1], name = name, region = region, owner = tags[OWNER] }
      end
    end
  end
  return found
end

local function say(...) io.stderr:write(script, ": ", string.format(...), "\n") end

-- Those of another deployment first, since they say which one. Otherwise in the plan's order.
local function owned_first(names)
  local sorted = {}
  for _, owned in ipairs { true, false } do
    for _, one in ipairs(names) do
      if (one.owner ~= nil) == owned then sorted[#sorted + 1] = one end
    end
  end
  return sorted
end

local found = owned_first(taken_names(read(arg[2])))
for i = 1, math.min(#found, SHOWN) do
  local one = found[i]
  say("the %s %s already exists in %s, and belongs to %s", one.what, one.name, one.region,
    one.owner and "the deployment " .. one.owner or "another owner: it has no tag " .. OWNER)
end
if #found > SHOWN then say("and %d more", #found - SHOWN) end
if #found > 0 then
  say("nothing was created. Deploy under other names: set prefix, for example prefix = \"second\"")
  os.exit(1)
end
