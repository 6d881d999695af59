-- Answers that must not be taken for "there is none" when they are only cut short.

-- whole(reply, "elb:DescribeTags", "TagDescriptions", …) -> reply; an error where one of these
-- members, which AWS always sends, is not there, or is an empty text.
return function(reply, call, ...)
  for _, name in ipairs { ... } do
    if reply[name] == nil or reply[name] == "" then
      error(("%s answered without %s"):format(call, name), 0)
    end
  end
  return reply
end
