/*
 * Copyright (C) the nginx-workers authors
 *
 * "node:_http_common": a part of "node:http".
 */

import {
    CRLF, METHODS as methods, chunkExpression, continueExpression, isBadValue,
    isToken, kIncomingMessage, parsers,
} from "workers:node/internal/http_common";

export {
    CRLF, chunkExpression, continueExpression, kIncomingMessage, methods,
    parsers,
};
export { isBadValue as _checkInvalidHeaderChar, isToken as _checkIsHttpToken };

export default {
    CRLF, _checkInvalidHeaderChar: isBadValue, _checkIsHttpToken: isToken,
    chunkExpression, continueExpression, kIncomingMessage, methods, parsers,
};
