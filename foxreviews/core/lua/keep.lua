-- Keep a value (ARGV[1]) for ARGV[2] seconds, and let go of its lock where that is still ours (ARGV[3]).
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
if ARGV[3] ~= '' and redis.call('GET', KEYS[2]) == ARGV[3] then
    redis.call('DEL', KEYS[2])
end
