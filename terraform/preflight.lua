-- engine run preflight.lua SCRIPT PLAN: refuses a plan (what `terraform show -json` prints) that
-- would make what is there already and is not of the same deployment. SQS, SNS, CloudWatch and
-- EventBridge would hand it over without a word, and destroying the deployment would delete it.
-- Everything that is made carries the tag OWNER; what is in the plan's own state is not made.
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

-- By type: its word, the name's field, and the tags of what has that name; nil: nothing has.
local NAMED = {
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

-- Modules of regions are called by their regions; the rest is in the region that this is run in.
local function region_of(address)
  return address:match("^module%.[a-z]+_(%l+%-[%l-]+%-%d+)%.") or os.getenv "AWS_REGION"
end

-- Made, and not in place of what is in the state under the same name.
local function is_made(change, field)
  for _, action in ipairs(change.actions) do
    if action == "create" then
      local before = type(change.before) == "table" and change.before or {}
      return before[field] ~= change.after[field]
    end
  end
  return false
end

-- Keys' aliases have no tags of their own.
local function owner_in(plan)
  for _, resource in ipairs(plan.resource_changes or {}) do
    local planned = resource.change.after
    local tags = type(planned) == "table" and planned.tags_all
    if type(tags) == "table" and tags[OWNER] then return tags[OWNER] end
  end
end

local function strangers(plan)
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

local found = strangers(read(arg[2]))
for i = 1, math.min(#found, SHOWN) do
  local one = found[i]
  say("the %s %s is in %s already, and is %s", one.what, one.name, one.region,
    one.owner and "of the deployment " .. one.owner or "of somebody else: it has no tag " .. OWNER)
end
if #found > SHOWN then say("and %d more", #found - SHOWN) end
if #found > 0 then
  say("nothing was made. Deploy under names of its own: set prefix, as prefix = \"second\"")
  os.exit(1)
end
