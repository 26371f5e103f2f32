const N = 4096;

function primes() {
    const composite = new Uint8Array(N);
    let sum = 0;

    for (let i = 2; i < N; i++) {
        if (composite[i]) {
            continue;
        }

        sum += i;

        for (let j = i * i; j < N; j += i) {
            composite[j] = 1;
        }
    }

    return sum;
}

function fibonacci(n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export default {
    fetch() {
        return new Response(`${primes()} ${fibonacci(20)}`);
    },
};
