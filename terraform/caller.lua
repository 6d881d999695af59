print(sts.caller().account) -- engine run caller.lua: prints the account of the credentials
