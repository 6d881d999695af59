-- Address ranges: every form, and whether several together cover everything.
local ip = require "lib.ip"

local function parsed(text)
  local range = ip.parse(text)
  return range and { range.family, range.prefix, range.high, range.low }
end

describe("ip.parse", function()
  it("reads IPv4", function()
    assert.same({ 4, 8, 0, 0x0a000000 }, parsed "10.0.0.0/8")
    assert.same({ 4, 8, 0, 0x0a000000 }, parsed "10.1.2.3/8")
    assert.same({ 4, 32, 0, 0x0a010203 }, parsed "10.1.2.3")
    assert.same({ 4, 0, 0, 0 }, parsed "255.255.255.255/0")
    assert.equal(0xffffffff, ip.parse("1.2.3.4/0").last_low)
    assert.equal(0x0affffff, ip.parse("10.0.0.0/8").last_low)
  end)

  it("reads IPv6 in every form", function()
    local one = { 6, 128, 0x20010db800000000, 1 }
    for _, text in ipairs {
      "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8:0000:0000:0000:0000:0000:0001/128",
      "2001:db8::0.0.0.1", "2001:db8:0::0:1",
    } do
      assert.same(one, parsed(text), text)
    end
    assert.same({ 6, 32, 0x20010db800000000, 0 }, parsed "2001:db8:ffff::1/32")
    assert.same({ 6, 64, 0x20010db800010002, 0 }, parsed "2001:db8:1:2:3:4:5:6/64")
    assert.same({ 6, 65, 0x20010db800010002, 0 }, parsed "2001:db8:1:2:3:4:5:6/65")
    assert.same({ 6, 0, 0, 0 }, parsed "ffff::/0")
    assert.same({ 6, 128, 0, 1 }, parsed "::1")
    assert.same({ 6, 128, 0, 0 }, parsed "::")
    assert.same({ 6, 128, 0x0001000000000000, 0 }, parsed "1::")
    assert.same({ 6, 128, 0x0001000200030004, 0x0005000600070000 }, parsed "1:2:3:4:5:6:7::")
    assert.equal(-1, ip.parse("::/0").last_high)
    assert.equal(-1, ip.parse("::/0").last_low)
  end)

  it("reads IPv4 within IPv6 as IPv4", function()
    assert.same({ 4, 32, 0, 0x0a010203 }, parsed "::ffff:10.1.2.3")
    assert.same({ 4, 8, 0, 0x0a000000 }, parsed "::ffff:10.1.2.3/104")
    assert.equal(6, ip.parse("::ffff:10.1.2.3/95").family)
  end)

  it("refuses everything else", function()
    for _, text in ipairs {
      "", "/", "/8", "10", "10.0.0", "10.0.0.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1",
      "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/ 8", " 10.0.0.0", "10.0.0.0/0x8", "0x0a.0.0.0",
      "1000.0.0.0", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "::12345",
      "::g", "::/129", "::/1000", "1:2:3:4:5:6:7::8", "::1.2.3", "::1.2.3.256", "1.2.3.4::",
      ("1"):rep(100), "10.0.0.0\0", "*", "fe80::1%eth0",
    } do
      assert.is_nil(ip.parse(text), text)
    end
    for _, value in ipairs { 7, true, {} } do assert.is_nil(ip.parse(value)) end
    assert.is_nil(ip.parse(nil))
  end)
end)

describe("ip.holds and ip.is_private", function()
  it("compare whole ranges", function()
    local function private(text) return ip.is_private(ip.parse(text)) end
    for _, text in ipairs {
      "10.0.0.0/8", "10.255.255.255", "172.16.0.0/12", "172.31.255.255", "192.168.7.0/24",
      "100.64.0.0/10", "127.0.0.1", "169.254.169.254", "fc00::/7", "fd12:3456::/32", "fe80::1",
      "::1",
    } do
      assert.is_true(private(text), text)
    end
    for _, text in ipairs {
      "10.0.0.0/7", "11.0.0.0/8", "172.32.0.0", "172.16.0.0/11", "192.169.0.0/16", "8.8.8.8",
      "fc00::/6", "fe00::1", "2001:db8::/32", "::", "::2", "::/0", "0.0.0.0/0", "a00::/8",
    } do
      assert.is_false(private(text), text)
    end
  end)

  it("keep the families apart", function()
    assert.is_false(ip.holds(ip.parse "0.0.0.0/0", ip.parse "::1"))
    assert.is_false(ip.holds(ip.parse "::/0", ip.parse "10.0.0.1"))
    assert.is_true(ip.holds(ip.parse "::/0", ip.parse "::1"))
    assert.is_true(ip.holds(ip.parse "0.0.0.0/0", ip.parse "10.0.0.1"))
  end)
end)

