-- Judge one attempt against all its limits at once: either every limit is charged, or none is.
--
-- Generic cell rate algorithm: a key holds the "theoretical arrival time" (TAT), the instant at which its limit is as
-- if unused. An attempt moves it on by one emission interval; it is refused where that would lead further into the
-- future than the limit's whole period. All times are whole microseconds of the server's clock (exact in a double).
--
-- KEYS[i]                 one key for each limit
-- ARGV[2i-1], ARGV[2i]    its emission interval (us) and its count
-- Reply: allowed (1 or 0), tightest limit (1 .. n), attempts that it still admits,
--        us until the attempt would be admitted (0 if it is), us until the tightest limit is as if unused
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local stored = redis.call('MGET', unpack(KEYS))
local arrivals, wait, tightest, remaining, reset = {}, 0, 0, 0, 0

for i = 1, #KEYS do
  local interval, count = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local arrival = tonumber(stored[i]) or now
  if arrival < now then arrival = now end
  local moved = arrival + interval
  local over = moved - interval * count - now
  arrivals[i] = moved
  if over > 0 then
    if over > wait then
      wait, tightest, remaining, reset = over, i, 0, arrival - now
    end
  elseif wait == 0 then
    local left = math.floor(-over / interval)
    if tightest == 0 or left < remaining or (left == remaining and moved - now > reset) then
      tightest, remaining, reset = i, left, moved - now
    end
  end
end

if wait > 0 then
  return {0, tightest, remaining, wait, reset}
end
for i = 1, #KEYS do
  -- one more second of life than needed: a key that ends early would forget attempts
  redis.call('SET', KEYS[i], string.format('%.0f', arrivals[i]), 'PX', math.ceil((arrivals[i] - now) / 1000) + 1000)
end
return {1, tightest, remaining, 0, reset}
