# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/builder.c \
	%D%/builder.h \
	%D%/compare.c \
	%D%/compare.h \
	%D%/confirm.c \
	%D%/confirm.h \
	%D%/diff_print.c \
	%D%/gate.c \
	%D%/gate.h \
	%D%/index.c \
	%D%/index.h \
	%D%/judge.c \
	%D%/markdown.c \
	%D%/markdown.h \
	%D%/openapi.c \
	%D%/openapi.h \
	%D%/plain.c \
	%D%/plain.h \
	%D%/save.c \
	%D%/schema.c \
	%D%/schema.h \
	%D%/value.c \
	%D%/value.h \
	%D%/version.c \
	%D%/version.h \
	# end
