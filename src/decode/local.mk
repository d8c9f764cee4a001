# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/head.c \
	%D%/head.h \
	%D%/hints.c \
	%D%/hints.h \
	%D%/sniff.c \
	%D%/sniff.h \
	%D%/sse.c \
	%D%/sse.h \
	# end
