# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/error.c \
	%D%/error.h \
	%D%/field.c \
	%D%/field.h \
	%D%/json_get.c \
	%D%/openai_chat.c \
	%D%/openai_embeddings.c \
	%D%/openai_models.c \
	%D%/reader.c \
	%D%/reader.h \
	%D%/table.c \
	%D%/table.h \
	%D%/usage.c \
	%D%/usage.h \
	# end
