
/*
 * Copyright (C) the nginx-workers authors
 *
 * Tokens of a script that is known to be well-formed.  They are told apart as
 * far as brackets have to be matched: strings, templates, comments and
 * regular expressions may hold some.  Whether a slash divides is told by the
 * token before it.
 */


#include "ngx_workers_lex.h"


#define NGX_WORKERS_LEX_DEPTH  512
#define NGX_WORKERS_LEX_AHEAD  4           /* tokens */


typedef enum {
    NGX_WORKERS_LEX_END = 0,
    NGX_WORKERS_LEX_WORD,
    NGX_WORKERS_LEX_LITERAL,
    NGX_WORKERS_LEX_ARROW,
    NGX_WORKERS_LEX_OPEN,
    NGX_WORKERS_LEX_CLOSE,
    NGX_WORKERS_LEX_OTHER,                 /* one character of punctuation */
    NGX_WORKERS_LEX_ERROR
} ngx_workers_lex_e;


typedef struct {
    u_char              open;              /* "`": "${" of a template */
    unsigned            condition:1;       /* "(" of if, for, while, with */
    u_char             *class;             /* "{" of a class: its beginning */
    u_char             *heritage;          /* of which class */
} ngx_workers_lex_bracket_t;


typedef struct {
    u_char             *p;
    u_char             *last;

    u_char             *token;             /* the last one's beginning */
    u_char             *class;             /* a class whose body is to come */

    unsigned            operand:1;         /* a slash would divide */
    unsigned            dot:1;             /* a word would be a name */
    unsigned            condition:1;       /* "(" would be that of an if */
    unsigned            newline:1;         /* there is one before the token */

    ngx_uint_t          depth;
    ngx_workers_lex_bracket_t  stack[NGX_WORKERS_LEX_DEPTH];
} ngx_workers_lex_t;


static void ngx_workers_lex_init(ngx_workers_lex_t *lex, ngx_str_t *source,
    u_char *p);
static ngx_uint_t ngx_workers_lex_starts(ngx_str_t *source, u_char *p,
    ngx_uint_t is_class);
static u_char *ngx_workers_lex_offset(ngx_str_t *source, ngx_uint_t line,
    ngx_uint_t column);
static u_char *ngx_workers_lex_end(ngx_workers_lex_t *lex);
static u_char *ngx_workers_lex_arrow(ngx_workers_lex_t *lex);
static ngx_int_t ngx_workers_lex_class(ngx_workers_lex_t *lex, u_char *p,
    ngx_str_t *text);
static u_char *ngx_workers_lex_close(ngx_workers_lex_t *lex, ngx_uint_t depth);
static ngx_workers_lex_e ngx_workers_lex_next(ngx_workers_lex_t *lex);
static void ngx_workers_lex_space(ngx_workers_lex_t *lex);
static ngx_workers_lex_e ngx_workers_lex_word(ngx_workers_lex_t *lex);
static ngx_uint_t ngx_workers_lex_is(ngx_workers_lex_t *lex,
    const char *const *words);
static ngx_workers_lex_e ngx_workers_lex_string(ngx_workers_lex_t *lex,
    u_char quote);
static ngx_workers_lex_e ngx_workers_lex_template(ngx_workers_lex_t *lex);
static ngx_uint_t ngx_workers_lex_regexp(ngx_workers_lex_t *lex);
static ngx_workers_lex_e ngx_workers_lex_open(ngx_workers_lex_t *lex,
    u_char open);
static ngx_workers_lex_e ngx_workers_lex_shut(ngx_workers_lex_t *lex,
    u_char ch);


#define ngx_workers_lex_is_word(ch)                                           \
    (((ch) >= 'a' && (ch) <= 'z') || ((ch) >= 'A' && (ch) <= 'Z')             \
     || ((ch) >= '0' && (ch) <= '9') || (ch) == '_' || (ch) == '$'            \
     || (ch) == '\\' || (ch) >= 0x80)


