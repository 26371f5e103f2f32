# Copyright (C) the nginx-workers authors
#
# Targets of tools/fuzz/run: build/fuzz/NAME.so, which is loaded in front of
# nginx.  Run inside the box, from the checkout, when build-asan is there.

CC =		gcc
NGINX_SRC =	/usr/share/nginx/src

OUT =		build/fuzz
CONF =		build-asan/objs
TARGETS =	url decoder secret js

SAN =		-fsanitize=address,undefined -fno-sanitize-recover=undefined
COV =		-fsanitize-coverage=trace-pc

CFLAGS =	-g -O1 -fPIC -fno-omit-frame-pointer -Wall -Wextra -Werror \
		-Wno-unused-parameter -DNGX_WORKERS_DEBUG=1 \
		$(addprefix -I$(NGINX_SRC)/src/,core event event/modules \
			event/quic os/unix http http/modules http/v2 http/v3) \
		-I$(CONF) -Isrc/core -Isrc/web -I/usr/include/qjs

SRCS =		$(wildcard src/core/ngx_workers_*.c src/web/*.c) \
		$(CONF)/ngx_workers_builtin_data.c

OBJS =		$(addprefix $(OUT)/objs/,$(notdir $(SRCS:.c=.o)))

VPATH =		$(sort $(dir $(SRCS))) tools/fuzz


.PHONY:		all
.SECONDARY:

all:		$(TARGETS:%=$(OUT)/%.so)

$(OUT)/%.so:	$(OUT)/objs/%.o $(OUT)/objs/driver.o $(OUT)/objs/nginx.o \
		$(OBJS)
	$(CC) -shared $(SAN) -o $@ $^ -lqjs -llexbor -lcrypto -lm

$(OUT)/objs/driver.o: tools/fuzz/driver.c
	@mkdir -p $(@D)
	$(CC) -g -O2 -fPIC -Wall -Wextra -Werror -DFUZZ_PRELOADED -c -o $@ $<

$(OUT)/objs/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(COV) -MMD -c -o $@ $<

-include $(wildcard $(OUT)/objs/*.d)
