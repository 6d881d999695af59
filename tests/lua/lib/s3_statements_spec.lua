-- The two denials of a bucket's policy: found in every form that is sufficient, and in no other.
local s3 = require "lib.s3_statements"

local ARN = "arn:aws:s3:::box"
local OBJECTS = ARN .. "/*"
local HEADER = "s3:x-amz-server-side-encryption"

local function statement(more)
  local made = { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = OBJECTS }
  for name, value in pairs(more) do made[name] = value or nil end
  return { Version = "2012-10-17", Statement = { made } }
end

local function insecure(more)
  local base = { Condition = { Bool = { ["aws:SecureTransport"] = "false" } } }
  for name, value in pairs(more or {}) do base[name] = value end
  return statement(base)
end

local function encryption(condition, more)
  local base = { Action = "s3:PutObject", Condition = condition }
  for name, value in pairs(more or {}) do base[name] = value end
  return statement(base)
end

local ALL_THREE = { "AES256", "aws:kms", "aws:kms:dsse" }
local NEW_FORM = { Null = { [HEADER] = "false" }, StringNotEquals = { [HEADER] = ALL_THREE } }

local function check_each(fn, expected, cases)
  for name, document in pairs(cases) do
    assert(fn({ document = document }, "box", "aws") == expected, name)
  end
end

describe("s3_statements.denies_plain_http", function()
  it("finds a denial that serves", function()
    check_each(s3.denies_plain_http, true, {
      objects = insecure(),
      both = insecure { Resource = { ARN, OBJECTS } },
      everything = insecure { Resource = "*" },
      every_bucket = insecure { Resource = "arn:aws:s3:::*" },
      prefix = insecure { Resource = ARN .. "*" },
      all_actions = insecure { Action = "*" },
      action_list = insecure { Action = { "s3:GetObject", "s3:*" } },
      capitals = insecure { Action = "S3:*" },
      aws_star = insecure { Principal = { AWS = "*" } },
      aws_star_in_list = insecure { Principal = { AWS = { "*" } } },
      truth = insecure { Condition = { Bool = { ["aws:SecureTransport"] = false } } },
      list = insecure { Condition = { Bool = { ["aws:SecureTransport"] = { "false" } } } },
      capital_value = insecure { Condition = { Bool = { ["aws:SecureTransport"] = "False" } } },
      capital_key = insecure { Condition = { bool = { ["AWS:securetransport"] = "false" } } },
      if_exists = insecure { Condition = { BoolIfExists = { ["aws:SecureTransport"] = "false" } } },
      unconditional = insecure { Condition = {} },
      one_object = { Statement = insecure().Statement[1] },
    })
  end)

  it("finds none that does not", function()
    check_each(s3.denies_plain_http, false, {
      nothing = { Statement = {} },
      allow = insecure { Effect = "Allow" },
      somebody = insecure { Principal = { AWS = "111122223333" } },
      service = insecure { Principal = { Service = "s3.amazonaws.com" } },
      everyone_but = insecure { Principal = false, NotPrincipal = { AWS = "111122223333" } },
      reading_only = insecure { Action = "s3:GetObject" },
      all_gets = insecure { Action = "s3:Get*" },
      everything_but = insecure { Action = false, NotAction = "s3:GetObject" },
      bucket_only = insecure { Resource = ARN },
      some_objects = insecure { Resource = ARN .. "/private/*" },
      other_bucket = insecure { Resource = "arn:aws:s3:::crate/*" },
      longer_bucket = insecure { Resource = "arn:aws:s3:::boxes/*" },
      other_partition = insecure { Resource = "arn:aws-cn:s3:::box/*" },
      with_tls = insecure { Condition = { Bool = { ["aws:SecureTransport"] = "true" } } },
      old_tls = insecure { Condition = { NumericLessThan = { ["s3:TlsVersion"] = "1.2" } } },
      narrowed = insecure { Condition = { Bool = { ["aws:SecureTransport"] = "false" },
        StringEquals = { ["aws:SourceAccount"] = "111122223333" } } },
      narrowed_too = insecure { Condition = {
        Bool = { ["aws:SecureTransport"] = "false", ["aws:ViaAWSService"] = "false" } } },
      missing = insecure { Condition = { Null = { ["aws:SecureTransport"] = "true" } } },
    })
    assert.is_false(s3.denies_plain_http({}, "box", "aws"))
  end)

  it("knows partitions", function()
    local china = insecure { Resource = "arn:aws-cn:s3:::box/*" }
    assert.is_true(s3.denies_plain_http({ document = china }, "box", "aws-cn"))
    assert.is_false(s3.denies_plain_http({ document = china }, "box", "aws-us-gov"))
  end)
end)