/* Words after which an expression begins. */
static const char *const  ngx_workers_lex_operators[] = {
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new",
    "instanceof", "else", "do", "yield", "await", "extends", "default", NULL
};


static const char *const  ngx_workers_lex_conditions[] = {
    "if", "while", "for", "with", NULL
};


static const char *const  ngx_workers_lex_binary[] = {
    "in", "instanceof", NULL
};


static const char *const  ngx_workers_lex_classes[] = { "class", NULL };


ngx_int_t
ngx_workers_lex_function(ngx_str_t *source, ngx_uint_t line,
    ngx_uint_t column, ngx_uint_t is_class, ngx_str_t *text)
{
    u_char             *at, *p, *end;
    ngx_uint_t          i, n;
    ngx_workers_lex_t   lex;

    /* the engine's columns begin with 0 in the first line, and may be 1 off */

    static const ngx_int_t  off[] = { 0, -1, 1 };

    at = ngx_workers_lex_offset(source, line, column + (line == 1));
    if (at == NULL) {
        return NGX_DECLINED;
    }

    for (i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
        p = at + off[i];

        if (p < source->data || p >= source->data + source->len
            || !ngx_workers_lex_starts(source, p, is_class))
        {
            continue;
        }

        if (is_class) {
            ngx_workers_lex_init(&lex, source, source->data);

            if (ngx_workers_lex_class(&lex, p, text) == NGX_OK) {
                return NGX_OK;
            }

            continue;
        }

        /* the parameters of an arrow function may be some tokens further */

        for (n = 0; n < NGX_WORKERS_LEX_AHEAD; n++) {
            ngx_workers_lex_init(&lex, source, p);
            end = ngx_workers_lex_end(&lex);

            if (end != NULL) {
                text->data = p;
                text->len = end - p;

                return NGX_OK;
            }

            ngx_workers_lex_init(&lex, source, p);
            (void) ngx_workers_lex_next(&lex);
            ngx_workers_lex_space(&lex);
            p = lex.p;
        }
    }

    return NGX_DECLINED;
}


static void
ngx_workers_lex_init(ngx_workers_lex_t *lex, ngx_str_t *source, u_char *p)
{
    lex->p = p;
    lex->last = source->data + source->len;
    lex->class = NULL;
    lex->operand = 0;
    lex->dot = 0;
    lex->condition = 0;
    lex->depth = 0;
}


/* Whether a function, or the constructor or the body of a class, may begin. */

static ngx_uint_t
ngx_workers_lex_starts(ngx_str_t *source, u_char *p, ngx_uint_t is_class)
{
    size_t  len;

    len = source->data + source->len - p;

    if (is_class) {
        return *p == '{' || *p == '}' || *p == '\'' || *p == '"'
               || (len > 11 && ngx_strncmp(p, "constructor", 11) == 0);
    }

    if (ngx_workers_lex_is_word(*p)) {
        return p == source->data || !ngx_workers_lex_is_word(p[-1]);
    }

    return ngx_strchr("([*\"'#", *p) != NULL;
}


static u_char *
ngx_workers_lex_offset(ngx_str_t *source, ngx_uint_t line, ngx_uint_t column)
{
    u_char  *p, *last;

    p = source->data;
    last = source->data + source->len;

    for ( /* void */ ; line > 1; line--) {
        p = ngx_strlchr(p, last, LF);
        if (p == NULL) {
            return NULL;
        }

        p++;
    }

    return ((size_t) (last - p) >= column) ? p + column - 1 : NULL;
}


/* The end of the function that the first token begins. */

static u_char *
ngx_workers_lex_end(ngx_workers_lex_t *lex)
{
    ngx_uint_t         params;
    ngx_workers_lex_e  token;

    for (params = 0; /* void */ ; /* void */ ) {

        token = ngx_workers_lex_next(lex);

        switch (token) {

        case NGX_WORKERS_LEX_ARROW:
            return ngx_workers_lex_arrow(lex);

        case NGX_WORKERS_LEX_OPEN:

            if (*lex->token == '{') {
                return params ? ngx_workers_lex_close(lex, 0) : NULL;
            }

            params = (*lex->token == '(');

            if (ngx_workers_lex_close(lex, 0) == NULL) {
                return NULL;
            }

            break;

        case NGX_WORKERS_LEX_WORD:
        case NGX_WORKERS_LEX_LITERAL:

            if (params) {
                return NULL;
            }

            break;

        case NGX_WORKERS_LEX_OTHER:

            if (*lex->token != '*' || params) {
                return NULL;
            }

            break;

        default:
            return NULL;
        }
    }
}


