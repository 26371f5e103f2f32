/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:process": env, nextTick(), getBuiltinModule(), platform and features,
 * which is all that there is before enable_nodejs_process_v2.
 */

import native from "native:process";
import { env } from "workers:node/internal/env";
import { nextTick } from "workers:node/internal/tick";

const { Object } = globalThis;
const { require } = native;


const platform = "linux";

const features = Object.freeze({
    inspector: false, debug: false, uv: true, ipv6: true, tls_alpn: true,
    tls_sni: true, tls_ocsp: true, tls: true, cached_builtins: true,
    require_module: false, typescript: false, openssl_is_boringssl: true,
});


function getBuiltinModule(id) {
    return require(`${id}`);
}


export { env, features, getBuiltinModule, nextTick, platform };

export default { nextTick, env, getBuiltinModule, platform, features };
