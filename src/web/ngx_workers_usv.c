
/*
 * Copyright (C) the nginx-workers authors
 *
 * USVString of WebIDL.  The engine writes a lone surrogate as the three
 * bytes that CESU-8 has for it, so U+FFFD fits in their place.
 */


#include "ngx_workers_usv.h"


ngx_int_t
ngx_workers_usv(JSContext *cx, JSValueConst v, ngx_workers_usv_t *usv)
{
    u_char  *p, *end;

    usv->copy = NULL;

    usv->c_string = JS_ToCStringLen(cx, &usv->str.len, v);
    if (usv->c_string == NULL) {
        return NGX_ERROR;
    }

    usv->str.data = (u_char *) usv->c_string;

    p = usv->str.data;
    end = p + usv->str.len;

    for ( ;; ) {
        p = (p < end) ? memchr(p, 0xed, end - p) : NULL;

        if (p == NULL) {
            return NGX_OK;
        }

        if (p[1] < 0xa0) {
            p += 3;
            continue;
        }

        if (usv->copy == NULL) {
            usv->copy = js_malloc(cx, usv->str.len + 1);

            if (usv->copy == NULL) {
                JS_FreeCString(cx, usv->c_string);
                return NGX_ERROR;
            }

            ngx_memcpy(usv->copy, usv->str.data, usv->str.len + 1);

            p = usv->copy + (p - usv->str.data);
            end = usv->copy + usv->str.len;

            usv->str.data = usv->copy;
        }

        *p++ = 0xef;
        *p++ = 0xbf;
        *p++ = 0xbd;
    }
}


void
ngx_workers_usv_free(JSContext *cx, ngx_workers_usv_t *usv)
{
    JS_FreeCString(cx, usv->c_string);

    if (usv->copy != NULL) {
        js_free(cx, usv->copy);
    }
}
