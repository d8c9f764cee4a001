# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/db.c \
	%D%/db.h \
	%D%/file.c \
	%D%/file.h \
	%D%/op.c \
	%D%/op.h \
	%D%/rows.c \
	%D%/rows.h \
	%D%/schema.c \
	%D%/schema.h \
	%D%/sql.def \
	%D%/store.c \
	%D%/store.h \
	%D%/worker.c \
	%D%/worker.h \
	# end