/* The body of an arrow function; an expression ends before what ends it. */

static u_char *
ngx_workers_lex_arrow(ngx_workers_lex_t *lex)
{
    u_char             *end;
    ngx_uint_t          first, operand, choices;
    ngx_workers_lex_e   token;

    end = lex->p;
    choices = 0;

    for (first = 1; /* void */ ; first = 0) {

        operand = lex->operand;
        token = ngx_workers_lex_next(lex);

        switch (token) {

        case NGX_WORKERS_LEX_END:
            return end;

        case NGX_WORKERS_LEX_ERROR:
            /* a bracket that was open before */
            return (lex->depth == 0) ? end : NULL;

        case NGX_WORKERS_LEX_OPEN:
            if (first && *lex->token == '{') {
                return ngx_workers_lex_close(lex, 0);
            }

            if (ngx_workers_lex_close(lex, lex->depth - 1) == NULL) {
                return NULL;
            }

            break;

        case NGX_WORKERS_LEX_WORD:
        case NGX_WORKERS_LEX_LITERAL:
            if (lex->newline && operand && *lex->token != '`'
                && !ngx_workers_lex_is(lex, ngx_workers_lex_binary))
            {
                return end;
            }

            break;

        case NGX_WORKERS_LEX_OTHER:
            if (*lex->token == ',' || *lex->token == ';'
                || (*lex->token == ':' && choices == 0))
            {
                return end;
            }

            if (*lex->token == ':') {
                choices--;

            } else if (*lex->token == '?' && lex->p < lex->last) {

                if (*lex->p == '?') {
                    lex->p++;

                } else if (*lex->p != '.') {
                    choices++;
                }
            }

            break;

        default:
            break;
        }

        end = lex->p;
    }
}


