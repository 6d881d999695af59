print(sts.caller().account) -- engine run caller.lua: whose credentials these are
