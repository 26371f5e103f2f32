# Copyright (C) the nginx-workers authors
#
# Targets of tools/fuzz/run: build/fuzz/NAME.so, which is loaded in front of
# nginx.  Run inside the box, from the checkout, when build-asan is there.

CC =		clang
NGINX_SRC =	/usr/share/nginx/src

OUT =		build/fuzz
CONF =		build-asan/objs
TARGETS =	url decoder secret cache websocket rewriter js

# libFuzzer without its main(): nginx.c calls it, so nginx.o, whose constructor
# does not return, is the last to be linked

SAN =		-fsanitize=fuzzer-no-link,address,undefined -shared-libasan \
		-fno-sanitize-recover=undefined
FUZZER =	$(shell $(CC) -print-file-name=libclang_rt.fuzzer_no_main-$(shell \
		uname -m).a)

CFLAGS =	-g -O1 -fPIC -fno-omit-frame-pointer -Wall -Wextra -Werror \
		-Wno-unused-parameter -DNGX_WORKERS_DEBUG=1 \
		$(addprefix -I$(NGINX_SRC)/src/,core event event/modules \
			event/quic os/unix http http/modules http/v2 http/v3) \
		-I$(CONF) -Isrc/core -Isrc/web -I/usr/include/qjs

SRCS =		$(wildcard src/core/ngx_workers_*.c src/web/*.c \
			src/node/*.c) \
		src/engines/ngx_workers_cache_record.c \
		$(CONF)/ngx_workers_builtin_data.c

OBJS =		$(addprefix $(OUT)/objs/,$(notdir $(SRCS:.c=.o)))

VPATH =		$(sort $(dir $(SRCS))) tools/fuzz


.PHONY:		all
.SECONDARY:

all:		$(TARGETS:%=$(OUT)/%.so)

$(OUT)/%.so:	$(OUT)/objs/%.o $(OBJS) $(OUT)/objs/nginx.o
	$(CC) -shared $(SAN) -o $@ $(filter-out %/nginx.o,$^) \
		-Wl,-Bsymbolic-functions -Wl,-u,LLVMFuzzerRunDriver $(FUZZER) $(OUT)/objs/nginx.o \
		-lqjs -llexbor -lcrypto -lz -lwslay -lstdc++ -lm

$(OUT)/objs/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) -MMD -c -o $@ $<

-include $(wildcard $(OUT)/objs/*.d)
