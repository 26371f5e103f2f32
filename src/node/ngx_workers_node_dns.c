
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of "node:dns" (src/js/node/dns/promises.js): records and
 * addresses as arrays, which JavaScript gives their names.
 */


#include "../core/ngx_workers_isolate.h"
#include "../engines/ngx_workers_dns.h"


typedef struct {
    ngx_workers_op_t            op;         /* first */
    ngx_workers_lookup_t       *lookup;
    ares_dns_rec_type_t         type;       /* of query() */
} ngx_workers_node_dns_t;


static JSValue ngx_workers_node_dns_make(JSContext *cx);
static JSValue ngx_workers_node_dns_ext_query(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int magic);
static void ngx_workers_node_dns_done(ngx_workers_lookup_t *lookup);
static JSValue ngx_workers_node_dns_settle(JSContext *cx,
    ngx_workers_op_t *op);
static int ngx_workers_node_dns_records(JSContext *cx, JSValueConst list,
    ngx_workers_node_dns_t *d);
static JSValue ngx_workers_node_dns_record(JSContext *cx,
    const ares_dns_rr_t *rr, ares_dns_rec_type_t type);
static JSValue ngx_workers_node_dns_value(JSContext *cx,
    const ares_dns_rr_t *rr, ares_dns_rr_key_t key);
static int ngx_workers_node_dns_addresses(JSContext *cx, JSValueConst list,
    struct ares_addrinfo *addresses);
static JSValue ngx_workers_node_dns_address(JSContext *cx, int family,
    const void *address);
static void ngx_workers_node_dns_free(ngx_workers_op_t *op);


enum {
    NGX_WORKERS_NODE_DNS_RECORDS = 0,
    NGX_WORKERS_NODE_DNS_ADDRESSES
};


static const JSCFunctionListEntry  ngx_workers_node_dns_methods[] = {
    JS_CFUNC_MAGIC_DEF("records", 2, ngx_workers_node_dns_ext_query,
                       NGX_WORKERS_NODE_DNS_RECORDS),
    JS_CFUNC_MAGIC_DEF("addresses", 2, ngx_workers_node_dns_ext_query,
                       NGX_WORKERS_NODE_DNS_ADDRESSES),
};


ngx_workers_native_t  ngx_workers_node_dns_native = {
    "dns", ngx_workers_node_dns_make
};