static ngx_int_t
ngx_workers_lex_class(ngx_workers_lex_t *lex, u_char *p, ngx_str_t *text)
{
    u_char             *end;
    ngx_uint_t          depth;
    ngx_workers_lex_e   token;

    do {
        token = ngx_workers_lex_next(lex);

        if (token == NGX_WORKERS_LEX_END || token == NGX_WORKERS_LEX_ERROR) {
            return NGX_DECLINED;
        }

    } while (lex->token < p);

    if (lex->token == p && *p == '}') {

        if (token != NGX_WORKERS_LEX_CLOSE
            || lex->stack[lex->depth].class == NULL)
        {
            return NGX_DECLINED;
        }

        text->data = lex->stack[lex->depth].class;
        text->len = lex->p - text->data;

        return NGX_OK;
    }

    for (depth = lex->depth; depth > 0; depth--) {

        if (lex->stack[depth - 1].class != NULL) {
            text->data = lex->stack[depth - 1].class;

            end = ngx_workers_lex_close(lex, depth - 1);
            if (end == NULL) {
                return NGX_DECLINED;
            }

            text->len = end - text->data;

            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* Goes on to the bracket that leaves depth of them open. */

static u_char *
ngx_workers_lex_close(ngx_workers_lex_t *lex, ngx_uint_t depth)
{
    ngx_workers_lex_e  token;

    while (lex->depth > depth) {
        token = ngx_workers_lex_next(lex);

        if (token == NGX_WORKERS_LEX_END || token == NGX_WORKERS_LEX_ERROR) {
            return NULL;
        }
    }

    return lex->p;
}


static ngx_workers_lex_e
ngx_workers_lex_next(ngx_workers_lex_t *lex)
{
    u_char      ch;
    ngx_uint_t  condition;

    ngx_workers_lex_space(lex);

    lex->token = lex->p;

    if (lex->p == lex->last) {
        return NGX_WORKERS_LEX_END;
    }

    ch = *lex->p;

    if (ngx_workers_lex_is_word(ch) || ch == '#' || ch == '@') {
        return ngx_workers_lex_word(lex);
    }

    condition = lex->condition;
    lex->condition = 0;
    lex->dot = 0;
    lex->p++;

    switch (ch) {

    case '"':
    case '\'':
        return ngx_workers_lex_string(lex, ch);

    case '`':
        return ngx_workers_lex_template(lex);

    case '(':
        lex->condition = condition;
        return ngx_workers_lex_open(lex, ch);

    case '[':
    case '{':
        return ngx_workers_lex_open(lex, ch);

    case ')':
    case ']':
    case '}':
        return ngx_workers_lex_shut(lex, ch);

    case '/':
        if (!lex->operand && ngx_workers_lex_regexp(lex)) {
            lex->operand = 1;
            return NGX_WORKERS_LEX_LITERAL;
        }

        break;

    case '=':
        if (lex->p < lex->last && *lex->p == '>') {
            lex->p++;
            lex->operand = 0;
            return NGX_WORKERS_LEX_ARROW;
        }

        break;

    case '+':
    case '-':
        if (lex->p < lex->last && *lex->p == ch) {
            lex->p++;                      /* before or after an operand */
            return NGX_WORKERS_LEX_OTHER;
        }

        break;

    case '.':
        lex->dot = 1;
        break;

    default:
        break;
    }

    lex->operand = 0;

    return NGX_WORKERS_LEX_OTHER;
}


/* White space and comments. */

static void
ngx_workers_lex_space(ngx_workers_lex_t *lex)
{
    u_char  *p, *last, *end;

    p = lex->p;
    last = lex->last;
    lex->newline = 0;

    for ( ;; ) {

        if (p == last) {
            break;
        }

        if (*p == LF || *p == CR) {
            lex->newline = 1;
            p++;
            continue;
        }

        if (*p == ' ' || *p == '\t' || *p == '\v' || *p == '\f') {
            p++;
            continue;
        }

        if (last - p >= 2 && p[0] == '/' && p[1] == '/') {
            end = ngx_strlchr(p, last, LF);
            p = (end == NULL) ? last : end;
            continue;
        }

        if (last - p >= 2 && p[0] == '/' && p[1] == '*') {

            for (p += 2; last - p >= 2; p++) {

                if (*p == LF) {
                    lex->newline = 1;
                }

                if (p[0] == '*' && p[1] == '/') {
                    break;
                }
            }

            p = (last - p >= 2) ? p + 2 : last;
            continue;
        }

        break;
    }

    lex->p = p;
}


/* A word or a number. */

static ngx_workers_lex_e
ngx_workers_lex_word(ngx_workers_lex_t *lex)
{
    u_char      *p;
    ngx_uint_t   number, name, newline;

    p = lex->p;
    number = (*p >= '0' && *p <= '9');

    for (p++; p < lex->last; p++) {
        if (!ngx_workers_lex_is_word(*p) && !(number && *p == '.')) {
            break;
        }
    }

    lex->p = p;

    name = lex->dot;
    lex->dot = 0;
    lex->condition = 0;
    lex->operand = 1;

    if (number) {
        return NGX_WORKERS_LEX_LITERAL;
    }

    if (name) {
        return NGX_WORKERS_LEX_WORD;
    }

    if (ngx_workers_lex_is(lex, ngx_workers_lex_operators)) {
        lex->operand = 0;

    } else if (ngx_workers_lex_is(lex, ngx_workers_lex_conditions)) {
        lex->condition = 1;

    } else if (ngx_workers_lex_is(lex, ngx_workers_lex_classes)) {

        /* unless it is the name of a property */

        newline = lex->newline;
        ngx_workers_lex_space(lex);
        p = lex->p;

        lex->newline = newline;

        if (p < lex->last && ngx_strchr(":(,=;}.?", *p) == NULL) {
            lex->class = lex->token;
        }
    }

    return NGX_WORKERS_LEX_WORD;
}


static ngx_uint_t
ngx_workers_lex_is(ngx_workers_lex_t *lex, const char *const *words)
{
    size_t  len;

    len = lex->p - lex->token;

    for ( /* void */ ; *words != NULL; words++) {

        if (ngx_strlen(*words) == len
            && ngx_memcmp(*words, lex->token, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_workers_lex_e
ngx_workers_lex_string(ngx_workers_lex_t *lex, u_char quote)
{
    for ( /* void */ ; lex->p < lex->last; lex->p++) {

        if (*lex->p == '\\') {
            lex->p++;

        } else if (*lex->p == quote) {
            lex->p++;
            lex->operand = 1;
            return NGX_WORKERS_LEX_LITERAL;
        }
    }

    return NGX_WORKERS_LEX_ERROR;
}


/* What follows a "`", or the "}" of an expression in a template. */

static ngx_workers_lex_e
ngx_workers_lex_template(ngx_workers_lex_t *lex)
{
    for ( /* void */ ; lex->p < lex->last; lex->p++) {

        if (*lex->p == '\\') {
            lex->p++;

        } else if (*lex->p == '`') {
            lex->p++;
            lex->operand = 1;
            return NGX_WORKERS_LEX_LITERAL;

        } else if (*lex->p == '$' && lex->last - lex->p >= 2
                   && lex->p[1] == '{')
        {
            lex->p += 2;
            return ngx_workers_lex_open(lex, '`');
        }
    }

    return NGX_WORKERS_LEX_ERROR;
}


/* 0: it is none, for it does not end on its line. */

static ngx_uint_t
ngx_workers_lex_regexp(ngx_workers_lex_t *lex)
{
    u_char      *p, ch;
    ngx_uint_t   set;

    set = 0;

    for (p = lex->p; p < lex->last; p++) {
        ch = *p;

        if (ch == LF || ch == CR) {
            return 0;
        }

        if (ch == '\\') {
            p++;

        } else if (ch == '[') {
            set = 1;

        } else if (ch == ']') {
            set = 0;

        } else if (ch == '/' && !set) {

            for (p++; p < lex->last && *p >= 'a' && *p <= 'z'; p++) {
                /* void */
            }

            lex->p = p;
            return 1;
        }
    }

    return 0;
}


static ngx_workers_lex_e
ngx_workers_lex_open(ngx_workers_lex_t *lex, u_char open)
{
    ngx_workers_lex_bracket_t  *bracket;

    if (lex->depth == NGX_WORKERS_LEX_DEPTH) {
        return NGX_WORKERS_LEX_ERROR;
    }

    bracket = &lex->stack[lex->depth];
    bracket->open = open;
    bracket->condition = lex->condition;
    bracket->class = (open == '{') ? lex->class : NULL;
    bracket->heritage = (open == '{') ? NULL : lex->class;

    lex->class = NULL;
    lex->depth++;
    lex->condition = 0;
    lex->operand = 0;

    return NGX_WORKERS_LEX_OPEN;
}


static ngx_workers_lex_e
ngx_workers_lex_shut(ngx_workers_lex_t *lex, u_char ch)
{
    ngx_workers_lex_bracket_t  *bracket;

    if (lex->depth == 0) {
        return NGX_WORKERS_LEX_ERROR;
    }

    bracket = &lex->stack[--lex->depth];
    lex->class = bracket->heritage;

    if (ch == '}' && bracket->open == '`') {
        return ngx_workers_lex_template(lex);
    }

    if (bracket->open != (ch == ')' ? '(' : ch == ']' ? '[' : '{')) {
        return NGX_WORKERS_LEX_ERROR;
    }

    /* after a block, a slash is more likely to begin a regular expression */

    lex->operand = (ch == ']') || (ch == ')' && !bracket->condition);

    return NGX_WORKERS_LEX_CLOSE;
}