describe("s3_statements.denies_wrong_encryption", function()
  it("finds a denial that serves", function()
    check_each(s3.denies_wrong_encryption, true, {
      new_form = encryption(NEW_FORM),
      null_as_truth = encryption {
        Null = { [HEADER] = false }, StringNotEquals = { [HEADER] = ALL_THREE } },
      old_form = encryption { StringNotEquals = { [HEADER] = "AES256" } },
      old_form_kms = encryption { StringNotEquals = { [HEADER] = { "AES256", "aws:kms" } } },
      if_exists = encryption { StringNotEqualsIfExists = { [HEADER] = ALL_THREE } },
      like = encryption { StringNotLike = { [HEADER] = { "AES256", "aws:kms*" } } },
      key_in_capitals = encryption { StringNotEquals = { [HEADER:upper()] = "aws:kms" } },
      puts = encryption(NEW_FORM, { Action = "s3:Put*" }),
      all_actions = encryption(NEW_FORM, { Action = "s3:*" }),
      among_actions = encryption(NEW_FORM, { Action = { "s3:GetObject", "s3:PutObject" } }),
      everything = encryption(NEW_FORM, { Resource = { "*" } }),
      unconditional = encryption(nil),
      two_statements = { Statement = {
        encryption({ StringNotEquals = { [HEADER] = "AES256" } }).Statement[1],
        encryption({ Null = { [HEADER] = "true" } }).Statement[1],
      } },
    })
  end)

  it("finds none that does not", function()
    check_each(s3.denies_wrong_encryption, false, {
      nothing = { Statement = {} },
      allow = encryption(NEW_FORM, { Effect = "Allow" }),
      somebody = encryption(NEW_FORM, { Principal = { AWS = "111122223333" } }),
      reading = encryption(NEW_FORM, { Action = "s3:GetObject" }),
      some_objects = encryption(NEW_FORM, { Resource = ARN .. "/in/*" }),
      bucket = encryption(NEW_FORM, { Resource = ARN }),
      missing_only = encryption { Null = { [HEADER] = "true" } },
      there_only = encryption { Null = { [HEADER] = "false" } },
      both_at_once = encryption {
        Null = { [HEADER] = "true" }, StringNotEquals = { [HEADER] = ALL_THREE } },
      foreign = encryption { StringNotEquals = { [HEADER] = { "AES256", "rot13" } } },
      any = encryption { StringNotLike = { [HEADER] = "*" } },
      no_value = encryption { StringNotEquals = { [HEADER] = {} } },
      equality = encryption { StringEquals = { [HEADER] = "AES256" } },
      other_header = encryption { StringNotEquals = { ["s3:x-amz-acl"] = "private" } },
      narrowed = encryption { StringNotEquals = {
        [HEADER] = ALL_THREE, ["aws:PrincipalOrgID"] = "o-a1b2c3d4e5" } },
    })
    assert.is_false(s3.denies_wrong_encryption({}, "box", "aws"))
  end)
end)

describe("s3_statements: the added statement", function()
  it("is recognized", function()
    for _, partition in ipairs { "aws", "aws-cn", "aws-us-gov" } do
      local document = s3.with(nil, s3.plain_http_denial(nil, "box", partition))
      document = s3.with(document, s3.wrong_encryption_denial(document, "box", partition))
      local reading = { document = document }
      assert.is_true(s3.denies_plain_http(reading, "box", partition))
      assert.is_true(s3.denies_wrong_encryption(reading, "box", partition))
      assert.is_false(s3.denies_plain_http(reading, "boxes", partition))
      assert.is_false(s3.denies_wrong_encryption(reading, "boxes", partition))
      assert.equal("2012-10-17", document.Version)
    end
  end)

  it("has the form of AWS's guides", function()
    assert.same({
      Sid = "DenyPlainHttp", Effect = "Deny", Principal = "*", Action = "s3:*",
      Resource = { "arn:aws-cn:s3:::box", "arn:aws-cn:s3:::box/*" },
      Condition = { Bool = { ["aws:SecureTransport"] = "false" } },
    }, s3.plain_http_denial(nil, "box", "aws-cn"))
    assert.same({
      Sid = "DenyWrongEncryption", Effect = "Deny", Principal = "*", Action = "s3:PutObject",
      Resource = OBJECTS, Condition = NEW_FORM,
    }, s3.wrong_encryption_denial(nil, "box", "aws"))
  end)

  it("has a Sid of its own", function()
    local document = statement { Sid = "DenyPlainHttp" }
    assert.equal("DenyPlainHttp2", s3.plain_http_denial(document, "box", "aws").Sid)
    document.Statement[2] = statement({ Sid = "DenyPlainHttp2" }).Statement[1]
    assert.equal("DenyPlainHttp3", s3.plain_http_denial(document, "box", "aws").Sid)
    assert.equal("DenyWrongEncryption", s3.wrong_encryption_denial(document, "box", "aws").Sid)
  end)

  it("leaves the other statements unchanged", function()
    local document = { Version = "2008-10-17", Id = "x", Statement = statement({}).Statement[1] }
    local first = document.Statement
    local grown = s3.with(document, s3.plain_http_denial(document, "box", "aws"))
    assert.equal(first, document.Statement)
    assert.equal(first, grown.Statement[1])
    assert.equal(2, #grown.Statement)
    assert.equal("2008-10-17", grown.Version)
    assert.equal("x", grown.Id)
  end)

  it("is not shared between two documents", function()
    local one = s3.wrong_encryption_denial(nil, "box", "aws")
    one.Condition.StringNotEquals[HEADER][1] = "changed"
    local other = s3.wrong_encryption_denial(nil, "box", "aws")
    assert.equal("AES256", other.Condition.StringNotEquals[HEADER][1])
  end)
end)
