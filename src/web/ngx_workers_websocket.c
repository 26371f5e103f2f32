
/*
 * Copyright (C) the nginx-workers authors
 *
 * WebSockets: HTML Standard, section 9.3, and the platform's WebSocketPair.
 * The coupled ends, the sink that is a script's object, and the native half
 * of src/js/websocket.js.
 *
 * What is heard outside of JavaScript goes to the script's listeners at once,
 * from the caller's buffer.  What one script says to another, or to itself,
 * waits for the event loop; each event is an entry of its own, and ends take
 * turns.
 */


#include "ngx_workers_websocket.h"
#include "ngx_workers_body.h"
#include "ngx_workers_clone.h"
#include "ngx_workers_events.h"
#include "ngx_workers_fetch.h"
#include "ngx_workers_usv.h"
#include "ngx_workers_utf8.h"
#include "../core/ngx_workers_flags.h"
#include "../core/ngx_workers_frame.h"


/* Events in a turn of the event loop, before sockets have theirs. */
#define NGX_WORKERS_WEBSOCKET_TURN     256

#define NGX_WORKERS_WEBSOCKET_LARGE_MAX  (128 * 1024 * 1024)


typedef struct {
    ngx_workers_websocket_t       end[2];
    ngx_uint_t                    refs;
} ngx_workers_websocket_pair_t;


/* What was said and waits. */
typedef struct {
    ngx_queue_t                   queue;
    ngx_workers_websocket_said_t  said;
    u_char                        data[];
} ngx_workers_websocket_item_t;


static ngx_workers_websocket_pair_t *ngx_workers_websocket_pair_of(
    ngx_workers_websocket_t *ws);
