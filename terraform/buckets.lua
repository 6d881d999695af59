-- engine run buckets.lua make|remove PREFIX TAGS REGION...: the buckets PREFIX-REGION of setup.sh.
-- TAGS is a JSON object; the first region is the one of Terraform's state.
local STATE_KEY = "terraform/master.tfstate"
local NONCURRENT_DAYS = 90

-- An emulator without TLS: it would refuse the next upload.
local PLAIN = (os.getenv "AWS_ENDPOINT_URL_S3" or os.getenv "AWS_ENDPOINT_URL" or ""):match "^http:"

local command, prefix, tags = arg[1], arg[2], json.decode(arg[3])
local regions = table.move(arg, 4, #arg, 1, {})
local account = sts.caller().account

local function say(...) io.stderr:write("setup.sh: ", string.format(...), "\n") end

local function stop(...)
  say(...)
  os.exit(1)
end

local function tag_set()
  local set = {}
  for name, value in pairs(tags) do set[#set + 1] = { Key = name, Value = value } end
  if not tags.purpose then
    set[#set + 1] = { Key = "purpose", Value = "packages and state of the remediator" }
  end
  table.sort(set, function(a, b) return a.Key < b.Key end)
  return set
end

local function tls_only(bucket)
  local arn = "arn:aws:s3:::" .. bucket
  return ([[{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny",]]
    .. [["Principal":"*","Action":"s3:*","Resource":["%s","%s/*"],]]
    .. [["Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}]]):format(arn, arn)
end

-- In us-east-1 a bucket of one's own is made again without an error, elsewhere with one.
local function create(s3, bucket, region)
  local made, problem = pcall(s3.CreateBucket, s3, {
    Bucket = bucket,
    CreateBucketConfiguration = region ~= "us-east-1" and { LocationConstraint = region } or nil,
  })
  local code = not made and (type(problem) == "table" and problem.code or tostring(problem))
  if made or code == "BucketAlreadyOwnedByYou" then return end
  if code == "BucketAlreadyExists" then
    stop("the bucket %s belongs to somebody else: choose another prefix", bucket)
  end
  error(problem, 0)
end

local function make(s3, bucket, region)
  create(s3, bucket, region)
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

-- Resources that Terraform still has; none where there is no state.
local function deployed(s3, bucket)
  local where = { Bucket = bucket, Key = STATE_KEY }
  local object = s3:try("GetObject", where, "NoSuchKey", "NoSuchBucket")
  if not object then return 0 end
  local state = json.decode(object.Body)
  return #(state.resources or {})
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

local function remove(s3, bucket)
  if not s3:try("GetBucketVersioning", { Bucket = bucket, ExpectedBucketOwner = account },
    "NoSuchBucket") then
    return
  end
  empty(s3, bucket)
  s3:DeleteBucket { Bucket = bucket, ExpectedBucketOwner = account }
  say("%s is gone", bucket)
end

local first = prefix .. "-" .. regions[1]
if command == "remove" then
  local count = deployed(aws:in_region(regions[1]).s3, first)
  if count > 0 then
    stop("%d resources are still deployed, by the state in %s: run deploy.sh %s destroy first",
      count, first, prefix)
  end
end
for _, region in ipairs(regions) do
  local work = command == "make" and make or remove
  work(aws:in_region(region).s3, prefix .. "-" .. region, region)
end
