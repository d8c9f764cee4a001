# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/conf.c \
	%D%/conf.h \
	%D%/diag.c \
	%D%/diag.h \
	%D%/fill.c \
	%D%/load.c \
	%D%/load.h \
	%D%/loading.h \
	%D%/reference.c \
	%D%/rules.c \
	%D%/schema.c \
	%D%/schema.h \
	%D%/schema_later.c \
	%D%/source.c \
	%D%/source.h \
	%D%/suggest.c \
	%D%/syntax.c \
	%D%/syntax.h \
	%D%/tree.c \
	%D%/tree.h \
	%D%/value.c \
	%D%/value.h \
	# end
