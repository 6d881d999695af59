-- Guards against results that were cut short and would be taken for "there is none".

-- expect(reply, "elb:DescribeTags", "TagDescriptions", …) -> reply. Raises an error if one of
-- these members, which AWS always sends, is missing or an empty text.
return function(reply, call, ...)
  for _, name in ipairs { ... } do
    if reply[name] == nil or reply[name] == "" then
      error(("%s returned no %s"):format(call, name), 0)
    end
  end
  return reply
end
