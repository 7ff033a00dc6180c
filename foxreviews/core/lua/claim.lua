-- The value at KEYS[1]; or, where there is none, '' to the first who asks: it is theirs (ARGV[1]) to compute for ARGV[2] ms.
-- Nil to the others.
local value = redis.call('GET', KEYS[1])
if value then
    return value
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return ''
end
return false
