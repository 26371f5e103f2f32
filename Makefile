# Copyright (C) the nginx-workers authors
#
# Every target works on any Debian or Ubuntu host: what needs nginx, njs or a
# compiler runs through tools/box, which brings them.  "make help" lists the
# targets.
#
# "make run" starts a copy of conf-examples/quickstart.conf (EXAMPLE=kv for
# another one).  An example is a complete nginx.conf that works as it stands
# when the module is installed; the copy differs in these words:
#
#   load_module modules/NAME.so     the module's path
#   listen 8080, 127.0.0.1:8080     the port
#   :8443                           the port and 363
#   /var/lib/nginx/workers          build/run/data
#   /var/log/nginx/                 build/run/
#   http {                          log and temporary files in build/run
#
# so an example sets no user, pid, daemon, error_log or *_temp_path.

SHELL =		/bin/bash

BOX =		tools/box
INSIDE =	+@$(BOX) make --no-print-directory -f Makefile

PORT =		8080
EXAMPLE =	quickstart
TESTS =		t/*.t
JOBS =		$(shell nproc)
DESTDIR =
MODULES =	/usr/lib/nginx/modules
NGINX_SRC =	/usr/share/nginx/src

# SANITIZE=1 and DEBUG=1 have a build folder each

ifeq ($(SANITIZE),1)
BUILD =		build-asan
OPT =		-O1 -fno-omit-frame-pointer -DNGX_WORKERS_DEBUG=1 \
		-fsanitize=address,undefined -fno-sanitize-recover=undefined
else ifeq ($(DEBUG),1)
BUILD =		build-debug
OPT =		-O0 -DNGX_WORKERS_DEBUG=1
else
BUILD =		build
OPT =		-O2 -D_FORTIFY_SOURCE=2
endif

SAN =		$(filter -fsanitize=%,$(OPT))
MODULE =	$(BUILD)/ngx_http_workers_module.so
OBJS =		$(CURDIR)/$(BUILD)/objs
SEAL =		$(BUILD)/seal-secret
SEAL_SRC =	tools/seal-secret.c src/core/ngx_workers_cms.c
RUN =		$(CURDIR)/build/run

VERSION =	$(shell sed -n 's/^Changes with nginx-workers \([^ ]*\).*/\1/p' \
		CHANGES 2>/dev/null | head -1)


.PHONY:		build run test test-browser bench fuzz install dist clean help

build:
	$(INSIDE) .build

run:
	$(INSIDE) .build .render
	@$(BOX) sh -c 'nginx $(RUN_ARGS) -t -q \
		&& echo "http://localhost:$(PORT)/  (Ctrl-C stops it)" \
		&& exec nginx $(RUN_ARGS)'

test:
	$(INSIDE) .build .test

