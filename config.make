# Copyright (C) the nginx-workers authors
#
# Rules for the bytecode of src/js: tools/jsc is made with the compiler and
# the library of this build, and turns the files into one array each.  One file
# more is made of the package readable-stream by tools/cjs.

ngx_workers_jsc=$NGX_OBJS/ngx_workers_jsc
ngx_workers_js=`find $ngx_addon_dir/src/js -name '*.js' | sort | tr '\n' ' '`

ngx_workers_rs=$NGX_OBJS/js/node/internal/readable_stream.js
ngx_workers_rs_files=`find $ngx_workers_rs_dir/lib -name '*.js' | tr '\n' ' '`
ngx_workers_js="$ngx_workers_js $ngx_workers_rs"

ngx_workers_node=workers:node/internal

cat << END                                                    >> $NGX_MAKEFILE

$ngx_workers_rs:	$ngx_addon_dir/tools/cjs $ngx_workers_rs_files
	mkdir -p $NGX_OBJS/js/node/internal
	$ngx_addon_dir/tools/cjs $ngx_workers_rs_dir lib/stream.js \
		globalThis=$ngx_workers_node/stream_shims \
		lib/ours/errors.js=$ngx_workers_node/stream_shims \
		lib/ours/util.js=$ngx_workers_node/stream_shims \
		lib/internal/validators.js=$ngx_workers_node/errors \
		abort-controller=$ngx_workers_node/stream_shims \
		buffer=$ngx_workers_node/buffer \
		process=$ngx_workers_node/tick \
		events=workers:node/events \
		string_decoder=workers:node/string_decoder \
		Array ArrayBuffer Boolean Error Function Math Number Object \
		Promise Reflect Set String Symbol TypeError Uint8Array \
		> \$@.tmp
	mv \$@.tmp \$@

$ngx_workers_jsc:	$ngx_addon_dir/tools/jsc.c
	\$(CC) -O1 -g -Wall -Wextra -I/usr/include/qjs -o \$@ \\
		$ngx_addon_dir/tools/jsc.c -lqjs

$NGX_OBJS/ngx_workers_builtin_data.c:	$ngx_workers_jsc $ngx_workers_js
	$ngx_workers_jsc $ngx_workers_js > \$@.tmp
	mv \$@.tmp \$@

END
