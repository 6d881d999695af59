-- Principals are sorted, and nothing else changes.
local principal_order = require "lib.principal_order"

local function statement(principal) return '{"Statement":[{"Principal":' .. principal .. "}]}" end

describe("names of principals", function()
  it("are in the order of their texts, with the spaces where they were", function()
    assert.equal(statement ' { "AWS" : [ "a" ,\n "b","c" ], "Service":"x" }',
      principal_order.sorted(statement ' { "AWS" : [ "c" ,\n "a","b" ], "Service":"x" }'))
    assert.equal(statement '{"Service":["b"],"AWS":["*","1"]}',
      principal_order.sorted(statement '{"Service":["b"],"AWS":["1","*"]}'))
  end)

  it("are those of each list of each statement, denials and exceptions too", function()
    local text = '{"Statement":[{"NotPrincipal":{"AWS":["%s","%s"],"CanonicalUser":["%s","%s"]}},'
      .. '{"Principal":{"Federated":["%s","%s"]}}],"Id":"x"}'
    assert.equal(text:format("1", "2", "a", "b", "p", "q"),
      principal_order.sorted(text:format("2", "1", "b", "a", "q", "p")))
    assert.equal('{"Statement":{"Principal":{"AWS":["1","2"]}}}',
      principal_order.sorted('{"Statement":{"Principal":{"AWS":["2","1"]}}}'))
  end)

  it("may contain quotes, brackets, backslashes and any character", function()
    assert.equal(statement [[{"AWS":["\\","a\"],[{:\\\"","g]","grün \u00fc"]}]],
      principal_order.sorted(statement [[{"AWS":["grün \u00fc","g]","a\"],[{:\\\"","\\"]}]]))
  end)

  it("are the only part that changes", function()
    for _, text in ipairs {
      "{}", "[]", "7", '"b"', "null", '["b","a"]', statement '"*"', statement '["b","a"]',
      statement '{"AWS":[]}', statement '{"AWS":[["b"],["a"]]}',
      statement '{"AWS":{"x":["b","a"]}}',
      '{"Statement":[{"Action":["b","a"],"Resource":["z","y"],"Condition":{"StringEquals":'
        .. '{"Principal":["b","a"],"k":["\\"Principal\\"","a"]}}}]}',
    } do
      assert.equal(text, principal_order.sorted(text))
    end
  end)

  it("are sorted quickly, even if they are many and long", function()
    local names = {}
    for i = 1, 20000 do names[i] = ('"%06d"'):format(20001 - i) end
    local text = statement('{"AWS":[' .. table.concat(names, ",") .. "]}")
    local start = os.clock()
    assert.equal('"000001"', principal_order.sorted(text):match('"%d+"'))
    assert.is_true(os.clock() - start < 5)
  end)
end)
