-- Every way in which AWS names a resource leads to one id, and only to that.
local policies = require "support.policy"

local LINE = { account = "111122223333", region = "us-east-1" }
local TYPES = {} -- by type: its id, other spellings of it, and ids that are refused

for path in io.popen("ls tests/fixtures/spellings/*.lua"):lines() do
  TYPES[path:match("([%w_]+)%.lua$")] = dofile(path)
end

-- What a word of a form may consist of, and what words may look like elsewhere.
local WORDS = {
  word = { "a", "Z", "0", "_", ".", "-", "arn", "a.b-c_D9", "us-east-1", "111122223333", "alias" },
  lower = { "a", "z", "0", "_", ".", "-", "arn", "a.b-c_d9", "us-east-1", "111122223333", "alias" },
}

local function canonical(type)
  return policies.load(type).definition.id.canonical
end

describe("an id", function()
  for type, case in pairs(TYPES) do
    local id, others, refused = table.unpack(case)

    it("of " .. type .. " is one, however it is spelled", function()
      local spell = canonical(type)
      assert.equal(id, spell(id, LINE))
      for _, other in ipairs(others) do assert.equal(id, spell(other, LINE), other) end
    end)

    -- The engine does not ask the policy for the spelling of an id that has the declared form, if
    -- there is one.
    it("of " .. type .. " that has the form is not changed", function()
      local form = policies.load(type).definition.id.form or ""
      local shape = form:gsub("%${region}", LINE.region):gsub("%${account}", LINE.account)
      for kind, words in pairs(WORDS) do
        for _, word in ipairs(form:find("${" .. kind .. "}", 1, true) and words or {}) do
          local written = shape:gsub("%${%l+}", word)
          assert.equal(written, canonical(type)(written, LINE))
        end
      end
    end)

    it("of something else is none of " .. type, function()
      for _, other in ipairs(refused) do
        assert.is_false(pcall(canonical(type), other, LINE), other)
      end
    end)
  end

  it("has one spelling in every policy, except that of regions, whose id is a region", function()
    for path in io.popen("ls policies/*.lua"):lines() do
      local type = path:match("([%w_]+)%.lua$")
      if type ~= "region" then assert.truthy(TYPES[type], type) end
    end
  end)

  it("of a queue follows the region's partition", function()
    local spell = canonical "sqs"
    local line = { account = "111122223333", region = "cn-north-1" }
    local url = "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q"
    for _, id in ipairs {
      url, "https://cn-north-1.queue.amazonaws.com.cn/111122223333/q",
      "arn:aws-cn:sqs:cn-north-1:111122223333:q",
    } do assert.equal(url, spell(id, line), id) end
  end)

  it("of a queue at a custom endpoint is the URL that it has there", function()
    local spell = canonical "sqs"
    for _, url in ipairs {
      "http://127.0.0.1:5000/123456789012/q", "https://sqs.amazonaws.com/1/q",
      "https://queue.amazonaws.com.evil.example/1/q",
      "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/q",
    } do assert.equal(url, spell(url, LINE)) end
  end)
end)
