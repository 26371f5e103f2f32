/*
 * Copyright (C) the nginx-workers authors
 *
 * tee() of ReadableStreams.
 */

import {
    copyOf, ERRORED, later, native, noop, READER_LOCKED, RESOLVED, then,
    TypeError,
} from "workers:stream_base";
import { newDefault, Reader } from "workers:stream_readable";
import {
    BytesController, bytesStream, newBytes, newSource, SourceController,
} from "workers:stream_bytes";
import { mine, wrapReadable } from "workers:stream_faces";


function tee(stream) {
    const controller = stream.controller;

    if (stream.reader !== undefined) {
        throw new TypeError(READER_LOCKED);
    }

    if (controller instanceof BytesController && controller.untouched()) {
        const data = controller.data;

        new Reader(stream, false);
        stream.disturbed = true;
        controller.close();
        return [bytesStream(data, true), bytesStream(data, true)];
    }

    if (controller instanceof SourceController && controller.untouched()) {
        const { length } = stream;
        const pair = native.tee(controller.source);

        if (pair !== undefined) {
            new Reader(stream, false);
            stream.disturbed = true;
            return [newSource(pair[0], length), newSource(pair[1], length)];
        }
    }

    return controller.bytes ? teeBytes(stream) : teeDefault(stream);
}

/*
 * As on the platform, cancel() of one branch resolves at once, and that of
 * the other cancels the stream, with its reason.
 */
class TeeEnds {
    constructor(stream) {
        this.stream = stream;
        this.cancelled1 = false;
        this.cancelled2 = false;
        this.branch1 = undefined;
        this.branch2 = undefined;
    }

    cancel1(reason) {
        this.cancelled1 = true;
        return this.cancelBoth(this.cancelled2, reason);
    }

    cancel2(reason) {
        this.cancelled2 = true;
        return this.cancelBoth(this.cancelled1, reason);
    }

    cancelBoth(both, reason) {
        return both ? this.stream.cancel(reason) : undefined;
    }

    fail(e) {
        this.branch1.fail(e);
        this.branch2.fail(e);
    }
}

function teeDefault(stream) {
    const ends = new TeeEnds(stream);
    const reader = new Reader(stream, false);
    let reading = false, again = false, value;

    const give = () => {
        const chunk = value;

        value = undefined;
        again = false;

        if (!ends.cancelled1 && ends.branch1.open()) {
            ends.branch1.enqueue(chunk);
        }

        if (!ends.cancelled2 && ends.branch2.open()) {
            ends.branch2.enqueue(chunk);
        }

        reading = false;

        if (again) {
            pull();
        }
    };

    const request = {
        next: undefined,

        chunk(v) {
            value = v;
            later(give);
        },

        close() {
            reading = false;

            if (!ends.cancelled1 && ends.branch1.open()) {
                ends.branch1.close();
            }

            if (!ends.cancelled2 && ends.branch2.open()) {
                ends.branch2.close();
            }
        },

        error() {
            reading = false;
        },
    };

    const pull = () => {
        if (reading) {
            again = true;
            return;
        }

        reading = true;
        reader.read(request);
    };

    const one = newDefault(RESOLVED, pull, (r) => ends.cancel1(r), 0);
    const two = newDefault(RESOLVED, pull, (r) => ends.cancel2(r), 0);

    ends.branch1 = one.controller;
    ends.branch2 = two.controller;

    then(reader.closed.promise(), undefined, (e) => ends.fail(e));

    return [one, two];
}

function teeBytes(stream) {
    const ends = new TeeEnds(stream);
    let reader = new Reader(stream, false);
    let reading = false, again1 = false, again2 = false;

    const forward = (from) => {
        then(from.closed.promise(), undefined, (e) => {
            if (from === reader) {
                ends.fail(e);
            }
        });
    };

    const use = (byob) => {
        if (reader.byob !== byob) {
            const old = reader;

            reader = undefined;
            old.release();
            reader = new Reader(stream, byob);
            forward(reader);
        }
    };

    const copy = (chunk) => {
        try {
            return copyOf(chunk);

        } catch (e) {
            ends.fail(e);
            then(stream.cancel(e), undefined, noop);
            return undefined;
        }
    };

    const next = () => {
        reading = false;

        if (again1) {
            pull1();

        } else if (again2) {
            pull2();
        }
    };

    const request = {
        next: undefined,

        chunk(chunk) {
            later(() => {
                let second = chunk;

                again1 = again2 = false;

                if (!ends.cancelled1 && !ends.cancelled2) {
                    second = copy(chunk);

                    if (second === undefined) {
                        return;
                    }
                }

                if (!ends.cancelled1) {
                    ends.branch1.enqueue(chunk);
                }

                if (!ends.cancelled2) {
                    ends.branch2.enqueue(second);
                }

                next();
            });
        },

        close() {
            reading = false;

            if (!ends.cancelled1) {
                ends.branch1.close();
            }

            if (!ends.cancelled2) {
                ends.branch2.close();
            }

            if (ends.branch1.pulls.length > 0) {
                ends.branch1.respond(0);
            }

            if (ends.branch2.pulls.length > 0) {
                ends.branch2.respond(0);
            }
        },

        error() {
            reading = false;
        },
    };

    const into = (second) => ({
        next: undefined,

        chunk(chunk) {
            later(() => {
                const gone = second ? ends.cancelled2 : ends.cancelled1;
                const otherGone = second ? ends.cancelled1 : ends.cancelled2;
                const branch = second ? ends.branch2 : ends.branch1;
                const other = second ? ends.branch1 : ends.branch2;

                again1 = again2 = false;

                if (!otherGone) {
                    const twin = copy(chunk);

                    if (twin === undefined) {
                        return;
                    }

                    if (!gone) {
                        branch.respondWithView(chunk);
                    }

                    other.enqueue(twin);

                } else if (!gone) {
                    branch.respondWithView(chunk);
                }

                next();
            });
        },

        close(chunk) {
            const gone = second ? ends.cancelled2 : ends.cancelled1;
            const otherGone = second ? ends.cancelled1 : ends.cancelled2;
            const branch = second ? ends.branch2 : ends.branch1;
            const other = second ? ends.branch1 : ends.branch2;

            reading = false;

            if (!gone) {
                branch.close();
            }

            if (!otherGone) {
                other.close();
            }

            if (chunk !== undefined) {
                if (!gone && branch.pulls.length > 0) {
                    branch.respondWithView(chunk);
                }

                if (!otherGone && other.pulls.length > 0) {
                    other.respond(0);
                }
            }
        },

        error() {
            reading = false;
        },
    });

    const start = (branch, second) => {
        const byob = branch.byobRequest();

        reading = true;

        if (byob === undefined) {
            use(false);
            reader.read(request);

        } else {
            use(true);
            stream.disturbed = true;

            if (stream.state !== ERRORED) {
                stream.controller.pullInto(byob.view, 1, into(second));
            }
        }
    };

    const pull1 = () => {
        if (reading) {
            again1 = true;

        } else {
            start(ends.branch1, false);
        }
    };

    const pull2 = () => {
        if (reading) {
            again2 = true;

        } else {
            start(ends.branch2, true);
        }
    };

    const one = newBytes(pull1, (r) => ends.cancel1(r), 0);
    const two = newBytes(pull2, (r) => ends.cancel2(r), 0);

    ends.branch1 = one.controller;
    ends.branch2 = two.controller;
    forward(reader);

    return [one, two];
}

function teeFaces(v) {
    const [one, two] = tee(mine(v));

    return [wrapReadable(one), wrapReadable(two)];
}

export default () => ({ tee: teeFaces });