static JSValue
ngx_workers_node_dns_make(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (JS_SetPropertyFunctionList(cx, native, ngx_workers_node_dns_methods,
                              ngx_workers_nitems(ngx_workers_node_dns_methods))
        < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/*
 * records(name, type) -> Promise<[status, [[ttl, value, ...], ...]]>: the
 * values of a record in the order of its RFC
 *
 * addresses(host, family: 0, 4, 6) -> Promise<[status, [[text, family], ...]]>
 */

static JSValue
ngx_workers_node_dns_ext_query(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv, int magic)
{
    JSValue                    promise;
    uint32_t                   n;
    const char                *name;
    ngx_workers_dns_t         *client;
    ngx_workers_isolate_t     *iso;
    ngx_workers_invocation_t  *inv;
    ngx_workers_node_dns_t    *d;

    inv = ngx_workers_require_invocation(cx);

    if (inv == NULL || JS_ToUint32(cx, &n, argv[1])) {
        return JS_EXCEPTION;
    }

    iso = inv->iso;

    if (++inv->subrequests > iso->script->subrequests) {
        return ngx_workers_throw_error(cx, "Too many subrequests by single "
                                       "Worker invocation.");
    }

    name = JS_ToCString(cx, argv[0]);
    if (name == NULL) {
        return JS_EXCEPTION;
    }

    client = ngx_workers_dns(iso->dns, iso->log);
    d = (client != NULL) ? ngx_calloc(sizeof(ngx_workers_node_dns_t), iso->log)
                         : NULL;

    if (d == NULL) {
        JS_FreeCString(cx, name);
        return JS_ThrowOutOfMemory(cx);
    }

    d->op.settle = ngx_workers_node_dns_settle;
    d->op.free = ngx_workers_node_dns_free;

    if (magic == NGX_WORKERS_NODE_DNS_RECORDS) {
        d->type = n;
        d->lookup = ngx_workers_dns_query(client, name, n,
                                          ngx_workers_node_dns_done, d);

    } else {
        d->lookup = ngx_workers_dns_addresses(client, name,
                                              n == 4 ? AF_INET
                                              : n == 6 ? AF_INET6 : AF_UNSPEC,
                                              ngx_workers_node_dns_done, d);
    }

    JS_FreeCString(cx, name);

    if (d->lookup == NULL) {
        ngx_free(d);
        return JS_ThrowOutOfMemory(cx);
    }

    promise = ngx_workers_op_start(cx, inv, &d->op);

    if (JS_IsException(promise)) {
        ngx_workers_dns_abandon(d->lookup);
        ngx_free(d);
    }

    return promise;
}


static void
ngx_workers_node_dns_done(ngx_workers_lookup_t *lookup)
{
    ngx_workers_node_dns_t  *d;

    d = lookup->data;

    ngx_workers_op_done(&d->op);
}


static JSValue
ngx_workers_node_dns_settle(JSContext *cx, ngx_workers_op_t *op)
{
    int                      rc;
    JSValue                  pair, list;
    ngx_workers_node_dns_t  *d;

    d = (ngx_workers_node_dns_t *) op;

    pair = JS_NewArray(cx);
    list = JS_NewArray(cx);

    if (JS_IsException(pair) || JS_IsException(list)) {
        goto failed;
    }

    rc = (d->lookup->addresses != NULL)
         ? ngx_workers_node_dns_addresses(cx, list, d->lookup->addresses)
         : ngx_workers_node_dns_records(cx, list, d);

    if (rc < 0
        || JS_SetPropertyUint32(cx, pair, 0,
                                JS_NewInt32(cx, d->lookup->status)) < 0)
    {
        goto failed;
    }

    if (JS_SetPropertyUint32(cx, pair, 1, list) < 0) {
        JS_FreeValue(cx, pair);
        return JS_EXCEPTION;
    }

    return pair;

failed:

    JS_FreeValue(cx, pair);
    JS_FreeValue(cx, list);

    return JS_EXCEPTION;
}


/* Those of the type that was asked for: aliases lead to them. */

static int
ngx_workers_node_dns_records(JSContext *cx, JSValueConst list,
    ngx_workers_node_dns_t *d)
{
    size_t                i, n;
    JSValue               record;
    uint32_t              k;
    const ares_dns_rr_t  *rr;

    if (d->lookup->records == NULL) {
        return 0;
    }

    n = ares_dns_record_rr_cnt(d->lookup->records, ARES_SECTION_ANSWER);

    for (i = 0, k = 0; i < n; i++) {
        rr = ares_dns_record_rr_get_const(d->lookup->records,
                                          ARES_SECTION_ANSWER, i);

        if (rr == NULL || ares_dns_rr_get_type(rr) != d->type) {
            continue;
        }

        record = ngx_workers_node_dns_record(cx, rr, d->type);

        if (JS_IsException(record)
            || JS_SetPropertyUint32(cx, list, k++, record) < 0)
        {
            return -1;
        }
    }

    return 0;
}


static JSValue
ngx_workers_node_dns_record(JSContext *cx, const ares_dns_rr_t *rr,
    ares_dns_rec_type_t type)
{
    size_t                    i, n;
    JSValue                   record, value;
    const ares_dns_rr_key_t  *keys;

    record = JS_NewArray(cx);
    if (JS_IsException(record)) {
        return JS_EXCEPTION;
    }

    value = JS_NewUint32(cx, ares_dns_rr_get_ttl(rr));
    keys = ares_dns_rr_get_keys(type, &n);

    for (i = 0; /* void */; i++) {

        if (JS_IsException(value)
            || JS_SetPropertyUint32(cx, record, i, value) < 0)
        {
            JS_FreeValue(cx, record);
            return JS_EXCEPTION;
        }

        if (i == n) {
            return record;
        }

        value = ngx_workers_node_dns_value(cx, rr, keys[i]);
    }
}


static JSValue
ngx_workers_node_dns_value(JSContext *cx, const ares_dns_rr_t *rr,
    ares_dns_rr_key_t key)
{
    size_t                i, len;
    JSValue               list;
    const char           *str;
    const unsigned char  *bin;

    switch (ares_dns_rr_key_datatype(key)) {

    case ARES_DATATYPE_INADDR:
        return ngx_workers_node_dns_address(cx, AF_INET,
                                            ares_dns_rr_get_addr(rr, key));

    case ARES_DATATYPE_INADDR6:
        return ngx_workers_node_dns_address(cx, AF_INET6,
                                            ares_dns_rr_get_addr6(rr, key));

    case ARES_DATATYPE_U8:
        return JS_NewUint32(cx, ares_dns_rr_get_u8(rr, key));

    case ARES_DATATYPE_U16:
        return JS_NewUint32(cx, ares_dns_rr_get_u16(rr, key));

    case ARES_DATATYPE_U32:
        return JS_NewUint32(cx, ares_dns_rr_get_u32(rr, key));

    case ARES_DATATYPE_NAME:
    case ARES_DATATYPE_STR:
        str = ares_dns_rr_get_str(rr, key);
        return JS_NewString(cx, str != NULL ? str : "");

    case ARES_DATATYPE_BIN:
    case ARES_DATATYPE_BINP:
        bin = ares_dns_rr_get_bin(rr, key, &len);
        return (bin != NULL) ? JS_NewStringLen(cx, (char *) bin, len)
                             : JS_NewString(cx, "");

    case ARES_DATATYPE_ABINP:
        list = JS_NewArray(cx);

        for (i = 0;
             !JS_IsException(list) && i < ares_dns_rr_get_abin_cnt(rr, key);
             i++)
        {
            bin = ares_dns_rr_get_abin(rr, key, i, &len);

            if (JS_SetPropertyUint32(cx, list, i,
                                     JS_NewStringLen(cx, (char *) bin,
                                                     bin != NULL ? len : 0))
                < 0)
            {
                JS_FreeValue(cx, list);
                return JS_EXCEPTION;
            }
        }

        return list;

    default:
        return JS_UNDEFINED;
    }
}


static int
ngx_workers_node_dns_addresses(JSContext *cx, JSValueConst list,
    struct ares_addrinfo *addresses)
{
    JSValue                     pair, text;
    uint32_t                    i;
    struct sockaddr_in         *sin;
    struct sockaddr_in6        *sin6;
    struct ares_addrinfo_node  *node;

    for (i = 0, node = addresses->nodes; node != NULL;
         i++, node = node->ai_next)
    {
        if (node->ai_family == AF_INET6) {
            sin6 = (struct sockaddr_in6 *) node->ai_addr;
            text = ngx_workers_node_dns_address(cx, AF_INET6,
                                                &sin6->sin6_addr);

        } else {
            sin = (struct sockaddr_in *) node->ai_addr;
            text = ngx_workers_node_dns_address(cx, AF_INET, &sin->sin_addr);
        }

        pair = JS_NewArray(cx);

        if (JS_IsException(pair)) {
            JS_FreeValue(cx, text);
            return -1;
        }

        if (JS_SetPropertyUint32(cx, list, i, pair) < 0) {
            JS_FreeValue(cx, text);
            return -1;
        }

        if (JS_IsException(text)
            || JS_SetPropertyUint32(cx, pair, 0, text) < 0
            || JS_SetPropertyUint32(cx, pair, 1,
                                    JS_NewInt32(cx, node->ai_family == AF_INET6
                                                    ? 6 : 4))
               < 0)
        {
            return -1;
        }
    }

    return 0;
}


static JSValue
ngx_workers_node_dns_address(JSContext *cx, int family, const void *address)
{
    char  text[INET6_ADDRSTRLEN];

    if (address == NULL
        || ares_inet_ntop(family, address, text, sizeof(text)) == NULL)
    {
        return JS_NewString(cx, "");
    }

    return JS_NewString(cx, text);
}


static void
ngx_workers_node_dns_free(ngx_workers_op_t *op)
{
    ngx_workers_node_dns_t  *d;

    d = (ngx_workers_node_dns_t *) op;

    ngx_workers_dns_free(d->lookup);
    ngx_free(d);
}