test-browser:
	+@BOX_PACKAGES=t/browser/packages $(BOX) make --no-print-directory \
		-f Makefile .build .test TESTS=t/browser/*.t

bench:
	$(INSIDE) .build
	@$(BOX) tools/bench $(BENCH)

fuzz:
	@BOX_PACKAGES=tools/fuzz/packages $(BOX) tools/fuzz/run $(FUZZ)

install:
	@$(if $(DESTDIR),mkdir -p $(DESTDIR), \
		[ "$$(stat -c %d:%i /)" = "$$($(BOX) stat -c %d:%i /)" ] || { \
		echo 'make install: this host is no Debian 14 with all of' \
			'tools/packages; install them, or give DESTDIR=' >&2; \
		exit 1; })
	+@BOX_BIND="$$BOX_BIND $(abspath $(DESTDIR))" \
		$(BOX) make --no-print-directory -f Makefile .build .install

dist:
	@name=nginx-workers-$(or $(VERSION),$$(git describe --tags --always)); \
	git archive --format=tar.gz --prefix=$$name/ -o $$name.tar.gz HEAD \
		&& echo $$name.tar.gz

clean:
	rm -rf build build-asan build-debug nginx-workers-*.tar.gz

help:
	@echo 'make [build]    the module, $(BUILD)/ngx_http_workers_module.so'
	@echo 'make run        nginx with conf-examples/quickstart.conf;'
	@echo '                PORT=8080, EXAMPLE=kv for another file'
	@echo 'make test       all of t/; TESTS=t/200-*.t for some, JOBS=1'
	@echo 'make test-browser  those with Chromium, which is large'
	@echo 'make bench      requests per second, latency, memory'
	@echo 'make fuzz       the fuzzers of tools/fuzz'
	@echo 'make install    module and examples to where nginx has its own;'
	@echo '                DESTDIR=/folder for packages'
	@echo 'make dist       a source archive of HEAD'
	@echo 'make clean      removes everything that was built'
	@echo
	@echo 'SANITIZE=1 builds and tests with ASan and UBSan, DEBUG=1 without'
	@echo 'optimization, with assertions.'


# Inside the box: the build.  It is configured as Debian configures nginx, so
# that nginx takes the module, and again when the list of sources, the options
# or nginx have changed.  One build at a time works in a folder.

.PHONY:		.build .built .install .render .test .force

CONFIGURED =	$(BUILD)/configured

.build:
	@mkdir -p $(BUILD)
	+@flock -o $(BUILD)/lock make --no-print-directory .built

.built:		$(OBJS)/Makefile
	@ASAN_OPTIONS=detect_leaks=0 make --no-print-directory $(if $(V),,-s) \
		$(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) \
		-C $(NGINX_SRC) -f $(OBJS)/Makefile modules
	@cmp -s $(OBJS)/$(notdir $(MODULE)) $(MODULE) \
		|| { cp $(OBJS)/$(notdir $(MODULE)) $(MODULE).new \
		&& mv $(MODULE).new $(MODULE); }
	@make --no-print-directory -s $(SEAL)

$(SEAL):	$(SEAL_SRC) src/core/ngx_workers_cms.h
	gcc -O2 -Wall -Wextra -Werror -o $@ $(SEAL_SRC) -lcrypto

$(OBJS)/Makefile: $(CONFIGURED)
	@echo 'configuring in $(BUILD)'
	@export ASAN_OPTIONS=detect_leaks=0; \
	log=$(CURDIR)/$(BUILD)/configure.log; \
	cd $(NGINX_SRC) && . ./conf_flags && ./configure \
		"$${NGX_CONF_FLAGS[@]}" \
		--with-cc-opt="$$(dpkg-buildflags --get CFLAGS) -fPIC $(OPT)" \
		--with-ld-opt="$$(dpkg-buildflags --get LDFLAGS) -fPIC $(SAN)" \
		--builddir=$(OBJS) --add-dynamic-module=$(CURDIR) >$$log 2>&1 \
		|| { tail -20 $$log; rm -f $@; exit 1; }

$(CONFIGURED):	.force
	@{ nginx -V; echo '$(OPT)'; cat config config.make; \
		find src ngx_http_workers_module.c -name '*.[ch]' -o -name '*.js'; } \
		> $@.new 2>&1; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi


# Inside the box: the places are those of the nginx that is found there, the
# host's own on Debian 14.  The module is enabled as Debian's own modules are.

AVAILABLE =	/usr/share/nginx/modules-available
ENABLED =	/etc/nginx/modules-enabled
EXAMPLES =	/usr/share/doc/nginx-workers

.install:
	install -d $(addprefix $(DESTDIR), \
		$(MODULES) $(AVAILABLE) $(ENABLED) $(EXAMPLES))
	install -m 644 $(MODULE) $(DESTDIR)$(MODULES)/
	install -D -m 755 $(SEAL) $(DESTDIR)/usr/bin/nginx-workers-seal-secret
	echo 'load_module modules/$(notdir $(MODULE));' \
		> $(DESTDIR)$(AVAILABLE)/mod-http-workers.conf
	ln -sf $(AVAILABLE)/mod-http-workers.conf \
		$(DESTDIR)$(ENABLED)/70-mod-http-workers.conf
	cp -R conf-examples $(DESTDIR)$(EXAMPLES)/


# Inside the box: nginx in the foreground, everything it writes in build/run.

RUN_ARGS =	-p $(RUN) -c $(RUN)/conf/$(EXAMPLE).conf -e stderr \
		-g "$(RUN_USER) daemon off; pid $(RUN)/nginx.pid; \
			error_log stderr info;"

ifeq ($(shell id -u),0)
RUN_USER =	user root;
endif

.render:
	@rm -rf $(RUN)/conf && mkdir -p $(RUN)/data $(RUN)/temp
	@cp -R conf-examples $(RUN)/conf
	@sed -i \
		-e 's|modules/ngx_http_workers_module|$(CURDIR)/$(BUILD)/ngx_http_workers_module|' \
		-e 's|load_module modules/|load_module $(MODULES)/|' \
		-e 's|listen \(.*\)8080|listen \1$(PORT)|' \
		-e 's|//127\.0\.0\.1:8080|//127.0.0.1:$(PORT)|' \
		-e 's|:8443|:$(shell expr $(PORT) + 363)|' \
		-e 's|/var/lib/nginx/workers|$(RUN)/data|' \
		-e 's|/var/log/nginx/|$(RUN)/|' \
		-e 's|^http {|&\n    access_log $(RUN)/access.log;\n    include temp.conf;|' \
		$(RUN)/conf/*.conf
	@for name in $(RUN)/conf/*/make-certificates; do $$name || exit 1; done
	@for name in client_body proxy fastcgi uwsgi scgi; do \
		echo "$${name}_temp_path $(RUN)/temp/$$name;"; \
	done > $(RUN)/conf/temp.conf


# Inside the box: the tests.  t/lib/Workers.pm reads NGINX_WORKERS_MODULE.  The
# sanitizers' library has to come first in the process; leaks are not looked
# for, since nginx leaves its configuration to exit().

ifeq ($(SANITIZE),1)
TEST_NGINX =	$(CURDIR)/$(BUILD)/nginx
else
TEST_NGINX =	nginx
endif

.test:
	@printf '%s\n' '#!/bin/sh' \
		"export LD_PRELOAD=$$(gcc -print-file-name=libasan.so)" \
		'export ASAN_OPTIONS=detect_leaks=0:exitcode=99' \
		'export UBSAN_OPTIONS=print_stacktrace=1' \
		'exec nginx "$$@"' > $(BUILD)/nginx
	@chmod +x $(BUILD)/nginx
	@NGINX_WORKERS_MODULE=$(CURDIR)/$(MODULE) TEST_NGINX_BINARY=$(TEST_NGINX) \
		tools/prove $(JOBS) $(TESTS)
