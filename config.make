# Copyright (C) the nginx-workers authors
#
# Rules for the bytecode of src/js: tools/jsc is made with the compiler and
# the library of this build, and turns the files into one array each.

ngx_workers_jsc=$NGX_OBJS/ngx_workers_jsc
ngx_workers_js=`find $ngx_addon_dir/src/js -name '*.js' | sort | tr '\n' ' '`

cat << END                                                    >> $NGX_MAKEFILE

$ngx_workers_jsc:	$ngx_addon_dir/tools/jsc.c
	\$(CC) -O1 -g -Wall -Wextra -I/usr/include/qjs -o \$@ \\
		$ngx_addon_dir/tools/jsc.c -lqjs

$NGX_OBJS/ngx_workers_builtin_data.c:	$ngx_workers_jsc $ngx_workers_js
	$ngx_workers_jsc $ngx_workers_js > \$@.tmp
	mv \$@.tmp \$@

END
