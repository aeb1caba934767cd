-- Judge one attempt against all its limits at once: either every limit is charged, or none is.
--
-- Generic cell rate algorithm: a key holds the "theoretical arrival time" (TAT), the instant at which its limit is as
-- if unused. An attempt moves it on by one emission interval; it is refused where that would lead further into the
-- future than the limit's whole period. All times are whole microseconds of the server's clock (exact in a double).
--
-- KEYS[i]                 one key for each limit
-- ARGV[1]                 for each limit its emission interval (us) and its count, as big-endian 64-bit integers: one
--                         argument, because each costs the client and the server more than unpacking it
-- Reply: one string, big-endian, because five integers cost the client more to read: allowed (1 or 0, 1 byte),
--        tightest limit (1 .. n, 1 byte), attempts that it still admits (4 bytes), us until the attempt would be
--        admitted (0 if it is, 8 bytes), us until the tightest limit is as if unused (8 bytes)
local call, ceil, pack = redis.call, math.ceil, struct.pack
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local limits = {struct.unpack('>' .. string.rep('I8', 2 * #KEYS), ARGV[1])}
local stored = call('MGET', unpack(KEYS))
local arrivals, wait, tightest, remaining, reset = {}, 0, 0, 0, 0

for i = 1, #KEYS do
  local interval, count = limits[2 * i - 1], limits[2 * i]
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
  return pack('>BBI4I8I8', 0, tightest, remaining, wait, reset)
end
for i = 1, #KEYS do
  -- One second of life more than needed: a key that ends early would forget attempts. The server writes numbers so
  -- that tonumber() gives them back exactly; in seconds (at most seven digits) never with an exponent, which EX refuses.
  call('SET', KEYS[i], arrivals[i], 'EX', ceil((arrivals[i] - now) / 1000000) + 1)
end
return pack('>BBI4I8I8', 1, tightest, remaining, 0, reset)
