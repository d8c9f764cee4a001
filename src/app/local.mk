# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/pipeline.c \
	%D%/pipeline.h \
	# end
