# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/compare.h \
	%D%/confirm.c \
	%D%/confirm.h \
	%D%/version.h \
	# end