static void ngx_workers_websocket_forget(ngx_workers_websocket_t *ws);
static ngx_int_t ngx_workers_websocket_wait(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static void ngx_workers_websocket_drop(ngx_workers_websocket_t *ws);
static ngx_int_t ngx_workers_websocket_script_hear(
    ngx_workers_websocket_t *ws, ngx_workers_websocket_said_t *said);
static void ngx_workers_websocket_script_orphan(ngx_workers_websocket_t *ws);
static void ngx_workers_websocket_schedule(ngx_workers_websocket_t *ws);
static void ngx_workers_websocket_unschedule(ngx_workers_websocket_t *ws);
static void ngx_workers_websocket_event(ngx_event_t *ev);
static void ngx_workers_websocket_next(ngx_workers_websocket_t *ws);
static void ngx_workers_websocket_tell(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static void ngx_workers_websocket_tell_close(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said);
static JSValue ngx_workers_websocket_data(JSContext *cx,
    ngx_workers_websocket_said_t *said);
static void ngx_workers_websocket_listen(JSContext *cx,
    ngx_workers_websocket_t *ws, JSValueConst socket);
static void ngx_workers_websocket_fail(ngx_workers_websocket_t *ws);

static JSValue ngx_workers_websocket_native(JSContext *cx);
static ngx_int_t ngx_workers_websocket_native_set(JSContext *cx,
    JSValueConst native);
static JSValue ngx_workers_websocket_object(JSContext *cx,
    ngx_workers_websocket_t *ws);
static ngx_workers_websocket_t *ngx_workers_websocket_arg(JSContext *cx,
    JSValueConst v);
static JSValue ngx_workers_websocket_ext_pair(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_connect(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_accept(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_send(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_close(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_fail(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_state(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_empty(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_int(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_utf8_length(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_parse_url(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_blob(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static JSValue ngx_workers_websocket_ext_report(JSContext *cx,
    JSValueConst this_val, int argc, JSValueConst *argv);
static void ngx_workers_websocket_finalizer(JSRuntime *rt, JSValueConst val);


static const char *const  ngx_workers_websocket_globals[] = {
    "WebSocket", "WebSocketPair", "WebSocketRequestResponsePair", NULL
};


static ngx_workers_builtin_t  ngx_workers_websocket_builtin = {
    .name = "websocket",
    .globals = ngx_workers_websocket_globals,
    .native = ngx_workers_websocket_native
};


static ngx_workers_builtin_t  *ngx_workers_websocket_builtins[] = {
    &ngx_workers_websocket_builtin,
    NULL
};


static ngx_workers_class_t  ngx_workers_websocket_class = {
    .def = {
        .class_name = "WebSocketEnd",
        .finalizer = ngx_workers_websocket_finalizer,
    },
    .hidden = 1
};


static ngx_workers_class_t  *ngx_workers_websocket_classes[] = {
    &ngx_workers_websocket_class,
    NULL
};


ngx_workers_web_t  ngx_workers_websocket_web = {
    .classes = ngx_workers_websocket_classes,
    .builtins = ngx_workers_websocket_builtins
};


static const JSCFunctionListEntry  ngx_workers_websocket_methods[] = {
    JS_CFUNC_DEF("pair", 0, ngx_workers_websocket_ext_pair),
    JS_CFUNC_DEF("connect", 3, ngx_workers_websocket_ext_connect),
    JS_CFUNC_DEF("accept", 3, ngx_workers_websocket_ext_accept),
    JS_CFUNC_DEF("send", 2, ngx_workers_websocket_ext_send),
    JS_CFUNC_DEF("close", 3, ngx_workers_websocket_ext_close),
    JS_CFUNC_DEF("fail", 1, ngx_workers_websocket_ext_fail),
    JS_CFUNC_DEF("state", 1, ngx_workers_websocket_ext_state),
    JS_CFUNC_DEF("protocol", 1, ngx_workers_websocket_ext_empty),
    JS_CFUNC_DEF("extensions", 1, ngx_workers_websocket_ext_empty),
    JS_CFUNC_DEF("int", 1, ngx_workers_websocket_ext_int),
    JS_CFUNC_DEF("utf8Length", 1, ngx_workers_websocket_ext_utf8_length),
    JS_CFUNC_DEF("parseUrl", 1, ngx_workers_websocket_ext_parse_url),
    JS_CFUNC_DEF("blob", 0, ngx_workers_websocket_ext_blob),
    JS_CFUNC_DEF("report", 1, ngx_workers_websocket_ext_report),
    JS_CFUNC_DEF("structuredClone", 1, ngx_workers_ext_structured_clone),
};


static const ngx_workers_websocket_sink_t  ngx_workers_websocket_script = {
    ngx_workers_websocket_script_hear,
    NULL,
    ngx_workers_websocket_script_orphan
};


ngx_workers_websocket_t *
ngx_workers_websocket_pair(JSContext *cx)
{
    ngx_uint_t                     i;
    ngx_workers_websocket_t       *ws;
    ngx_workers_invocation_t      *inv;
    ngx_workers_websocket_pair_t  *pair;

    inv = ngx_workers_current(cx);

    pair = js_mallocz(cx, sizeof(ngx_workers_websocket_pair_t));
    if (pair == NULL) {
        return NULL;
    }

    pair->refs = 1;

    for (i = 0; i < 2; i++) {
        ws = &pair->end[i];

        ws->peer = &pair->end[1 - i];
        ws->iso = ngx_workers_isolate(cx);
        ws->socket = JS_UNDEFINED;
        ws->frame = JS_UNDEFINED;

        ngx_queue_init(&ws->said);

        if (inv != NULL && !inv->ended) {
            ws->inv = inv;
            ngx_queue_insert_tail(&inv->websockets, &ws->queue);
        }
    }

    return pair->end;
}


static ngx_workers_websocket_pair_t *
ngx_workers_websocket_pair_of(ngx_workers_websocket_t *ws)
{
    return (ngx_workers_websocket_pair_t *) ngx_min(ws, ws->peer);
}


void
ngx_workers_websocket_hold(ngx_workers_websocket_t *ws)
{
    ngx_workers_websocket_pair_of(ws)->refs++;
}


void
ngx_workers_websocket_release(ngx_workers_websocket_t *ws)
{
    ngx_workers_websocket_pair_t  *pair;

    pair = ngx_workers_websocket_pair_of(ws);

    if (--pair->refs != 0) {
        return;
    }

    ngx_workers_websocket_forget(&pair->end[0]);
    ngx_workers_websocket_forget(&pair->end[1]);

    js_free_rt(ws->iso->rt, pair);
}


/* Nobody hears at this end, from now on. */

static void
ngx_workers_websocket_forget(ngx_workers_websocket_t *ws)
{
    JSValue  socket, frame;

    if (ws->inv != NULL) {
        ngx_queue_remove(&ws->queue);
        ws->inv = NULL;
    }

    ngx_workers_websocket_unschedule(ws);
    ngx_workers_websocket_drop(ws);

    socket = ws->socket;
    frame = ws->frame;

    ws->socket = JS_UNDEFINED;
    ws->frame = JS_UNDEFINED;

    JS_FreeValueRT(ws->iso->rt, socket);
    JS_FreeValueRT(ws->iso->rt, frame);
}


void
ngx_workers_websocket_end(ngx_workers_invocation_t *inv)
{
    ngx_queue_t              *q;
    ngx_workers_websocket_t  *ws;

    while (!ngx_queue_empty(&inv->websockets)) {
        q = ngx_queue_head(&inv->websockets);
        ws = ngx_queue_data(q, ngx_workers_websocket_t, queue);

        ngx_workers_websocket_hold(ws);
        ngx_workers_websocket_forget(ws);

        if (ws->sink != NULL) {
            ws->sink->orphan(ws);
        }

        ngx_workers_websocket_release(ws);
    }
}


ngx_int_t
ngx_workers_websocket_attach(ngx_workers_websocket_t *ws,
    const ngx_workers_websocket_sink_t *sink, void *data)
{
    ngx_int_t                      rc;
    ngx_queue_t                   *q;
    ngx_workers_websocket_item_t  *item;

    ngx_workers_websocket_hold(ws);

    ws->sink = sink;
    ws->data = data;

    rc = NGX_OK;

    while (!ngx_queue_empty(&ws->said)) {
        q = ngx_queue_head(&ws->said);
        item = ngx_queue_data(q, ngx_workers_websocket_item_t, queue);

        ngx_queue_remove(q);
        ws->waiting -= item->said.data.len;

        if (rc == NGX_OK) {
            rc = sink->hear(ws, &item->said);
        }

        js_free_rt(ws->iso->rt, item);
    }

    return rc;
}


ngx_int_t
ngx_workers_websocket_say(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    ngx_workers_websocket_t  *peer;

    peer = ws->peer;

    if (peer->inv == NULL || peer->failed) {
        return NGX_OK;
    }

    return (peer->sink != NULL) ? peer->sink->hear(peer, said)
                                : ngx_workers_websocket_wait(peer, said);
}


void
ngx_workers_websocket_sent(ngx_workers_websocket_t *ws, size_t unsent)
{
    ngx_workers_websocket_t  *peer;

    ws->unsent = unsent;
    peer = ws->peer;

    if (ws->waiting + unsent <= NGX_WORKERS_WEBSOCKET_WAITING_MAX
        && peer->sink != NULL && peer->sink->resume != NULL)
    {
        peer->sink->resume(peer);
    }
}


static ngx_int_t
ngx_workers_websocket_wait(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    ngx_workers_websocket_item_t  *item;

    item = js_malloc_rt(ws->iso->rt, sizeof(ngx_workers_websocket_item_t)
                                     + said->data.len);
    if (item == NULL) {
        return NGX_ERROR;
    }

    item->said = *said;
    item->said.data.data = item->data;

    if (said->data.len != 0) {
        ngx_memcpy(item->data, said->data.data, said->data.len);
    }

    ngx_queue_insert_tail(&ws->said, &item->queue);
    ws->waiting += said->data.len;

    return NGX_OK;
}


static void
ngx_workers_websocket_drop(ngx_workers_websocket_t *ws)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&ws->said)) {
        q = ngx_queue_head(&ws->said);
        ngx_queue_remove(q);

        js_free_rt(ws->iso->rt, ngx_queue_data(q, ngx_workers_websocket_item_t,
                                               queue));
    }

    ws->waiting = 0;
}


/* The sink that is a script's object. */

static ngx_int_t
ngx_workers_websocket_script_hear(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    if (ws->iso->depth == 0 && ngx_queue_empty(&ws->said)) {

        ngx_workers_websocket_hold(ws);
        ngx_workers_websocket_tell(ws, said);
        ngx_workers_websocket_release(ws);

        return NGX_OK;
    }

    if (ngx_workers_websocket_wait(ws, said) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_workers_websocket_schedule(ws);

    return NGX_OK;
}


static void
ngx_workers_websocket_script_orphan(ngx_workers_websocket_t *ws)
{
    ws->sink = NULL;
}


static void
ngx_workers_websocket_schedule(ngx_workers_websocket_t *ws)
{
    ngx_workers_isolate_t  *iso;

    if (ws->is_ready) {
        return;
    }

    iso = ws->iso;

    ws->is_ready = 1;
    ngx_queue_insert_tail(&iso->websockets, &ws->ready);
    iso->pending++;

    if (iso->websockets_event.handler == NULL) {
        iso->websockets_event.handler = ngx_workers_websocket_event;
        iso->websockets_event.data = iso;
        iso->websockets_event.log = iso->log;
    }

    if (!iso->websockets_event.posted) {
        ngx_post_event(&iso->websockets_event, &ngx_posted_events);
    }
}


static void
ngx_workers_websocket_unschedule(ngx_workers_websocket_t *ws)
{
    if (ws->is_ready) {
        ws->is_ready = 0;
        ngx_queue_remove(&ws->ready);
        ws->iso->pending--;
    }
}


static void
ngx_workers_websocket_event(ngx_event_t *ev)
{
    ngx_uint_t                n;
    ngx_queue_t              *q;
    ngx_workers_isolate_t    *iso;
    ngx_workers_websocket_t  *ws;

    iso = ev->data;

    ngx_workers_isolate_hold(iso);

    for (n = NGX_WORKERS_WEBSOCKET_TURN;
         n > 0 && !ngx_queue_empty(&iso->websockets);
         n--)
    {
        q = ngx_queue_head(&iso->websockets);
        ws = ngx_queue_data(q, ngx_workers_websocket_t, ready);

        ngx_workers_websocket_hold(ws);
        ngx_workers_websocket_next(ws);
        ngx_workers_websocket_release(ws);
    }

    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }

    if (!ngx_queue_empty(&iso->websockets)) {
        ngx_post_event(ev, &ngx_posted_next_events);
    }

    ngx_workers_isolate_unhold(iso);
}


/* Tells the first of what waits, and puts the end behind the others. */

static void
ngx_workers_websocket_next(ngx_workers_websocket_t *ws)
{
    ngx_queue_t                   *q;
    ngx_workers_isolate_t         *iso;
    ngx_workers_websocket_t       *peer;
    ngx_workers_websocket_item_t  *item;

    iso = ws->iso;

    q = ngx_queue_head(&ws->said);
    ngx_queue_remove(q);

    item = ngx_queue_data(q, ngx_workers_websocket_item_t, queue);
    ws->waiting -= item->said.data.len;

    /* it is pending until told: nobody may call the isolate hung before */

    ngx_queue_remove(&ws->ready);
    ngx_queue_init(&ws->ready);

    ngx_workers_websocket_tell(ws, &item->said);

    js_free_rt(iso->rt, item);

    if (ws->is_ready) {
        ws->is_ready = 0;
        iso->pending--;
    }

    if (!ngx_queue_empty(&ws->said)) {
        ngx_workers_websocket_schedule(ws);
    }

    peer = ws->peer;

    if (peer->sink != NULL && peer->sink->resume != NULL
        && ws->waiting < NGX_WORKERS_WEBSOCKET_WAITING_MAX)
    {
        peer->sink->resume(peer);
    }

    ngx_workers_isolate_idle(iso);
}


/* One event: an entry into JavaScript. */

static void
ngx_workers_websocket_tell(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    JSValue                 data, socket, ret;
    JSContext              *cx;
    JSValueConst            argv[4];
    ngx_workers_isolate_t  *iso;

    iso = ws->iso;
    cx = iso->cx;

    if (ws->inv == NULL || ws->failed) {
        return;
    }

    ngx_workers_enter(iso, ws->inv);

    switch (said->kind) {

    case NGX_WORKERS_WEBSOCKET_HEAR_CLOSE:
        ngx_workers_websocket_tell_close(ws, said);
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_ERROR:
    case NGX_WORKERS_WEBSOCKET_HEAR_REFUSED:
        ws->failed = 1;
        break;

    case NGX_WORKERS_WEBSOCKET_HEAR_OPEN:
        ws->connecting = 0;
        ws->accepted = 1;
        break;

    default:
        break;
    }

    ngx_workers_frame_set(iso, JS_DupValue(cx, ws->frame));

    socket = JS_DupValue(cx, ws->socket);
    data = ngx_workers_websocket_data(cx, said);

    if (JS_IsException(data)) {
        ret = JS_EXCEPTION;

    } else {
        argv[0] = socket;
        argv[1] = JS_NewInt32(cx, said->kind);
        argv[2] = data;
        argv[3] = JS_UNDEFINED;

        if (said->kind == NGX_WORKERS_WEBSOCKET_HEAR_CLOSE) {
            argv[2] = JS_NewInt32(cx, said->code);
            argv[3] = data;
        }

        ret = ngx_workers_builtin_call(cx, &ngx_workers_websocket_builtin,
                                       "hear", 4, argv);
        JS_FreeValue(cx, data);
    }

    if (JS_IsException(ret)) {
        (void) ngx_workers_report_exception(cx);
    }

    JS_FreeValue(cx, ret);
    JS_FreeValue(cx, socket);

    if (said->kind == NGX_WORKERS_WEBSOCKET_HEAR_LOST) {
        ws->lost = 1;
    }

    if (ws->lost || ws->failed || (ws->closed && ws->heard_close)) {

        /* no more will be heard: nothing holds the script's object */

        socket = ws->socket;
        ws->socket = JS_UNDEFINED;
        JS_FreeValue(cx, socket);
    }

    ngx_workers_leave(iso);
}


static void
ngx_workers_websocket_tell_close(ngx_workers_websocket_t *ws,
    ngx_workers_websocket_said_t *said)
{
    ngx_workers_websocket_said_t  answer;

    ws->heard_close = 1;

    if (ws->closed || ws->half_open) {
        return;
    }

    ws->closed = 1;
    answer = *said;

    (void) ngx_workers_websocket_say(ws, &answer);
}


static JSValue
ngx_workers_websocket_data(JSContext *cx, ngx_workers_websocket_said_t *said)
{
    switch (said->kind) {

    case NGX_WORKERS_WEBSOCKET_HEAR_BINARY:
        return ngx_workers_new_array_buffer(cx, &said->data);

    case NGX_WORKERS_WEBSOCKET_HEAR_TEXT:
        return ngx_workers_utf8_string(cx, said->data.data, said->data.len,
                                       said->wide);

    case NGX_WORKERS_WEBSOCKET_HEAR_LOST:
    case NGX_WORKERS_WEBSOCKET_HEAR_REFUSED:
        return JS_UNDEFINED;

    default:
        return ngx_workers_utf8_text(cx, said->data.data, said->data.len);
    }
}


/* The object listens: it lives while something can be heard. */

static void
ngx_workers_websocket_listen(JSContext *cx, ngx_workers_websocket_t *ws,
    JSValueConst socket)
{
    ngx_workers_websocket_t  *peer;

    ws->socket = JS_DupValue(cx, socket);
    ws->frame = JS_DupValue(cx, ws->iso->frame);
    ws->sink = &ngx_workers_websocket_script;

    if (!ngx_queue_empty(&ws->said)) {
        ngx_workers_websocket_schedule(ws);
        return;
    }

    peer = ws->peer;

    if (peer->sink != NULL && peer->sink->resume != NULL) {
        peer->sink->resume(peer);
    }
}


/* A listener threw: the connection ends without a word. */

static void
ngx_workers_websocket_fail(ngx_workers_websocket_t *ws)
{
    ngx_workers_websocket_said_t  said;

    if (ws->failed) {
        return;
    }

    ws->failed = 1;

    ngx_workers_websocket_unschedule(ws);
    ngx_workers_websocket_drop(ws);

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));
    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_LOST;

    (void) ngx_workers_websocket_say(ws, &said);
}


size_t
ngx_workers_websocket_max(ngx_workers_isolate_t *iso)
{
    return ngx_workers_flag_is_on(iso->script,
                    ngx_workers_flag_find("increase_websocket_message_size"))
           ? NGX_WORKERS_WEBSOCKET_LARGE_MAX
           : NGX_WORKERS_WEBSOCKET_MESSAGE_MAX;
}


ngx_workers_websocket_t *
ngx_workers_websocket_of(JSContext *cx, JSValueConst v)
{
    JSValue                   end;
    ngx_workers_websocket_t  *ws;

    if (!JS_IsObject(v)
        || JS_IsUndefined(ngx_workers_isolate(cx)->builtins
                                        [ngx_workers_websocket_builtin.index]))
    {
        return NULL;
    }

    end = ngx_workers_builtin_call(cx, &ngx_workers_websocket_builtin,
                                   "endOf", 1, &v);

    if (JS_IsException(end)) {
        JS_FreeValue(cx, JS_GetException(cx));
        return NULL;
    }

    /* the WebSocket holds it */

    ws = JS_GetOpaque(end, ngx_workers_websocket_class.id);
    JS_FreeValue(cx, end);

    return ws;
}


/* The native half of src/js/websocket.js. */

static JSValue
ngx_workers_websocket_native(JSContext *cx)
{
    JSValue  native;

    native = JS_NewObject(cx);
    if (JS_IsException(native)) {
        return JS_EXCEPTION;
    }

    if (ngx_workers_websocket_native_set(cx, native) != NGX_OK
        || JS_SetPropertyFunctionList(cx, native, ngx_workers_websocket_methods,
                            ngx_workers_nitems(ngx_workers_websocket_methods))
           < 0)
    {
        JS_FreeValue(cx, native);
        return JS_EXCEPTION;
    }

    return native;
}


static ngx_int_t
ngx_workers_websocket_native_set(JSContext *cx, JSValueConst native)
{
    JSValueConst           events, messages;
    ngx_workers_script_t  *script;

    script = ngx_workers_isolate(cx)->script;

    events = ngx_workers_builtin(cx, &ngx_workers_events_builtin);
    if (JS_IsException(events)) {
        return NGX_ERROR;
    }

    messages = ngx_workers_builtin(cx, &ngx_workers_messages_builtin);
    if (JS_IsException(messages)) {
        return NGX_ERROR;
    }

    if (ngx_workers_set(cx, native, "events", JS_DupValue(cx, events)) != NGX_OK
        || ngx_workers_set(cx, native, "messages", JS_DupValue(cx, messages))
           != NGX_OK
        || ngx_workers_set(cx, native, "arraybuffer",
                    JS_NewBool(cx, !ngx_workers_flag_holds(script,
                                          "websocket_standard_binary_type")))
           != NGX_OK
        || ngx_workers_set(cx, native, "halfOpen",
                    JS_NewBool(cx, !ngx_workers_flag_holds(script,
                                          "web_socket_auto_reply_to_close")))
           != NGX_OK
        || ngx_workers_set(cx, native, "reasonLimit",
                    JS_NewBool(cx, ngx_workers_flag_holds(script,
                                       "websocket_close_reason_byte_limit")))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


JSValue
ngx_workers_websocket_wrap(JSContext *cx, ngx_workers_websocket_t *ws)
{
    JSValue  end, socket;

    end = ngx_workers_websocket_object(cx, ws);
    if (JS_IsException(end)) {
        return JS_EXCEPTION;
    }

    socket = ngx_workers_builtin_call(cx, &ngx_workers_websocket_builtin,
                                      "wrap", 1, (JSValueConst *) &end);
    JS_FreeValue(cx, end);

    return socket;
}


/* An object that holds the pair. */

static JSValue
ngx_workers_websocket_object(JSContext *cx, ngx_workers_websocket_t *ws)
{
    JSValue  object;

    object = JS_NewObjectClass(cx, ngx_workers_websocket_class.id);

    if (!JS_IsException(object)) {
        ngx_workers_websocket_hold(ws);
        JS_SetOpaque(object, ws);
    }

    return object;
}


static ngx_workers_websocket_t *
ngx_workers_websocket_arg(JSContext *cx, JSValueConst v)
{
    return ngx_workers_this(cx, v, ngx_workers_websocket_class.id);
}


static JSValue
ngx_workers_websocket_ext_pair(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    JSValue                   array;
    ngx_uint_t                i;
    ngx_workers_websocket_t  *ws;

    ws = ngx_workers_websocket_pair(cx);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    array = JS_NewArray(cx);

    for (i = 0; i < 2 && !JS_IsException(array); i++) {

        /* an exception as the value is thrown on */

        if (JS_DefinePropertyValueUint32(cx, array, i,
                               ngx_workers_websocket_object(cx, &ws[i]),
                               JS_PROP_C_W_E)
            < 0)
        {
            JS_FreeValue(cx, array);
            array = JS_EXCEPTION;
        }
    }

    ngx_workers_websocket_release(ws);

    return array;
}


static JSValue
ngx_workers_websocket_ext_connect(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    JSValue                   object;
    ngx_workers_websocket_t  *ws;

    if (ngx_workers_require_invocation(cx) == NULL) {
        return JS_EXCEPTION;
    }

    ws = ngx_workers_websocket_pair(cx);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    object = ngx_workers_websocket_object(cx, ws);

    if (!JS_IsException(object)) {
        ws->constructed = 1;
        ws->connecting = 1;
        ngx_workers_websocket_listen(cx, ws, argv[2]);

        if (ngx_workers_websocket_connect(cx, ws, argv[0], argv[1]) != NGX_OK) {
            JS_FreeValue(cx, object);
            object = JS_EXCEPTION;
        }
    }

    ngx_workers_websocket_release(ws);

    return object;
}


static JSValue
ngx_workers_websocket_ext_accept(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_websocket_t  *ws;

    ws = ngx_workers_websocket_arg(cx, argv[0]);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    if (ws->constructed) {
        return JS_ThrowTypeError(cx, "Websockets obtained from the 'new "
                                 "WebSocket()' constructor cannot call "
                                 "accept");
    }

    if (ws->used) {
        return JS_ThrowTypeError(cx, "Can't accept() WebSocket that was "
                                 "already used in a response.");
    }

    if (ws->accepted) {
        return JS_UNDEFINED;
    }

    if (ngx_workers_require_invocation(cx) == NULL) {
        return JS_EXCEPTION;
    }

    ws->accepted = 1;
    ws->half_open = JS_ToBool(cx, argv[1]);

    if (ws->inv != NULL) {
        ngx_workers_websocket_listen(cx, ws, argv[2]);
    }

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_websocket_ext_send(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_int_t                      rc;
    ngx_workers_usv_t              usv;
    ngx_workers_websocket_t       *ws;
    ngx_workers_websocket_said_t   said;

    ws = ngx_workers_websocket_arg(cx, argv[0]);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    rc = JS_IsObject(argv[1]) ? ngx_workers_get_bytes(cx, argv[1], &said.data)
                              : NGX_DECLINED;

    if (rc == NGX_ERROR) {

        /* a detached buffer has no bytes */

        JS_FreeValue(cx, JS_GetException(cx));
        ngx_str_null(&said.data);
    }

    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_BINARY;

    if (rc == NGX_DECLINED) {

        if (ngx_workers_usv(cx, argv[1], &usv) != NGX_OK) {
            return JS_EXCEPTION;
        }

        said.kind = NGX_WORKERS_WEBSOCKET_HEAR_TEXT;
        said.data = usv.str;
        said.wide = 1;
    }

    if (ws->failed || ws->lost || ws->used) {
        goto done;
    }

    if (!ws->accepted) {
        (void) JS_ThrowTypeError(cx, "You must call one of accept() or "
                                 "state.acceptWebSocket() on this WebSocket "
                                 "before sending messages.");
        goto failed;
    }

    if (ws->closed) {
        (void) JS_ThrowTypeError(cx, "Can't call WebSocket send() after "
                                 "close().");
        goto failed;
    }

    if (ngx_workers_websocket_say(ws, &said) != NGX_OK) {
        (void) JS_ThrowOutOfMemory(cx);
        goto failed;
    }

done:

    if (rc == NGX_DECLINED) {
        ngx_workers_usv_free(cx, &usv);
    }

    return JS_UNDEFINED;

failed:

    if (rc == NGX_DECLINED) {
        ngx_workers_usv_free(cx, &usv);
    }

    return JS_EXCEPTION;
}


static JSValue
ngx_workers_websocket_ext_close(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    int32_t                        code;
    ngx_int_t                      rc;
    ngx_workers_usv_t              usv;
    ngx_workers_websocket_t       *ws;
    ngx_workers_websocket_said_t   said;

    ws = ngx_workers_websocket_arg(cx, argv[0]);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    if (ws->failed || ws->lost || ws->used || ws->closed) {
        return JS_UNDEFINED;
    }

    if (!ws->accepted && !ws->constructed) {
        return JS_ThrowTypeError(cx, "You must call one of accept() or "
                                 "state.acceptWebSocket() on this WebSocket "
                                 "before sending messages.");
    }

    if (JS_ToInt32(cx, &code, argv[1]) < 0
        || ngx_workers_usv(cx, argv[2], &usv) != NGX_OK)
    {
        return JS_EXCEPTION;
    }

    ws->closed = 1;

    ngx_memzero(&said, sizeof(ngx_workers_websocket_said_t));

    said.kind = NGX_WORKERS_WEBSOCKET_HEAR_CLOSE;
    said.code = code;
    said.data = usv.str;

    rc = ngx_workers_websocket_say(ws, &said);

    ngx_workers_usv_free(cx, &usv);

    return (rc == NGX_OK) ? JS_UNDEFINED : JS_ThrowOutOfMemory(cx);
}


static JSValue
ngx_workers_websocket_ext_fail(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    ngx_workers_websocket_t  *ws;

    ws = ngx_workers_websocket_arg(cx, argv[0]);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    ngx_workers_websocket_fail(ws);

    return JS_UNDEFINED;
}


static JSValue
ngx_workers_websocket_ext_state(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_uint_t                state;
    ngx_workers_websocket_t  *ws;

    enum {
        connecting = 0,
        open,
        closing,
        closed
    };

    ws = ngx_workers_websocket_arg(cx, argv[0]);
    if (ws == NULL) {
        return JS_EXCEPTION;
    }

    if (ws->failed) {
        state = closed;

    } else if (ws->lost) {
        state = closing;

    } else if (ws->closed && ws->heard_close) {
        state = closed;

    } else if (ws->closed || ws->heard_close) {
        state = closing;

    } else {
        state = ws->connecting ? connecting : open;
    }

    return JS_NewInt32(cx, state);
}


/* No protocol and no extension is known of a pair. */

static JSValue
ngx_workers_websocket_ext_empty(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    if (ngx_workers_websocket_arg(cx, argv[0]) == NULL) {
        return JS_EXCEPTION;
    }

    return JS_NewString(cx, "");
}


/* WebIDL's long, as the platform has it: what is out of range is refused. */

static JSValue
ngx_workers_websocket_ext_int(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    double  d;

    if (JS_ToFloat64(cx, &d, argv[0]) < 0) {
        return JS_EXCEPTION;
    }

    if (d != d) {
        d = 0;
    }

    if (d <= -2147483649.0 || d >= 2147483648.0) {
        return JS_ThrowTypeError(cx, "Value out of range. Must be between "
                                 "-2147483648 and 2147483647 (inclusive).");
    }

    return JS_NewInt32(cx, (int32_t) d);
}


static JSValue
ngx_workers_websocket_ext_utf8_length(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    size_t             len;
    ngx_workers_usv_t  usv;

    if (ngx_workers_usv(cx, argv[0], &usv) != NGX_OK) {
        return JS_EXCEPTION;
    }

    len = usv.str.len;
    ngx_workers_usv_free(cx, &usv);

    return JS_NewInt64(cx, len);
}


static JSValue
ngx_workers_websocket_ext_parse_url(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    return ngx_workers_fetch_parse_url(cx, argv[0]);
}


static JSValue
ngx_workers_websocket_ext_blob(JSContext *cx, JSValueConst this_val, int argc,
    JSValueConst *argv)
{
    return JS_DupValue(cx, ngx_workers_builtin(cx, &ngx_workers_blob_builtin));
}


static JSValue
ngx_workers_websocket_ext_report(JSContext *cx, JSValueConst this_val,
    int argc, JSValueConst *argv)
{
    ngx_workers_isolate_t  *iso;

    iso = ngx_workers_isolate(cx);

    /* a broken limit has a line of its own */

    if (!iso->exceeded_cpu && !iso->exceeded_memory) {
        ngx_workers_log_reason(cx, iso->inv, NGX_LOG_ERR, "uncaught exception",
                               argv[0]);
    }

    return JS_UNDEFINED;
}


static void
ngx_workers_websocket_finalizer(JSRuntime *rt, JSValueConst val)
{
    ngx_workers_websocket_t  *ws;

    ws = JS_GetOpaque(val, ngx_workers_websocket_class.id);

    if (ws != NULL) {
        ngx_workers_websocket_release(ws);
    }
}
