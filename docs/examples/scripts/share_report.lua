-- engine run share_report.lua FILE BUCKET TOPIC-ARN ROLE-ARN: stores a report in a private bucket
-- and publishes a link that works for an hour, for people who have no access to AWS. The link is
-- signed with a session of the role that may only read this one object, so it opens nothing else.
local file, bucket, topic, role = ...
if not role then
  io.stderr:write("usage: engine run share_report.lua FILE BUCKET TOPIC-ARN ROLE-ARN\n")
  return 64
end

local HOUR = 3600
local caller = sts.caller()
local partition, region = caller.arn:match "^arn:([^:]+):", os.getenv "AWS_REGION"
local key = ("reports/%s/%s"):format(os.date "!%Y-%m-%d", file:match "[^/]+$")

local report <close> = assert(io.open(file, "rb"))
aws.s3:PutObject {
  Bucket = bucket, Key = key, Body = report:read "a", ContentType = "text/html",
  ExpectedBucketOwner = caller.account,
}

local session = sts.assume_role {
  role_arn = role,
  duration = HOUR,
  session_policy = json.encode {
    Version = "2012-10-17",
    Statement = { {
      Effect = "Allow", Action = "s3:GetObject",
      Resource = ("arn:%s:s3:::%s/%s"):format(partition, bucket, key),
    } },
  },
}

local endpoint = os.getenv "AWS_ENDPOINT_URL" or ("https://s3.%s.amazonaws.com"):format(region)
local link = sigv4.presign {
  url = ("%s/%s/%s"):format(endpoint, bucket, uri.encode(key, true)),
  service = "s3", region = region, expires = HOUR,
  access_key = session.access_key, secret_key = session.secret_key,
  session_token = session.session_token,
}

sns.publish(topic, { subject = "Report of account " .. caller.account, message = link.url })
print(link.url)
