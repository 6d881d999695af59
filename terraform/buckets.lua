-- engine run buckets.lua make PREFIX REGIONS TAGS: creates the buckets PREFIX-REGION for setup.sh.
-- REGIONS are separated by commas; TAGS is a JSON object. buckets.lua check PREFIX REGIONS: do they
-- exist? buckets.lua remove PREFIX REGIONS [REGION...]: deletes the buckets of the given regions,
-- or all that setup.sh created. The first of REGIONS has the bucket of Terraform's states.
local NONCURRENT_DAYS = 90
-- The tags that identify a bucket's owner.
local OWNER, PURPOSE = "remediator:deployment", "packages and state of the remediator"

-- An emulator without TLS: with a policy that requires TLS, it would refuse the next upload.
local PLAIN = (os.getenv "AWS_ENDPOINT_URL_S3" or os.getenv "AWS_ENDPOINT_URL" or ""):match "^http:"

local command, prefix = arg[1], arg[2]
local tags = command == "make" and assert(json.decode(arg[4])) or {}
local caller = sts.caller()
local account, partition = caller.account, caller.arn:match "^arn:([^:]+):"
local script = command == "check" and "deploy.sh" or "setup.sh"

local regions, chosen = {}, {}
for region in arg[3]:gmatch("[^,]+") do
  regions[#regions + 1] = region
  chosen[region] = true
end

local function say(...) io.stderr:write(script, ": ", string.format(...), "\n") end

local function stop(...)
  say(...)
  os.exit(1)
end

local function name_of(region) return prefix .. "-" .. region end

local function s3_of(region) return aws:in_region(region).s3 end

local function tag_set()
  local set = {}
  for name, value in pairs(tags) do set[#set + 1] = { Key = name, Value = value } end
  if not tags.purpose then set[#set + 1] = { Key = "purpose", Value = PURPOSE } end
  set[#set + 1] = { Key = OWNER, Value = prefix }
  table.sort(set, function(a, b) return a.Key < b.Key end)
  return set
end

local function tls_only(bucket)
  local arn = ("arn:%s:s3:::%s"):format(partition, bucket)
  return ([[{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny",]]
    .. [["Principal":"*","Action":"s3:*","Resource":["%s","%s/*"],]]
    .. [["Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}]]):format(arn, arn)
end

local function attempt(s3, operation, parameters)
  local done, problem = pcall(s3[operation], s3, parameters)
  if done then return problem end
  return nil, type(problem) == "table" and problem.code or "", problem
end

-- Did setup.sh create it? Earlier versions tagged buckets with their purpose only, without PREFIX.
local function is_ours(s3, bucket)
  local got, code, problem = attempt(s3, "GetBucketTagging",
    { Bucket = bucket, ExpectedBucketOwner = account })
  if not got and code ~= "NoSuchTagSet" then error(problem, 0) end
  local found = {}
  for _, tag in ipairs(got and got.TagSet or {}) do found[tag.Key] = tag.Value end
  return found[OWNER] == prefix or (not found[OWNER] and found.purpose == PURPOSE)
end

local function is_empty(s3, bucket)
  local page = s3:ListObjectsV2 { Bucket = bucket, MaxKeys = 1, ExpectedBucketOwner = account }
  return not (page.Contents and page.Contents[1])
end

-- Asks first, because CreateBucket for a bucket of one's own succeeds in us-east-1 and fails in
-- other regions.
local function exists(s3, bucket)
  local got, code, problem = attempt(s3, "GetBucketVersioning",
    { Bucket = bucket, ExpectedBucketOwner = account })
  if got then return true end
  if code == "NoSuchBucket" then return false end
  if code == "AccessDenied" then
    stop("the bucket %s belongs to another account, or you may not read it: choose another PREFIX, "
      .. "or use other credentials", bucket)
  end
  error(problem, 0)
end

local function create(s3, bucket, region)
  local made, code, problem = attempt(s3, "CreateBucket", {
    Bucket = bucket,
    CreateBucketConfiguration = region ~= "us-east-1" and { LocationConstraint = region } or nil,
  })
  if made then return end
  if code == "BucketAlreadyExists" then
    stop("the bucket %s belongs to another account: choose another PREFIX", bucket)
  end
  error(problem, 0)
end

-- Called before anything is created, so that settings of other owners' buckets are not changed.
local function refuse_strange()
  for _, region in ipairs(regions) do
    local s3, bucket = s3_of(region), name_of(region)
    if exists(s3, bucket) and not is_ours(s3, bucket) and not is_empty(s3, bucket) then
      stop("the bucket %s exists, was not created by setup.sh %s, and is not empty: nothing was "
        .. "changed. Choose another PREFIX; or, if it is this deployment's, tag it %s=%s", bucket,
        prefix, OWNER, prefix)
    end
  end
end

local function make(s3, bucket, region)
  if not exists(s3, bucket) then create(s3, bucket, region) end
  local function put(operation, more)
    more.Bucket, more.ExpectedBucketOwner = bucket, account
    s3[operation](s3, more)
  end
  put("PutPublicAccessBlock", { PublicAccessBlockConfiguration = {
    BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true,
    RestrictPublicBuckets = true,
  } })
  put("PutBucketOwnershipControls", { OwnershipControls = { Rules = {
    { ObjectOwnership = "BucketOwnerEnforced" },
  } } })
  put("PutBucketEncryption", { ServerSideEncryptionConfiguration = { Rules = {
    { ApplyServerSideEncryptionByDefault = { SSEAlgorithm = "AES256" } },
  } } })
  put("PutBucketVersioning", { VersioningConfiguration = { Status = "Enabled" } })
  put("PutBucketLifecycleConfiguration", { LifecycleConfiguration = { Rules = { {
    ID = "old-versions", Status = "Enabled", Filter = { Prefix = "" },
    NoncurrentVersionExpiration = { NoncurrentDays = NONCURRENT_DAYS },
    AbortIncompleteMultipartUpload = { DaysAfterInitiation = 1 },
  } } } })
  if not PLAIN then put("PutBucketPolicy", { Policy = tls_only(bucket) }) end
  put("PutBucketTagging", { Tagging = { TagSet = tag_set() } })
  say("%s is ready", bucket)
end

-- Regions of resources in a state, from the names of their providers, which deploy.sh writes.
local function held_by(state)
  local held = {}
  for _, resource in ipairs(state.resources or {}) do
    held[resource.provider:match("%]%.([%w-]+)$") or regions[1]] = true
  end
  return held
end

-- Every state in the bucket: { key =, resources =, held = }; none if there is no bucket.
local function states()
  local s3, bucket, found = s3_of(regions[1]), name_of(regions[1]), {}
  if not exists(s3, bucket) then return found end
  local where = { Bucket = bucket, Prefix = "terraform/", ExpectedBucketOwner = account }
  for page in s3:pages("ListObjectsV2", where) do
    for _, object in ipairs(page.Contents or {}) do
      if object.Key:find("%.tfstate$") then
        local text = s3:GetObject({ Bucket = bucket, Key = object.Key }).Body
        local state = assert(json.decode(text))
        found[#found + 1] = { key = object.Key, resources = #(state.resources or {}),
          held = held_by(state) }
      end
    end
  end
  return found
end

local function empty(s3, bucket)
  for page in s3:pages("ListObjectVersions", { Bucket = bucket, ExpectedBucketOwner = account }) do
    for _, list in ipairs { page.Versions or {}, page.DeleteMarkers or {} } do
      for _, object in ipairs(list) do
        s3:DeleteObject { Bucket = bucket, Key = object.Key, VersionId = object.VersionId }
      end
    end
  end
end

local function remove(region)
  local s3, bucket = s3_of(region), name_of(region)
  if not exists(s3, bucket) then return say("%s does not exist", bucket) end
  if not is_ours(s3, bucket) and not is_empty(s3, bucket) then
    stop("the bucket %s was not created by setup.sh %s: it is not changed", bucket, prefix)
  end
  empty(s3, bucket)
  s3:DeleteBucket { Bucket = bucket, ExpectedBucketOwner = account }
  say("%s is deleted", bucket)
end

-- Regions whose buckets setup.sh created, including those of earlier settings.
local function made_regions()
  local found = {}
  for page in s3_of(regions[1]):pages("ListBuckets", { Prefix = prefix .. "-" }) do
    for _, bucket in ipairs(page.Buckets or {}) do
      local head, region = bucket.Name:sub(1, #prefix + 1), bucket.Name:sub(#prefix + 2)
      if head == prefix .. "-" and region:find("^%l%l%l?%-[%l-]+%-%d+$")
        and is_ours(s3_of(region), bucket.Name) then
        found[#found + 1] = region
      end
    end
  end
  return found
end

local function remove_some(wanted)
  for _, region in ipairs(wanted) do
    if chosen[region] then
      stop("%s is a region of the settings: remove it from regions, and run deploy.sh %s first",
        region, prefix)
    end
    for _, state in ipairs(states()) do
      if state.held[region] then
        stop("the state %s still has resources in %s: run deploy.sh %s first", state.key, region,
          prefix)
      end
    end
  end
  for _, region in ipairs(wanted) do remove(region) end
end

-- Deletes the states' bucket last.
local function remove_all()
  for _, state in ipairs(states()) do
    if state.resources > 0 then
      stop("%d resources in the state %s in %s are still deployed: run deploy.sh %s destroy first",
        state.resources, state.key, name_of(regions[1]), prefix)
    end
  end
  for _, region in ipairs(made_regions()) do
    if region ~= regions[1] then remove(region) end
  end
  remove(regions[1])
end

local function check()
  for _, region in ipairs(regions) do
    if not exists(s3_of(region), name_of(region)) then
      stop("the bucket %s is missing: run setup.sh %s first", name_of(region), prefix)
    end
  end
end

if command == "check" then
  check()
elseif command == "make" then
  refuse_strange()
  for _, region in ipairs(regions) do make(s3_of(region), name_of(region), region) end
elseif arg[4] then
  remove_some(table.move(arg, 4, #arg, 1, {}))
else
  remove_all()
end
