-- engine run upload.lua PREFIX REGION[,REGION...] KEY FILE...: uploads files (pairs of KEY FILE) to
-- the buckets PREFIX-REGION. A key contains the hash of its object, so existing objects are kept.
-- If FILE is empty, the object is copied from the bucket of the first region.
local prefix, regions = arg[1], arg[2]
local first = regions:match("[^,]+")
local account = sts.caller().account

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

local function from_first(key)
  local bucket = prefix .. "-" .. first
  local object = aws:in_region(first).s3:try("GetObject",
    { Bucket = bucket, Key = key, ExpectedBucketOwner = account }, "NoSuchKey")
  if object then return object.Body end
  io.stderr:write(("deploy.sh: s3://%s/%s does not exist: nothing was changed\n")
    :format(bucket, key))
  os.exit(1)
end

local function there(s3, bucket, key)
  local page = s3:ListObjectsV2 {
    Bucket = bucket, Prefix = key, MaxKeys = 1, ExpectedBucketOwner = account,
  }
  local object = page.Contents and page.Contents[1]
  return object and object.Key == key
end

for region in regions:gmatch("[^,]+") do
  local s3, bucket = aws:in_region(region).s3, prefix .. "-" .. region
  for i = 3, #arg, 2 do
    local key, path = arg[i], arg[i + 1]
    if not there(s3, bucket, key) then
      s3:PutObject {
        Bucket = bucket, Key = key, ContentType = "application/zip",
        Body = path == "" and from_first(key) or contents(path),
        ExpectedBucketOwner = account,
      }
      io.stderr:write(("deploy.sh: uploaded s3://%s/%s\n"):format(bucket, key))
    end
  end
end
