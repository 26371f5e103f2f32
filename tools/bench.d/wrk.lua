-- wrk ... -- METHOD HEADERS [FILE [TYPE]]: a request with that many headers
-- of its own and the file as its body, whose type may be named.  At the end
-- one line of figures.

function init(args)
    wrk.method = args[1]

    for i = 1, tonumber(args[2]) do
        wrk.headers[string.format("x-bench-%02d", i)] = "value of header " .. i
    end

    if args[3] then
        local file = assert(io.open(args[3], "rb"))
        wrk.body = file:read("*a")
        file:close()
        wrk.headers["Content-Type"] = args[4]
    end
end


function done(summary, latency)
    local e = summary.errors

    print("figures", summary.requests, summary.duration, summary.bytes,
          latency:percentile(50), latency:percentile(99),
          e.connect + e.read + e.write + e.timeout, e.status)
end
