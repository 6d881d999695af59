-- What a state keeps of a function's policies, and what is left when statements are removed.
local json = require "support.json"

_G.json = _G.json or json -- in the form of policies
local lambda_policies = require "lib.lambda_policies"

local function kept(text, qualifier)
  return lambda_policies.kept(lambda_policies.read(qualifier, text))
end

local function statement(sid, more)
  return ('{"Sid":"%s","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction",'
    .. '"Resource":"arn:aws:lambda:us-east-1:111122223333:function:f"%s}'):format(sid, more or "")
end

local function document(...)
  local form = '{"Version":"2012-10-17","Id":"default","Statement":[%s]}'
  return form:format(table.concat({ ... }, ","))
end

describe("a function's policy", function()
  it("is kept the same, whatever the order in the response", function()
    local one = kept(document(statement "a", statement("b", ',"Condition":{"Bool":{"x":"1"},'
      .. '"ArnLike":{"z":["1","2"],"y":"3"}}')))
    local other = kept('{"Statement":[{"Condition":{"ArnLike":{"y":"3","z":["1","2"]},"Bool":'
      .. '{"x":"1"}},"Resource":"arn:aws:lambda:us-east-1:111122223333:function:f","Action":'
      .. '"lambda:InvokeFunction","Principal":"*","Effect":"Allow","Sid":"b"},' .. statement "a"
      .. '],"Id":"default","Version":"2012-10-17"}')
    assert.same(one, other)
    assert.same(json.decode(document(statement "a", statement("b", ',"Condition":{"Bool":{"x":'
      .. '"1"},"ArnLike":{"z":["1","2"],"y":"3"}}'))), lambda_policies.document(one))
  end)

  it("distinguishes empty lists and objects", function()
    local one = kept '{"Statement":[{"Condition":{},"Sid":"a","Action":[]}]}'
    assert.same({ head = "{}", statements = { '[{"Action":[],"Condition":{},"Sid":"a"}]' } }, one)
  end)

  it("keeps a broken policy as it is, which gives no verdict", function()
    local broken = kept("{", "live")
    assert.equal("{", broken.unparsed)
    assert.equal("live", broken.qualifier)
    assert.has_error(function() lambda_policies.document(broken) end)
    for _, text in ipairs { "7", '"x"', "[]", "{}", '{"Statement":7}', '{"Statement":["x"]}' } do
      assert.same(json.decode(text), lambda_policies.document(kept(text)))
    end
  end)

  it("becomes what Lambda would return without the statements", function()
    local without = lambda_policies.shrinking(kept(document(statement "a", statement "b",
      statement "c"), "live"))
    assert.same(kept(document(statement "a", statement "c"), "live"), without "b")
    assert.same(kept(document(statement "c"), "live"), without "a")
    assert.is_false(without "c")
  end)

  it("of 1,500 statements loses all of them in little time and memory", function()
    local list = {}
    for i = 1, 1500 do list[i] = statement("s" .. i) end
    local all = kept(document(table.unpack(list)))
    collectgarbage()
    local start, room, states = os.clock(), collectgarbage("count"), {}
    local without = lambda_policies.shrinking(all)
    for i = 1, 1500 do states[i] = without("s" .. i) end
    local spent = os.clock() - start
    collectgarbage()
    room = collectgarbage("count") - room
    assert.is_false(states[1500])
    assert.is_true(room < 16 * 1024, ("%.0f KiB"):format(room))
    assert.is_true(spent < 4, ("%.2f s"):format(spent))
  end)
end)
