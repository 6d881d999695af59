-- Two Deny statements that every bucket policy should have: for requests without TLS, and for
-- uploads with foreign encryption. Each function takes the decoded policy (nil if the bucket has
-- none), or a reading of it (lib.documents), the bucket's name and the partition.
local copy_of = require "lib.copy_of"
local denials = require "lib.denials"
local statements = require "lib.statements"

local s3_statements = {}

local HEADER = "s3:x-amz-server-side-encryption"
local TRANSPORT, TRANSPORT_NAME = "aws:SecureTransport", "aws:securetransport"
local ALGORITHMS = { "AES256", "aws:kms", "aws:kms:dsse" } -- S3 API reference, PutObject

local function bucket_arn(bucket, partition)
  return "arn:" .. (partition or "aws") .. ":s3:::" .. bucket
end

local function has_value(condition, wanted)
  for _, value in ipairs(condition.values) do
    if value:lower() == wanted then return true end
  end
  return false
end

-- A Deny of requests over plain HTTP without other limits.
local function denies_plain_http(statement)
  if not statement.conditional then return true end
  local condition = statement.conditions[1]
  return #statement.conditions == 1 and condition.name == TRANSPORT_NAME
    and condition.operator == "bool" and has_value(condition, "false")
end

local NEGATIONS = { stringnotequals = true, stringnotequalsignorecase = true, stringnotlike = true }
local ACCEPTED = {
  ["aes256"] = true,
  ["aws:kms"] = true,
  ["aws:kms:dsse"] = true,
  ["aws:kms*"] = true,
}

local function excepts_only_known(condition)
  if not NEGATIONS[condition.operator] or #condition.values == 0 then return false end
  for _, value in ipairs(condition.values) do
    if not ACCEPTED[value:lower()] then return false end
  end
  return true
end

-- `Null: false` only requires that the header is present.
local function is_presence(condition)
  return condition.operator == "null" and has_value(condition, "false")
end

-- A Deny, without other limits, of uploads whose header is not one of the accepted ones; it may or
-- may not cover a missing header.
local function denies_wrong_encryption(statement)
  if not statement.conditional then return true end
  local excepts = false
  for _, condition in ipairs(statement.conditions) do
    if condition.name ~= HEADER then return false end
    if excepts_only_known(condition) then
      excepts = true
    elseif not is_presence(condition) then
      return false
    end
  end
  return excepts
end

-- Does a Deny that passes the test cover everyone, this action and every object of the bucket?
local function some_denial(reading, action, bucket, partition, test)
  local actions = { list = { action } }
  local objects = { list = { bucket_arn(bucket, partition) .. "/*" } }
  for _, statement in ipairs(statements.of(reading)) do
    if not statement.allows and test(statement) and denials.applies_to_everyone(statement)
      and denials.covers(statement.actions, actions)
      and denials.covers(statement.resources, objects) then
      return true
    end
  end
  return false
end

-- A question for documents.ask: is every request for the bucket's objects without TLS denied?
function s3_statements.denies_plain_http(reading, bucket, partition)
  return some_denial(reading, "s3:*", bucket, partition, denies_plain_http)
end

-- The same: is every upload denied that requests an encryption other than the three?
function s3_statements.denies_wrong_encryption(reading, bucket, partition)
  return some_denial(reading, "s3:putobject", bucket, partition, denies_wrong_encryption)
end

local function free_sid(document, wanted)
  local taken = {}
  for _, statement in ipairs(statements.parse(document)) do
    if statement.sid then taken[statement.sid] = true end
  end
  local sid, number = wanted, 1
  while taken[sid] do
    number = number + 1
    sid = wanted .. number
  end
  return sid
end

-- The statement that denies requests without TLS, for the bucket and its objects.
function s3_statements.plain_http_denial(document, bucket, partition)
  local name = bucket_arn(bucket, partition)
  return {
    Sid = free_sid(document, "DenyPlainHttp"),
    Effect = "Deny",
    Principal = "*",
    Action = "s3:*",
    Resource = { name, name .. "/*" },
    Condition = { Bool = { [TRANSPORT] = "false" } },
  }
end

-- The statement that denies uploads whose encryption header is present and not one of the three.
function s3_statements.wrong_encryption_denial(document, bucket, partition)
  return {
    Sid = free_sid(document, "DenyWrongEncryption"),
    Effect = "Deny",
    Principal = "*",
    Action = "s3:PutObject",
    Resource = bucket_arn(bucket, partition) .. "/*",
    Condition = {
      Null = { [HEADER] = "false" },
      StringNotEquals = { [HEADER] = table.move(ALGORITHMS, 1, #ALGORITHMS, 1, {}) },
    },
  }
end

-- Does the document contain all Allow statements of the other?
function s3_statements.holds(document, other)
  local there = {}
  for _, statement in ipairs(statements.raw(document)) do there[json.encode(statement)] = true end
  for _, statement in ipairs(statements.parse(other)) do
    if statement.allows and not there[json.encode(statement.raw)] then return false end
  end
  return true
end

-- A new document with the statement at its end, or with only this statement if there was none.
-- Existing statements are not changed.
function s3_statements.with(document, statement)
  if document == nil then return { Version = "2012-10-17", Statement = { statement } } end
  local copy, list = copy_of(document), {}
  for index, other in ipairs(statements.raw(document)) do list[index] = other end
  list[#list + 1] = statement
  copy.Statement = list
  return copy
end

return s3_statements
