-- The public IPv4 addresses of an instance: their places and kinds.
local ec2_public = {}

local function earlier(one, other)
  if one.interface ~= other.interface then return one.interface < other.interface end
  return one.private_address < other.private_address
end

-- EC2 assigns an instance's own address only to the first address of the first interface (EC2 API
-- reference, ModifyNetworkInterfaceAttribute: "will only apply to the primary network interface").
local function is_first(interface, address)
  local attachment = interface.Attachment or {}
  return address.Primary == true and attachment.DeviceIndex == 0
    and (attachment.NetworkCardIndex or 0) == 0
end

-- An association may also have an address that is not public: a carrier's, or a customer-owned one.
local function add_public(list, interface, address)
  local association = address.Association
  if not association or (association.PublicIp or "") == "" then return end
  list[#list + 1] = {
    interface = interface.NetworkInterfaceId,
    private_address = address.PrivateIpAddress,
    first = is_first(interface, address),
    owner = association.IpOwnerId,
  }
end

-- An instance from DescribeInstances -> a list of { interface =, private_address =, first = whether
-- it is the instance's main address, owner = account, or "amazon" }, for all interfaces, in a fixed
-- order. It does not contain the public addresses: EC2 assigns a new one at each start.
function ec2_public.addresses(instance)
  local list = {}
  for _, interface in ipairs(instance.NetworkInterfaces or {}) do
    for _, address in ipairs(interface.PrivateIpAddresses or {}) do
      add_public(list, interface, address)
    end
  end
  table.sort(list, earlier)
  return list
end

function ec2_public.describe(list)
  local texts = {}
  for i, place in ipairs(list) do
    local kind = place.owner == "amazon" and "public address of its own" or "public address"
    texts[i] = ("%s on %s (%s)"):format(kind, place.interface, place.private_address)
  end
  return "has a " .. table.concat(texts, ", a ")
end

local function key(interface, private_address)
  return interface .. " " .. (private_address or "")
end

-- Elastic addresses from DescribeAddresses, by their places; see elastic_at. Raises if an address
-- lacks the ids for removing it and giving it back.
function ec2_public.elastic(addresses)
  local map = {}
  for _, address in ipairs(addresses) do
    if address.NetworkInterfaceId then
      if not address.AssociationId or not address.AllocationId then
        error("ec2:DescribeAddresses returned no association of an address", 0)
      end
      map[key(address.NetworkInterfaceId, address.PrivateIpAddress)] = address
    end
  end
  return map
end

function ec2_public.elastic_at(elastic, place)
  return elastic[key(place.interface, place.private_address)]
end

-- Can this address, elastic or the instance's own, be removed? Raises if a result was incomplete:
-- an address that belongs to the account and is not the first one is elastic, listed or not.
local function is_removable(place, elastic, account)
  if ec2_public.elastic_at(elastic, place) then return true end
  if place.first and (place.owner == "amazon" or place.owner == account) then return true end
  if not place.owner then error("ec2:DescribeInstances returned no IpOwnerId", 0) end
  if place.owner ~= account then return false end
  return error(("ec2:DescribeAddresses does not return the elastic address of %s (%s)"):format(
    place.interface, place.private_address), 0)
end

-- Can each of these be removed?
function ec2_public.removable(list, elastic, account)
  local every = true
  for _, place in ipairs(list) do every = is_removable(place, elastic, account) and every end
  return every
end

return ec2_public