-- All addresses, cut at every length: 1/1, 01/2, 001/3, …; the address of only zeros is left over.
local function staircase(last_prefix, text_of)
  local list = {}
  for prefix = 1, last_prefix do list[prefix] = text_of(prefix) end
  return list
end

local function step4(prefix)
  local value = 1 << (32 - prefix)
  return ("%d.%d.%d.%d/%d"):format(value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255,
    prefix)
end

local function step6(prefix)
  local groups = { 0, 0, 0, 0, 0, 0, 0, 0 }
  groups[(prefix - 1) // 16 + 1] = 1 << (15 - (prefix - 1) % 16)
  for i, group in ipairs(groups) do groups[i] = ("%x"):format(group) end
  return table.concat(groups, ":") .. "/" .. prefix
end

describe("ip.covers_everything", function()
  it("is true for the range of all addresses", function()
    assert.equal(4, ip.covers_everything { "0.0.0.0/0" })
    assert.equal(6, ip.covers_everything { "::/0" })
    assert.equal(4, ip.covers_everything { "10.0.0.0/8", "1.2.3.4/0" })
  end)

  it("is false for anything less", function()
    assert.is_false(ip.covers_everything {})
    assert.is_false(ip.covers_everything { "0.0.0.0/1" })
    assert.is_false(ip.covers_everything { "128.0.0.0/1" })
    assert.is_false(ip.covers_everything { "::/1", "128.0.0.0/1" })
    assert.is_false(ip.covers_everything { "0.0.0.0/1", "8000::/1" })
    assert.is_false(ip.covers_everything { "everywhere" })
  end)

  it("joins halves, in any order, overlapping or not", function()
    assert.equal(4, ip.covers_everything { "128.0.0.0/1", "0.0.0.0/1" })
    assert.equal(6, ip.covers_everything { "8000::/1", "::/1" })
    assert.equal(4, ip.covers_everything { "128.0.0.0/1", "0.0.0.0/2", "0.0.0.0/1", "9.9.9.9" })
    assert.equal(4, ip.covers_everything { "x", "128.0.0.0/1", "::1", "0.0.0.0/1" })
  end)

  it("joins the smallest ranges, and notices one missing address", function()
    local four = staircase(32, step4)
    assert.is_false(ip.covers_everything(four))
    four[#four + 1] = "0.0.0.0/32"
    assert.equal(4, ip.covers_everything(four))
    table.remove(four, 17)
    assert.is_false(ip.covers_everything(four))

    local six = staircase(128, step6)
    assert.is_false(ip.covers_everything(six))
    six[#six + 1] = "::"
    assert.equal(6, ip.covers_everything(six))
    for _, missing in ipairs { 1, 64, 65, 128 } do
      local fewer = table.move(six, 1, #six, 1, {})
      table.remove(fewer, missing)
      assert.is_false(ip.covers_everything(fewer), missing)
    end
  end)

  it("notices a gap in the middle, and one at the end", function()
    local list = {}
    for i = 0, 255 do list[#list + 1] = i .. ".0.0.0/8" end
    assert.equal(4, ip.covers_everything(list))
    for _, place in ipairs { 1, 128, 256 } do
      local fewer = table.move(list, 1, 256, 1, {})
      table.remove(fewer, place)
      assert.is_false(ip.covers_everything(fewer))
    end
  end)

  it("does not change its list", function()
    local list = { "128.0.0.0/1", "0.0.0.0/1" }
    ip.covers_everything(list)
    assert.same({ "128.0.0.0/1", "0.0.0.0/1" }, list)
  end)
end)
