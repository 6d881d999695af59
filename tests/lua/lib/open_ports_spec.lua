-- Which ports are open to all addresses: by one range or by several together, for each protocol.
local open_ports = require "lib.open_ports"

-- each text: "protocol from to cidr"
local function find(...)
  local rules = {}
  for i, text in ipairs { ... } do
    local protocol, from, to, cidr = text:match("^(%S+) (%S+) (%S+) (%S+)$")
    rules[i] = open_ports.rule(protocol, math.tointeger(tonumber(from)),
      math.tointeger(tonumber(to)), cidr)
  end
  local list = {}
  for i, open in ipairs(open_ports.find(rules)) do list[i] = open.what .. " " .. open.from end
  return list, open_ports.find(rules)
end

describe("open_ports", function()
  it("finds nothing without rules, and nothing in ranges that do not cover everything", function()
    assert.same({}, (find()))
    assert.same({}, (find("tcp 22 22 10.0.0.0/8", "tcp 22 22 ::/1", "tcp 22 22 0.0.0.0/1")))
  end)

  it("finds one rule for all addresses, of either family", function()
    assert.same({ "tcp 22 0.0.0.0/0" }, (find("tcp 22 22 0.0.0.0/0")))
    assert.same({ "udp 1-53 ::/0" }, (find("udp 1 53 ::/0")))
    assert.same({ "tcp 22 0.0.0.0/0", "tcp 22 ::/0" },
      (find("tcp 22 22 ::/0", "tcp 22 22 0.0.0.0/0")))
    assert.same({ "tcp 22 ::/0" }, (find("tcp 22 22 0:0:0:0::0/0")))
    assert.same({ "tcp 22 0.0.0.0/0" }, (find("tcp 22 22 9.9.9.9/0")))
  end)

  it("finds two halves at the ports that both open", function()
    local texts, open = find("tcp 20 30 0.0.0.0/1", "tcp 22 40 128.0.0.0/1")
    assert.same({ "tcp 22-30 0.0.0.0/0" }, texts)
    assert.same({
      what = "tcp 22-30", protocol = "tcp", first_port = 22, last_port = 30, from = "0.0.0.0/0",
      cidrs = { "0.0.0.0/1", "128.0.0.0/1" },
    }, open[1])
    assert.same({ "tcp 443 ::/0" }, (find("tcp 443 443 ::/1", "tcp 443 443 8000::/1")))
    assert.same({}, (find("tcp 22 22 0.0.0.0/1", "tcp 23 23 128.0.0.0/1")))
    assert.same({}, (find("tcp 22 22 0.0.0.0/1", "udp 22 22 128.0.0.0/1")))
    assert.same({}, (find("tcp 22 22 0.0.0.0/1", "tcp 22 22 8000::/1")))
  end)

  it("is exact to the last address", function()
    local rules, low = {}, 0
    for bits = 1, 32 do
      local text = ("%d.%d.%d.%d/%d"):format(low >> 24, low >> 16 & 255, low >> 8 & 255, low & 255,
        bits)
      rules[#rules + 1] = "tcp 22 22 " .. text
      low = low + (1 << (32 - bits))
    end
    assert.same({}, (find(table.unpack(rules)))) -- all but 255.255.255.255
    rules[#rules + 1] = "tcp 22 22 255.255.255.255/32"
    assert.same({ "tcp 22 0.0.0.0/0" }, (find(table.unpack(rules))))
  end)

  it("counts rules for all protocols for each protocol, and reports them once", function()
    assert.same({ "all traffic 0.0.0.0/0" }, (find("-1 -1 -1 0.0.0.0/0", "tcp 22 22 0.0.0.0/0")))
    assert.same({ "tcp 22 0.0.0.0/0" }, (find("-1 -1 -1 0.0.0.0/1", "tcp 22 22 128.0.0.0/1")))
    assert.same({ "all traffic 0.0.0.0/0", "tcp 22 ::/0" },
      (find("-1 -1 -1 0.0.0.0/0", "tcp 22 22 ::/0")))
    assert.same({}, (find("-1 -1 -1 0.0.0.0/1")))
  end)

  it("joins adjacent ports, and keeps others apart", function()
    local texts, open = find("tcp 80 80 0.0.0.0/0", "tcp 81 90 0.0.0.0/0", "tcp 443 443 0.0.0.0/0")
    assert.same({ "tcp 80-90 0.0.0.0/0", "tcp 443 0.0.0.0/0" }, texts)
    assert.same({ "0.0.0.0/0" }, open[1].cidrs)
    local _, halves = find("tcp 80 80 0.0.0.0/0", "tcp 81 81 0.0.0.0/1", "tcp 81 81 128.0.0.0/1")
    assert.same({ "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1" }, halves[1].cidrs)
  end)

  it("reads types and codes of ICMP", function()
    assert.same({ "icmp 0.0.0.0/0" }, (find("icmp -1 -1 0.0.0.0/0")))
    assert.same({ "icmp 8 0.0.0.0/0" }, (find("icmp 8 -1 0.0.0.0/0")))
    assert.same({ "icmpv6 128 ::/0" }, (find("58 128 0 ::/0")))
    assert.same({ "icmp 3-4 0.0.0.0/0" }, (find("1 3 -1 0.0.0.0/0", "icmp 4 -1 0.0.0.0/0")))
    assert.same({}, (find("icmp 8 0 0.0.0.0/1", "icmp 8 1 128.0.0.0/1")))
    local _, open = find("icmp 8 -1 0.0.0.0/0")
    assert.is_nil(open[1].first_port)
  end)

  it("reads protocols by number, and those without ports", function()
    assert.same({ "tcp 22 0.0.0.0/0", "udp 0.0.0.0/0" },
      (find("6 22 22 0.0.0.0/1", "tcp 22 22 128.0.0.0/1", "17 0 65535 0.0.0.0/0")))
    assert.same({ "50 0.0.0.0/0" }, (find("50 -1 -1 0.0.0.0/0")))
    assert.same({ "tcp 0.0.0.0/0" }, (find("tcp nil nil 0.0.0.0/0")))
    assert.same({ "tcp 9 0.0.0.0/0" }, (find("tcp 9 nil 0.0.0.0/0")))
  end)

  it("refuses what is not a range", function()
    for _, cidr in ipairs { "everywhere", "0.0.0.0/33", "", "10.0.0.0/8\n", ("1"):rep(200) } do
      assert.has_error(function() open_ports.rule("tcp", 1, 2, cidr) end)
    end
  end)

  -- Ranges of at most 3 bits, so that eight addresses represent all of them.
  local function drawn(random)
    local rules, texts = {}, {}
    for i = 1, random(1, 7) do
      local bits, first = random(0, 3), random(1, 6)
      local low, last = random(0, 7) >> (3 - bits) << (3 - bits), first + random(0, 3)
      rules[i] = { first = first, last = last, low = low, high = low + (1 << (3 - bits)) - 1 }
      texts[i] = ("tcp %d %d %d.0.0.0/%d"):format(first, last, low << 5, bits)
    end
    return rules, texts
  end

  local function is_open(rules, port)
    for address = 0, 7 do
      local let_in = false
      for _, rule in ipairs(rules) do
        let_in = let_in or rule.first <= port and port <= rule.last
          and rule.low <= address and address <= rule.high
      end
      if not let_in then return false end
    end
    return true
  end

  it("agrees with counting every port and address", function()
    math.randomseed(7)
    local open = 0
    for _ = 1, 800 do
      local rules, texts = drawn(math.random)
      local _, found = find(table.unpack(texts))
      local set = {}
      for _, one in ipairs(found) do
        for port = one.first_port, one.last_port do set[port] = true end
      end
      for port = 0, 12 do
        assert.equal(is_open(rules, port), set[port] == true, table.concat(texts, "\n"))
        open = open + (set[port] and 1 or 0)
      end
    end
    assert.is_true(open > 200) -- otherwise nothing was compared
  end)

  it("is fast with the largest number of rules in a group", function()
    local rules = {}
    for i = 1, 1000 do
      local half = i % 2 == 0 and "0.0.0.0/1" or "128.0.0.0/1"
      rules[i] = ("tcp %d %d %s"):format(i, i + 5, half)
    end
    local started = os.clock()
    local list = find(table.unpack(rules))
    assert.same({ "tcp 2-1004 0.0.0.0/0" }, list)
    assert.is_true(os.clock() - started < 20)
  end)
end)
