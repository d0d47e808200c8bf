"""Lua scripts for what must happen in one step on the server.

A row is one string: generation (8 bytes, big-endian), expiry (8 bytes, a double) and blob. Generations are compared as
those bytes, since a Lua number is a double. Each user has an index of rows, sorted by when they expire; rows and index
of a user carry the same hash tag, so that a Cluster keeps them on one node.
"""

from __future__ import annotations

_SETTLE = """
local function settle(index)
  local time = redis.call('TIME')
  local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  local last = redis.call('ZRANGE', index, -1, -1, 'WITHSCORES')[2]
  if last == 'inf' then redis.call('PERSIST', index) elseif last then redis.call('PEXPIREAT', index, last) end
end
"""

# Keys: row, index. Arguments: row, expected generation or '', expiry in ms or '', member, '1' when repeated.
# A repeated write whose first try was done, and its answer lost, finds its own bytes there.
PUT = (
    _SETTLE
    + """
local present = redis.call('GETRANGE', KEYS[1], 0, 15)
local generation = #present == 16 and string.sub(present, 1, 8) or ''
if generation ~= ARGV[2] and not (ARGV[5] == '1' and redis.call('GET', KEYS[1]) == ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
redis.call('ZADD', KEYS[2], ARGV[3] == '' and '+inf' or ARGV[3], ARGV[4])
settle(KEYS[2])
return 1
"""
)

# Keys: index, then rows. Arguments: the member of each row.
DELETE = (
    _SETTLE
    + """
local gone = 0
for number, member in ipairs(ARGV) do
  gone = gone + redis.call('DEL', KEYS[number + 1])
  redis.call('ZREM', KEYS[1], member)
end
settle(KEYS[1])
return gone
"""
)

# Keys: index. Arguments: how members must begin.
LIST = (
    _SETTLE
    + """
settle(KEYS[1])
local found = {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.sub(member, 1, #ARGV[1]) == ARGV[1] then found[#found + 1] = member end
end
return found
"""
)

# Keys: meta row. Arguments: value, '1' when there must be a row, the value it must have, '1' when repeated.
PUT_META = """
local present = redis.call('GET', KEYS[1])
local expected = ARGV[2] == '1' and ARGV[3]
if present ~= expected and not (ARGV[4] == '1' and present == ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
"""

# Keys: counter. Arguments: window in ms, what to add. A window begins when the count leaves 0.
COUNT = """
local value = redis.call('INCRBY', KEYS[1], ARGV[2])
if value == tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return value
"""
