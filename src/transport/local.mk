# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/certificate.c \
	%D%/certificate.h \
	%D%/deadline.c \
	%D%/deadline.h \
	%D%/easy.c \
	%D%/easy.h \
	%D%/ending.c \
	%D%/ending.h \
	%D%/fake.c \
	%D%/fake.h \
	%D%/multi.c \
	%D%/multi.h \
	%D%/transfer.h \
	%D%/transport.h \
	%D%/url.c \
	%D%/url.h \
	%D%/version.c \
	%D%/version.h \
	# end
