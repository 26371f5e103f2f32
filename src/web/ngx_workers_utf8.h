
/*
 * Copyright (C) the nginx-workers authors
 *
 * UTF-8 as the Encoding Standard decodes it, on bytes alone.
 */


#ifndef _NGX_WORKERS_UTF8_H_INCLUDED_
#define _NGX_WORKERS_UTF8_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* The length of the ASCII at p. */
size_t ngx_workers_utf8_ascii(const u_char *p, size_t len);

/*
 * The length of the well-formed UTF-8 at p; *wide: some of it may be above
 * U+00FF.
 */
size_t ngx_workers_utf8_valid(const u_char *p, size_t len);
size_t ngx_workers_utf8_scan(const u_char *p, size_t len, ngx_uint_t *wide);

/*
 * The length of the ill-formed or cut sequence at p, which does not start a
 * well-formed one: its maximal subpart.  *cut: more bytes could complete it.
 */
size_t ngx_workers_utf8_subpart(const u_char *p, size_t len, ngx_uint_t *cut);

/*
 * Copies UTF-8 and puts U+FFFD for each maximal subpart of an ill-formed
 * sequence; dst has room for 3 * len bytes.  Returns the end.
 */
u_char *ngx_workers_utf8_copy(u_char *dst, const u_char *p, size_t len);

/*
 * Well-formed UTF-8 as UTF-16: how many units there are; and the units, which
 * dst has room for.
 */
size_t ngx_workers_utf8_units(const u_char *p, size_t len);
void ngx_workers_utf8_utf16(uint16_t *dst, const u_char *p, size_t len);


#endif /* _NGX_WORKERS_UTF8_H_INCLUDED_ */
