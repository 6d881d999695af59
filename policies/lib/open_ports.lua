-- What firewall rules allow from everywhere: per protocol and family, the port ranges that are open
-- to 0.0.0.0/0 or ::/0, by one rule or by several whose address ranges cover all addresses
-- together.
local ip = require "lib.ip"

local open_ports = {}

local LAST = 65535
local NAMES = { ["6"] = "tcp", ["17"] = "udp", ["1"] = "icmp", ["58"] = "icmpv6" }
local EVERYWHERE = { [4] = "0.0.0.0/0", [6] = "::/0" }
local ALMOST_ALL = 1 - 1e-9 -- sums of shares are rounded; the exact test follows

local function is_icmp(protocol) return protocol == "icmp" or protocol == "icmpv6" end

-- First and last port. ICMP rules have a type instead of the first port and a code instead of the
-- last, -1 for any (EC2 API reference, IpPermission): converted to type * 256 + code.
local function bounds(protocol, from, to)
  if is_icmp(protocol) then
    if not from or from < 0 then return 0, LAST end
    if not to or to < 0 then return from * 256, from * 256 + 255 end
    return from * 256 + to, from * 256 + to
  end
  if protocol ~= "tcp" and protocol ~= "udp" or not from or from < 0 then return 0, LAST end
  return from, to or from
end

-- One rule: protocol ("-1": all), from and to as in EC2, and an address range.
function open_ports.rule(protocol, from, to, cidr)
  local range = ip.parse(cidr)
  if not range then error(("not a range of addresses: %q"):format(cidr), 0) end
  local name = NAMES[protocol] or protocol
  local first, last = bounds(name, from, to)
  return {
    protocol = name, first = first, last = last, cidr = cidr, family = range.family,
    share = 2.0 ^ -range.prefix, -- of all addresses
  }
end

local function sorted_keys(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- The ports at which the set of matching rules changes.
local function edges_of(rules)
  local set = {}
  for _, rule in ipairs(rules) do set[rule.first], set[rule.last + 1] = true, true end
  return sorted_keys(set)
end

-- The address ranges allowed at this port if they cover everything, else nil.
local function everything_at(port, rules)
  local share, cidrs = 0, {}
  for _, rule in ipairs(rules) do
    if rule.first <= port and port <= rule.last then
      share, cidrs[rule.cidr] = share + rule.share, true
    end
  end
  if share < ALMOST_ALL then return nil end
  local list = sorted_keys(cidrs)
  if not ip.covers_everything(list) then return nil end
  for _, cidr in ipairs(list) do
    if ip.covers_everything { cidr } then return { cidr } end
  end
  return list
end

local function union(one, other)
  local set = {}
  for _, list in ipairs { one, other } do
    for _, item in ipairs(list) do set[item] = true end
  end
  return sorted_keys(set)
end

-- Port ranges that are open to all addresses, by the rules of one protocol (and those for all
-- protocols) and one family.
local function sweep(rules, found, protocol, family)
  local edges, last = edges_of(rules), nil
  for i = 1, #edges - 1 do
    local cidrs = everything_at(edges[i], rules)
    if cidrs and last and last.last == edges[i] - 1 then
      last.last, last.cidrs = edges[i + 1] - 1, union(last.cidrs, cidrs)
    elseif cidrs then
      last = {
        protocol = protocol, first = edges[i], last = edges[i + 1] - 1,
        range = EVERYWHERE[family], cidrs = cidrs,
      }
      found[#found + 1] = last
    end
  end
end

local function chosen(rules, family, protocol)
  local list = {}
  for _, rule in ipairs(rules) do
    local counts = rule.protocol == protocol or rule.protocol == "-1"
    if counts and rule.family == family then list[#list + 1] = rule end
  end
  return list
end

-- "all traffic", "tcp 22", "udp 1-65535", "icmp 8", "50"
local function describe(open)
  local protocol = open.protocol
  if protocol == "-1" then return "all traffic" end
  if open.first == 0 and open.last == LAST then return protocol end
  local first, last = open.first, open.last
  if is_icmp(protocol) then first, last = first // 256, last // 256 end
  return protocol .. " " .. (first == last and tostring(first) or first .. "-" .. last)
end

-- The entry for the evidence.
local function shown(open)
  local entry = {
    protocol = open.protocol == "-1" and "all" or open.protocol, from = open.range,
    cidrs = open.cidrs, what = describe(open),
  }
  if open.protocol == "tcp" or open.protocol == "udp" then
    entry.first_port, entry.last_port = open.first, open.last
  end
  return entry
end

local function of_family(rules, family, protocols, found)
  local all = chosen(rules, family, "-1")
  sweep(all, found, "-1", family)
  if #found > 0 and found[#found].protocol == "-1" and found[#found].range == EVERYWHERE[family]
  then
    return
  end
  for _, protocol in ipairs(protocols) do
    if protocol ~= "-1" then sweep(chosen(rules, family, protocol), found, protocol, family) end
  end
end

-- Rules -> a list of { what =, protocol =, first_port =, last_port =, from = "0.0.0.0/0" or "::/0",
-- cidrs = the ranges that cover all addresses, alone or together }, in a fixed order.
function open_ports.find(rules)
  local set, found = {}, {}
  for _, rule in ipairs(rules) do set[rule.protocol] = true end
  local protocols = sorted_keys(set)
  of_family(rules, 4, protocols, found)
  of_family(rules, 6, protocols, found)
  for i, open in ipairs(found) do found[i] = shown(open) end
  return found
end

return open_ports
