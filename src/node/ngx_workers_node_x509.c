
/*
 * Copyright (C) the nginx-workers authors
 *
 * The native half of node:crypto's X509Certificate and of its Certificate
 * (SPKAC).
 */


#include "../core/ngx_workers_isolate.h"
#include "../web/ngx_workers_crypto.h"
#include "ngx_workers_node_buffer.h"
#include "ngx_workers_node_key.h"

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>


/* RFC 2253's escapes, an attribute a line, by its short name. */
#define NGX_WORKERS_NODE_NAME_FLAGS                                           \
    (ASN1_STRFLGS_ESC_2253|ASN1_STRFLGS_ESC_CTRL|ASN1_STRFLGS_UTF8_CONVERT    \
     |XN_FLAG_SEP_MULTILINE|XN_FLAG_FN_SN)


static JSValue ngx_workers_node_x509_make(JSContext *cx);
static JSValue ngx_workers_node_x509_ext_parse(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_spkac(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_fields(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_bio(JSContext *cx, BIO *bio);
static JSValue ngx_workers_node_x509_name(JSContext *cx, const X509_NAME *n);
static JSValue ngx_workers_node_x509_attributes(JSContext *cx,
    const X509_NAME *n);
static JSValue ngx_workers_node_x509_time(JSContext *cx,
    const ASN1_TIME *time);
static JSValue ngx_workers_node_x509_serial(JSContext *cx, X509 *cert);
static JSValue ngx_workers_node_x509_oid(JSContext *cx,
    const ASN1_OBJECT *object);
static JSValue ngx_workers_node_x509_usages(JSContext *cx, X509 *cert);
static JSValue ngx_workers_node_x509_alternatives(JSContext *cx, X509 *cert);
static JSValue ngx_workers_node_x509_access(JSContext *cx, X509 *cert);
static ngx_int_t ngx_workers_node_x509_general(JSContext *cx,
    JSValueConst list, uint32_t i, const char *method, GENERAL_NAME *name);
static JSValue ngx_workers_node_x509_ext_raw(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_key(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_check(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_issued(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_node_x509_ext_verify(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv, int private);
static void ngx_workers_node_x509_finalizer(JSRuntime *rt, JSValueConst val);


static const JSCFunctionListEntry  ngx_workers_node_x509_methods[] = {
    JS_CFUNC_DEF("parse", 1, ngx_workers_node_x509_ext_parse),
    JS_CFUNC_DEF("spkac", 1, ngx_workers_node_x509_ext_spkac),
};


static const JSCFunctionListEntry  ngx_workers_node_x509_proto[] = {
    JS_CFUNC_DEF("fields", 0, ngx_workers_node_x509_ext_fields),
    JS_CFUNC_DEF("raw", 0, ngx_workers_node_x509_ext_raw),
    JS_CFUNC_DEF("publicKey", 0, ngx_workers_node_x509_ext_key),
    JS_CFUNC_DEF("check", 3, ngx_workers_node_x509_ext_check),
    JS_CFUNC_DEF("issued", 1, ngx_workers_node_x509_ext_issued),
    JS_CFUNC_MAGIC_DEF("verify", 1, ngx_workers_node_x509_ext_verify, 0),
    JS_CFUNC_MAGIC_DEF("fits", 1, ngx_workers_node_x509_ext_verify, 1),
};


static ngx_workers_class_t  ngx_workers_node_x509_class = {
    .def = {
        .class_name = "NodeCertificate",
        .finalizer = ngx_workers_node_x509_finalizer
    },
    .proto = ngx_workers_node_x509_proto,
    .nproto = ngx_workers_nitems(ngx_workers_node_x509_proto),
    .hidden = 1,
    .lazy = 1
};


static ngx_workers_class_t  *ngx_workers_node_x509_classes[] = {
    &ngx_workers_node_x509_class,
    NULL
};


ngx_workers_web_t  ngx_workers_node_x509_web = {
    .classes = ngx_workers_node_x509_classes
};


ngx_workers_native_t  ngx_workers_node_x509_native = {
    "x509", ngx_workers_node_x509_make
};


#define ngx_workers_node_x509(cx, v)                                          \
    ((X509 *) ngx_workers_this(cx, v, ngx_workers_node_x509_class.id))


static JSValue
ngx_workers_node_x509_make(JSContext *cx)
{
    JSValue  native;

    if (ngx_workers_class_add(cx, ngx_workers_isolate(cx)->global,
                              &ngx_workers_node_x509_class)
        != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    native = JS_NewObject(cx);

    if (!JS_IsException(native)
        && JS_SetPropertyFunctionList(cx, native,
                            ngx_workers_node_x509_methods,
                            ngx_workers_nitems(ngx_workers_node_x509_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


/* parse(bytes): a certificate in PEM or DER; undefined: it is none. */

static JSValue
ngx_workers_node_x509_ext_parse(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    BIO           *bio;
    X509          *cert;
    JSValue        object;
    ngx_str_t      in;
    const u_char  *p;

    if (ngx_workers_node_bytes(cx, argv[0], &in) != NGX_OK) {
        return JS_EXCEPTION;
    }

    bio = BIO_new_mem_buf(in.data, in.len);
    if (bio == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    BIO_free(bio);

    if (cert == NULL) {
        p = in.data;
        cert = d2i_X509(NULL, &p, in.len);
    }

    ngx_workers_crypto_forget_errors();

    if (cert == NULL) {
        return JS_UNDEFINED;
    }

    object = JS_NewObjectClass(cx, ngx_workers_node_x509_class.id);

    if (JS_IsException(object)) {
        X509_free(cert);
        return JS_EXCEPTION;
    }

    JS_SetOpaque(object, cert);

    return object;
}


/* spkac(bytes): [valid, challenge, public key in PEM], or undefined. */

static JSValue
ngx_workers_node_x509_ext_spkac(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    BIO            *bio;
    u_char         *challenge;
    JSValue         list, key;
    EVP_PKEY       *pkey;
    ngx_str_t       in;
    NETSCAPE_SPKI  *spki;

    if (ngx_workers_node_bytes(cx, argv[0], &in) != NGX_OK) {
        return JS_EXCEPTION;
    }

    spki = in.len ? NETSCAPE_SPKI_b64_decode((char *) in.data, in.len) : NULL;
    pkey = (spki != NULL) ? NETSCAPE_SPKI_get_pubkey(spki) : NULL;
    bio = BIO_new(BIO_s_mem());

    if (pkey == NULL || bio == NULL) {
        list = JS_UNDEFINED;
        goto done;
    }

    list = JS_NewArray(cx);
    if (JS_IsException(list)) {
        goto done;
    }

    challenge = NULL;
    in.len = ngx_max(0, ASN1_STRING_to_UTF8(&challenge,
                                            spki->spkac->challenge));
    in.data = challenge;

    (void) PEM_write_bio_PUBKEY(bio, pkey);
    key = ngx_workers_node_x509_bio(cx, bio);
    bio = NULL;

    if (JS_SetPropertyUint32(cx, list, 0,
                      JS_NewBool(cx, NETSCAPE_SPKI_verify(spki, pkey) == 1))
        < 0
        || JS_SetPropertyUint32(cx, list, 1,
                                ngx_workers_new_uint8_array(cx, &in))
           < 0
        || JS_SetPropertyUint32(cx, list, 2, JS_DupValue(cx, key)) < 0)
    {
        JS_FreeValue(cx, list);
        list = JS_EXCEPTION;
    }

    JS_FreeValue(cx, key);
    OPENSSL_free(challenge);

done:

    BIO_free(bio);
    EVP_PKEY_free(pkey);
    NETSCAPE_SPKI_free(spki);

    ngx_workers_crypto_forget_errors();

    return list;
}


/* What a certificate says, as an object. */

static JSValue
ngx_workers_node_x509_ext_fields(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    X509     *cert;
    JSValue   object;

    cert = ngx_workers_node_x509(cx, this_val);

    if (cert == NULL) {
        return JS_EXCEPTION;
    }

    object = JS_NewObject(cx);

    if (JS_IsException(object)
        || ngx_workers_set(cx, object, "subject",
                 ngx_workers_node_x509_name(cx, X509_get_subject_name(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "issuer",
                 ngx_workers_node_x509_name(cx, X509_get_issuer_name(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "subjectAttributes",
                           ngx_workers_node_x509_attributes(cx,
                                                 X509_get_subject_name(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "issuerAttributes",
                           ngx_workers_node_x509_attributes(cx,
                                                 X509_get_issuer_name(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "validFrom",
                 ngx_workers_node_x509_time(cx, X509_get0_notBefore(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "validTo",
                 ngx_workers_node_x509_time(cx, X509_get0_notAfter(cert)))
           != NGX_OK
        || ngx_workers_set(cx, object, "serialNumber",
                           ngx_workers_node_x509_serial(cx, cert))
           != NGX_OK
        || ngx_workers_set(cx, object, "keyUsage",
                           ngx_workers_node_x509_usages(cx, cert))
           != NGX_OK
        || ngx_workers_set(cx, object, "alternatives",
                           ngx_workers_node_x509_alternatives(cx, cert))
           != NGX_OK
        || ngx_workers_set(cx, object, "access",
                           ngx_workers_node_x509_access(cx, cert))
           != NGX_OK
        || ngx_workers_set(cx, object, "ca",
                           JS_NewBool(cx, X509_check_ca(cert) == 1))
           != NGX_OK)
    {
        JS_FreeValue(cx, object);
        object = JS_EXCEPTION;
    }

    ngx_workers_crypto_forget_errors();

    return object;
}


/* The text in a memory BIO, which is freed. */

static JSValue
ngx_workers_node_x509_bio(JSContext *cx, BIO *bio)
{
    long      len;
    char     *p;
    JSValue   text;

    len = BIO_get_mem_data(bio, &p);
    text = ngx_workers_utf8_text(cx, (u_char *) p, len > 0 ? len : 0);

    BIO_free(bio);

    return text;
}


static JSValue
ngx_workers_node_x509_name(JSContext *cx, const X509_NAME *n)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    (void) X509_NAME_print_ex(bio, n, 0, NGX_WORKERS_NODE_NAME_FLAGS);

    return ngx_workers_node_x509_bio(cx, bio);
}


/* [[short name, value], ...] */

static JSValue
ngx_workers_node_x509_attributes(JSContext *cx, const X509_NAME *n)
{
    int                     i, nid, len;
    char                    oid[80];
    u_char                 *value;
    JSValue                 list, text;
    ASN1_OBJECT            *object;
    const char             *name;
    const X509_NAME_ENTRY  *entry;

    list = JS_NewArray(cx);
    if (JS_IsException(list)) {
        return JS_EXCEPTION;
    }

    for (i = 0; i < X509_NAME_entry_count(n); i++) {
        entry = X509_NAME_get_entry(n, i);
        object = X509_NAME_ENTRY_get_object(entry);
        nid = OBJ_obj2nid(object);

        if (nid == NID_undef) {
            (void) OBJ_obj2txt(oid, sizeof(oid), object, 1);
            name = oid;

        } else {
            name = OBJ_nid2sn(nid);
        }

        value = NULL;
        len = ASN1_STRING_to_UTF8(&value, X509_NAME_ENTRY_get_data(entry));

        text = (len >= 0) ? ngx_workers_utf8_text(cx, value, len)
                          : JS_NewString(cx, "");
        OPENSSL_free(value);

        if (ngx_workers_add_pair(cx, list, i, JS_NewString(cx, name), text)
            != NGX_OK)
        {
            JS_FreeValue(cx, list);
            return JS_EXCEPTION;
        }
    }

    return list;
}


static JSValue
ngx_workers_node_x509_time(JSContext *cx, const ASN1_TIME *time)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        return JS_ThrowOutOfMemory(cx);
    }

    (void) ASN1_TIME_print(bio, time);

    return ngx_workers_node_x509_bio(cx, bio);
}


static JSValue
ngx_workers_node_x509_serial(JSContext *cx, X509 *cert)
{
    char     *hex;
    BIGNUM   *n;
    JSValue   text;

    n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    hex = (n != NULL) ? BN_bn2hex(n) : NULL;

    text = JS_NewString(cx, hex != NULL ? hex : "");

    OPENSSL_free(hex);
    BN_free(n);

    return text;
}


static JSValue
ngx_workers_node_x509_oid(JSContext *cx, const ASN1_OBJECT *object)
{
    char  oid[80];

    if (OBJ_obj2txt(oid, sizeof(oid), object, 1) <= 0) {
        oid[0] = '\0';
    }

    return JS_NewString(cx, oid);
}


/* The extended usages of the key, as OIDs; undefined: it has none. */

static JSValue
ngx_workers_node_x509_usages(JSContext *cx, X509 *cert)
{
    int                  i;
    JSValue              list;
    EXTENDED_KEY_USAGE  *usages;

    usages = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);

    if (usages == NULL) {
        return JS_UNDEFINED;
    }

    list = JS_NewArray(cx);

    for (i = 0; !JS_IsException(list) && i < sk_ASN1_OBJECT_num(usages); i++) {

        if (JS_SetPropertyUint32(cx, list, i,
                                 ngx_workers_node_x509_oid(cx,
                                           sk_ASN1_OBJECT_value(usages, i)))
            < 0)
        {
            JS_FreeValue(cx, list);
            list = JS_EXCEPTION;
        }
    }

    EXTENDED_KEY_USAGE_free(usages);

    return list;
}


/* [[kind, text], ...]; undefined: it has no other names. */

static JSValue
ngx_workers_node_x509_alternatives(JSContext *cx, X509 *cert)
{
    int             i;
    JSValue         list;
    GENERAL_NAMES  *names;

    names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    if (names == NULL) {
        return JS_UNDEFINED;
    }

    list = JS_NewArray(cx);

    for (i = 0; !JS_IsException(list) && i < sk_GENERAL_NAME_num(names); i++) {

        if (ngx_workers_node_x509_general(cx, list, i, "",
                                          sk_GENERAL_NAME_value(names, i))
            != NGX_OK)
        {
            JS_FreeValue(cx, list);
            list = JS_EXCEPTION;
        }
    }

    GENERAL_NAMES_free(names);

    return list;
}


/* [["OCSP - URI", text], ...]; undefined: it tells of no such access. */

static JSValue
ngx_workers_node_x509_access(JSContext *cx, X509 *cert)
{
    int                     i;
    char                    method[80];
    JSValue                 list;
    ACCESS_DESCRIPTION     *access;
    AUTHORITY_INFO_ACCESS  *info;

    info = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);

    if (info == NULL) {
        return JS_UNDEFINED;
    }

    list = JS_NewArray(cx);

    for (i = 0; !JS_IsException(list) && i < sk_ACCESS_DESCRIPTION_num(info);
         i++)
    {
        access = sk_ACCESS_DESCRIPTION_value(info, i);
        (void) OBJ_obj2txt(method, sizeof(method) - 4, access->method, 0);
        (void) ngx_cpystrn((u_char *) method + ngx_strlen(method),
                           (u_char *) " - ", 4);

        if (ngx_workers_node_x509_general(cx, list, i, method,
                                          access->location)
            != NGX_OK)
        {
            JS_FreeValue(cx, list);
            list = JS_EXCEPTION;
        }
    }

    AUTHORITY_INFO_ACCESS_free(info);

    return list;
}


/* list[i] = [method and kind, text] */

static ngx_int_t
ngx_workers_node_x509_general(JSContext *cx, JSValueConst list, uint32_t i,
    const char *method, GENERAL_NAME *name)
{
    char              kind[128];
    BIO              *bio;
    u_char            address[NGX_SOCKADDR_STRLEN];
    size_t            len;
    JSValue           text;
    const char       *word;
    ASN1_STRING      *s;

    s = NULL;

    switch (name->type) {

    case GEN_EMAIL:
        word = "email";
        s = name->d.rfc822Name;
        break;

    case GEN_DNS:
        word = "DNS";
        s = name->d.dNSName;
        break;

    case GEN_URI:
        word = "URI";
        s = name->d.uniformResourceIdentifier;
        break;

    case GEN_IPADD:
        word = "IP Address";
        len = ASN1_STRING_length(name->d.iPAddress);

        len = (len == 4 || len == 16)
              ? ngx_inet_ntop(len == 4 ? AF_INET : AF_INET6,
                              (void *) ASN1_STRING_get0_data(
                                                       name->d.iPAddress),
                              address, sizeof(address))
              : 0;

        text = JS_NewStringLen(cx, (char *) address, len);
        goto add;

    case GEN_RID:
        word = "Registered ID";
        text = ngx_workers_node_x509_oid(cx, name->d.registeredID);
        goto add;

    case GEN_DIRNAME:
        word = "DirName";

        bio = BIO_new(BIO_s_mem());
        if (bio == NULL) {
            (void) JS_ThrowOutOfMemory(cx);
            return NGX_ERROR;
        }

        (void) X509_NAME_print_ex(bio, name->d.directoryName, 0,
                                  XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);

        text = ngx_workers_node_x509_bio(cx, bio);
        goto add;

    default:
        word = "othername";
        text = JS_NewString(cx, "<unsupported>");
        goto add;
    }

    text = ngx_workers_utf8_text(cx, ASN1_STRING_get0_data(s),
                                 ASN1_STRING_length(s));

add:

    (void) ngx_snprintf((u_char *) kind, sizeof(kind), "%s%s%Z", method, word);

    return ngx_workers_add_pair(cx, list, i, JS_NewString(cx, kind), text);
}


static JSValue
ngx_workers_node_x509_ext_raw(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int       len;
    X509     *cert;
    u_char   *der;
    JSValue   value;

    cert = ngx_workers_node_x509(cx, this_val);

    if (cert == NULL) {
        return JS_EXCEPTION;
    }

    der = NULL;
    len = i2d_X509(cert, &der);

    if (len < 0) {
        return JS_ThrowOutOfMemory(cx);
    }

    value = JS_NewUint8ArrayCopy(cx, der, len);
    OPENSSL_free(der);

    return value;
}


static JSValue
ngx_workers_node_x509_ext_key(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    X509      *cert;
    EVP_PKEY  *pkey;

    cert = ngx_workers_node_x509(cx, this_val);

    if (cert == NULL) {
        return JS_EXCEPTION;
    }

    pkey = X509_get_pubkey(cert);

    ngx_workers_crypto_forget_errors();

    return (pkey != NULL) ? ngx_workers_node_key_wrap(cx, pkey, 0)
                          : JS_UNDEFINED;
}


/*
 * check(kind, name, flags): the name that a host fits, or true for an
 * address; undefined: it fits none; false: it is no name of that kind.
 */

static JSValue
ngx_workers_node_x509_ext_check(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    int          rc;
    char        *peer;
    X509        *cert;
    size_t       len;
    JSValue      value;
    uint32_t     flags;
    const char  *kind, *name;

    cert = ngx_workers_node_x509(cx, this_val);

    if (cert == NULL || JS_ToUint32(cx, &flags, argv[2]) < 0) {
        return JS_EXCEPTION;
    }

    kind = JS_ToCString(cx, argv[0]);
    if (kind == NULL) {
        return JS_EXCEPTION;
    }

    name = JS_ToCStringLen(cx, &len, argv[1]);
    if (name == NULL) {
        JS_FreeCString(cx, kind);
        return JS_EXCEPTION;
    }

    peer = NULL;

    switch (kind[0]) {

    case 'h':
        rc = X509_check_host(cert, name, len, flags, &peer);
        break;

    case 'e':
        rc = X509_check_email(cert, name, len, flags);
        break;

    default: /* 'i' */
        rc = X509_check_ip_asc(cert, name, flags);
    }

    if (rc == 1) {
        value = (peer != NULL) ? JS_NewString(cx, peer) : JS_TRUE;

    } else {
        value = (rc == -2) ? JS_FALSE : JS_UNDEFINED;
    }

    OPENSSL_free(peer);
    JS_FreeCString(cx, kind);
    JS_FreeCString(cx, name);

    ngx_workers_crypto_forget_errors();

    return value;
}


/* issued(other): whether the other one issued this one, by its names. */

static JSValue
ngx_workers_node_x509_ext_issued(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    X509  *cert, *other;

    cert = ngx_workers_node_x509(cx, this_val);
    other = ngx_workers_node_x509(cx, argv[0]);

    if (cert == NULL || other == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewBool(cx, X509_check_issued(other, cert) == X509_V_OK);
}


/*
 * verify(key): whether it is signed by that one; fits(key): whether that is
 * its private key.
 */

static JSValue
ngx_workers_node_x509_ext_verify(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv, int private)
{
    int        ok;
    X509      *cert;
    EVP_PKEY  *pkey;

    cert = ngx_workers_node_x509(cx, this_val);
    pkey = ngx_workers_node_key_get(cx, argv[0]);

    if (cert == NULL || pkey == NULL) {
        return JS_EXCEPTION;
    }

    ok = private ? X509_check_private_key(cert, pkey)
                 : X509_verify(cert, pkey);

    ngx_workers_crypto_forget_errors();

    return JS_NewBool(cx, ok == 1);
}


static void
ngx_workers_node_x509_finalizer(JSRuntime *rt, JSValueConst val)
{
    X509_free(JS_GetOpaque(val, ngx_workers_node_x509_class.id));
}
