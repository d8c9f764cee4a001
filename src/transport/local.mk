# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/deadline.c \
	%D%/deadline.h \
	%D%/fake.c \
	%D%/fake.h \
	%D%/transport.h \
	# end
