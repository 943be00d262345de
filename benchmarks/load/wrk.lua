-- Post the files named after "--" in turn, then print one JSON line of what wrk counted.
local requests, number = {}, 0

function init(args)
  wrk.method = "POST"
  wrk.headers["content-type"] = args[1]
  for i = 2, #args do
    local file = assert(io.open(args[i], "rb"))
    requests[i - 1] = wrk.format(nil, nil, nil, file:read("*a"))
    file:close()
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "duration_us": %d, "p50_us": %d, "p95_us": %d, "p99_us": %d, "n_errors": %d}\n',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
