-- List calls for which an error may mean that there is nothing to list. Pages are read with `try`,
-- which lists such codes.

-- listing(aws.lambda, "ListAliases", { … }, "Marker", "NextMarker", fn, code, …): calls fn with
-- each page. Returns true, or nil and the code. The token is called `send` in the request, `take`
-- in the result.
return function(service, operation, wanted, send, take, fn, ...)
  local asked, token = {}, nil
  for name, value in pairs(wanted) do asked[name] = value end
  repeat
    asked[send] = token
    local page, code = service:try(operation, asked, ...)
    if not page then return nil, code end
    fn(page)
    local after = page[take]
    if after and after == token then error(operation .. " returned the same page again", 0) end
    token = after ~= "" and after or nil
  until not token
  return true
end
