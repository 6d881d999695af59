-- engine run dead_letters.lua QUEUE-URL [--delete]: prints the CloudTrail events that wait in a
-- dead-letter queue, one JSON document a line, as `engine translate` reads them. A message is the
-- event itself, or what Lambda writes about a failed invocation: then the event is its
-- requestPayload. With --delete, each message is deleted after its event was printed.
local url, option = ...
if not url or option and option ~= "--delete" then
  io.stderr:write("usage: engine run dead_letters.lua QUEUE-URL [--delete]\n")
  return 64
end

-- Messages that are not deleted stay invisible for this long, so that none is read twice.
local VISIBILITY = 120

local printed, unreadable = 0, 0
repeat
  local messages = sqs.receive(url, { max = 10, wait = 1, visibility = VISIBILITY })
  for _, message in ipairs(messages) do
    local body = json.decode(message.body)
    if body then
      print(json.encode(body.requestPayload or body))
      printed = printed + 1
      if option then sqs.delete(url, message) end
    else
      unreadable = unreadable + 1
    end
  end
until #messages == 0

io.stderr:write(("%d events, %d unreadable messages\n"):format(printed, unreadable))
return unreadable > 0 and 1 or 0
