/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_tls_common": a part of "node:tls".
 */

import { SecureContext, createSecureContext } from "workers:node/tls";

export { SecureContext, createSecureContext };


export function translatePeerCertificate(cert) {
    return cert;
}


export default { SecureContext, createSecureContext, translatePeerCertificate };
