
/*
 * Copyright (C) the nginx-workers authors
 *
 * jsc FILE.js... compiles ES modules to bytecode and prints C: an array for
 * each file, and a table of them, sorted by name.  A module is called
 * "workers:NAME", where NAME is its path after "/js/" without ".js".  Line
 * numbers are kept, source is not.  The bytecode fits the QuickJS that jsc is
 * linked with and no other.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <quickjs.h>


typedef struct {
    const char  *path;
    char        *name;
    uint8_t     *data;
    size_t       size;
} jsc_file_t;


static char *jsc_name(const char *path);
static char *jsc_read(const char *path, size_t *size);
static int jsc_compile(JSContext *cx, jsc_file_t *file);
static JSModuleDef *jsc_import(JSContext *cx, const char *name, void *data);
static int jsc_import_init(JSContext *cx, JSModuleDef *m);
static void jsc_report(JSContext *cx, jsc_file_t *file, const char *module);
static void jsc_print(jsc_file_t *files, int n);
static int jsc_compare(const void *one, const void *two);


int
main(int argc, char **argv)
{
    int          i, n, rc;
    JSRuntime   *rt;
    JSContext   *cx;
    jsc_file_t  *files;

    n = argc - 1;
    rc = 0;

    files = calloc(n + 1, sizeof(jsc_file_t));
    rt = JS_NewRuntime();
    cx = (rt != NULL) ? JS_NewContext(rt) : NULL;

    if (files == NULL || cx == NULL) {
        fprintf(stderr, "jsc: out of memory\n");
        return 1;
    }

    JS_SetModuleLoaderFunc(rt, NULL, jsc_import, NULL);

    for (i = 0; i < n; i++) {
        files[i].path = argv[i + 1];

        if (jsc_compile(cx, &files[i]) != 0) {
            rc = 1;
        }
    }

    if (rc == 0) {
        qsort(files, n, sizeof(jsc_file_t), jsc_compare);
        jsc_print(files, n);
    }

    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("jsc: stdout");
        rc = 1;
    }

    for (i = 0; i < n; i++) {
        js_free(cx, files[i].data);
        free(files[i].name);
    }

    free(files);
    JS_FreeContext(cx);
    JS_FreeRuntime(rt);

    return rc;
}


static int
jsc_compile(JSContext *cx, jsc_file_t *file)
{
    char     module[128], *source;
    size_t   size;
    JSValue  value;

    file->name = jsc_name(file->path);
    source = jsc_read(file->path, &size);

    if (file->name == NULL || source == NULL) {
        free(source);
        return -1;
    }

    snprintf(module, sizeof(module), "workers:%s", file->name);

    value = JS_Eval(cx, source, size, module,
                    JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    free(source);

    if (!JS_IsException(value)) {
        file->data = JS_WriteObject(cx, &file->size, value,
                                    JS_WRITE_OBJ_BYTECODE
                                    | JS_WRITE_OBJ_STRIP_SOURCE);
        JS_FreeValue(cx, value);
    }

    if (file->data == NULL) {
        jsc_report(cx, file, module);
        return -1;
    }

    return 0;
}


/* Imports are resolved when the module is loaded: each gets an empty module. */

static JSModuleDef *
jsc_import(JSContext *cx, const char *name, void *data)
{
    (void) data;

    return JS_NewCModule(cx, name, jsc_import_init);
}


static int
jsc_import_init(JSContext *cx, JSModuleDef *m)
{
    (void) cx;
    (void) m;

    return 0;
}


/* Prints the pending exception as "FILE:LINE:COLUMN: message". */

static void
jsc_report(JSContext *cx, jsc_file_t *file, const char *module)
{
    JSValue      error, value;
    const char  *message, *stack, *place;

    error = JS_GetException(cx);
    value = JS_GetPropertyStr(cx, error, "stack");

    message = JS_ToCString(cx, error);
    stack = JS_ToCString(cx, value);

    place = (stack != NULL) ? strstr(stack, module) : NULL;
    place = (place != NULL) ? place + strlen(module) : ":";

    fprintf(stderr, "%s%.*s: %s\n", file->path,
            (int) strspn(place, ":0123456789"), place,
            message != NULL ? message : "unknown error");

    JS_FreeCString(cx, message);
    JS_FreeCString(cx, stack);
    JS_FreeValue(cx, value);
    JS_FreeValue(cx, error);
}


static void
jsc_print(jsc_file_t *files, int n)
{
    int     i;
    size_t  k;

    printf("\n#include \"ngx_workers_builtin.h\"\n");

    for (i = 0; i < n; i++) {
        printf("\n\nstatic const uint8_t  ngx_workers_builtin_%d[] = {", i);

        for (k = 0; k < files[i].size; k++) {
            printf("%s%d,", k % 16 == 0 ? "\n    " : " ", files[i].data[k]);
        }

        printf("\n};\n");
    }

    printf("\n\nconst ngx_workers_builtin_data_t  "
           "ngx_workers_builtin_data[] = {\n");

    for (i = 0; i < n; i++) {
        printf("    { \"%s\", ngx_workers_builtin_%d, %zu },\n",
               files[i].name, i, files[i].size);
    }

    printf("    { NULL, NULL, 0 }\n};\n");
}


static int
jsc_compare(const void *one, const void *two)
{
    return strcmp(((const jsc_file_t *) one)->name,
                  ((const jsc_file_t *) two)->name);
}


static char *
jsc_name(const char *path)
{
    char        *name;
    size_t       len;
    const char  *base, *next;

    base = path;

    while ((next = strstr(base, "/js/")) != NULL) {
        base = next + 4;
    }

    name = strdup(base);

    if (name == NULL) {
        perror("jsc");
        return NULL;
    }

    len = strlen(name);

    if (len > 3 && strcmp(name + len - 3, ".js") == 0) {
        name[len - 3] = '\0';
    }

    return name;
}


/* Reads a whole file; a null character follows, as JS_Eval() wants it. */

static char *
jsc_read(const char *path, size_t *size)
{
    char  *buf;
    long   end;
    FILE  *fp;

    buf = NULL;
    fp = fopen(path, "rb");

    if (fp == NULL
        || fseek(fp, 0, SEEK_END) != 0
        || (end = ftell(fp)) < 0
        || fseek(fp, 0, SEEK_SET) != 0)
    {
        goto failed;
    }

    *size = end;
    buf = calloc(1, *size + 1);

    if (buf == NULL || fread(buf, 1, *size, fp) != *size) {
        goto failed;
    }

    fclose(fp);

    return buf;

failed:

    perror(path);

    if (fp != NULL) {
        fclose(fp);
    }

    free(buf);

    return NULL;
}
