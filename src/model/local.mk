# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/conf.h \
	%D%/dialect.h \
	%D%/exchange.c \
	%D%/exchange.h \
	%D%/finding.c \
	%D%/finding.def \
	%D%/finding.h \
	%D%/outcome.c \
	%D%/outcome.def \
	%D%/outcome.h \
	%D%/probe.c \
	%D%/probe.def \
	%D%/probe.h \
	%D%/record.h \
	%D%/reply.c \
	%D%/reply.h \
	%D%/request.h \
	%D%/skip.def \
	%D%/verdict.h \
	# end
