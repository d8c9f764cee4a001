# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/gzip.c \
	%D%/gzip.h \
	%D%/httpd.c \
	%D%/httpd.h \
	%D%/listen.c \
	%D%/listen.h \
	%D%/negotiate.c \
	%D%/negotiate.h \
	%D%/page.h \
	%D%/page_contracts.c \
	%D%/page_docs.c \
	%D%/page_docs.h \
	%D%/page_health.c \
	%D%/page_lifecycle.c \
	%D%/page_metrics.c \
	%D%/page_root.c \
	%D%/page_status.c \
	%D%/pages.c \
	%D%/view.h \
	%D%/walk.c \
	%D%/walk.h \
	# end
