// The JSON API of the quickstart.

export function time(request) {
    return Response.json({
        time: new Date().toISOString(),
        client: request.headers.get('cf-connecting-ip'),
        protocol: request.cf.httpProtocol,
    });
}


export function sum(values) {
    const numbers = values.map(Number);

    if (numbers.length === 0 || numbers.some(Number.isNaN)) {
        return Response.json({ error: 'expected ?n=1&n=2 ...' },
                             { status: 400 });
    }

    return Response.json({ sum: numbers.reduce((a, b) => a + b) });
}
