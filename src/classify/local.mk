# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/classify.c \
	%D%/classify.h \
	%D%/error.c \
	%D%/error.h \
	%D%/identifier.def \
	%D%/model.c \
	%D%/model.h \
	%D%/negative.c \
	%D%/negative.h \
	%D%/usage.c \
	%D%/usage.h \
	# end
