-- A client's bucket, as core.rate_table has it: all that is kept is the moment at which it is empty. ARGV: how many requests
-- fit, in how many seconds it empties, and how many are taken (-1 gives one back). By Redis' own clock, so hosts agree.
-- Answers seconds until the request would fit, 0 where it does, and the seconds until the bucket is empty.
local count, seconds, taken = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local empty = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local filled = empty + taken * seconds / count
local wait = filled - now - seconds
if wait > 0.000001 then
    return {tostring(wait), tostring(empty - now)}
end
if filled > now then
    redis.call('SET', KEYS[1], string.format('%.6f', filled), 'PX', math.ceil((filled - now) * 1000))
else
    redis.call('DEL', KEYS[1])
end
return {'0', tostring(math.max(filled - now, 0))}
