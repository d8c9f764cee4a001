# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/arena.c \
	%D%/arena.h \
	%D%/attr.h \
	%D%/buf.c \
	%D%/buf.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/escape.h \
	%D%/json.c \
	%D%/json.h \
	%D%/jsonw.h \
	%D%/log.h \
	%D%/loop.c \
	%D%/loop.h \
	%D%/loop_backend.h \
	%D%/loop_sim.c \
	%D%/loop_uv.c \
	%D%/pattern.h \
	%D%/secret.h \
	%D%/str.c \
	%D%/str.h \
	%D%/xalloc.c \
	%D%/xalloc.h \
	# end
