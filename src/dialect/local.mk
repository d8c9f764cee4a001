# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/anthropic_messages.c \
	%D%/error.c \
	%D%/error.h \
	%D%/field.c \
	%D%/field.h \
	%D%/gemini.c \
	%D%/json_get.c \
	%D%/openai_chat.c \
	%D%/openai_embeddings.c \
	%D%/openai_images.c \
	%D%/openai_models.c \
	%D%/openai_responses.c \
	%D%/reader.c \
	%D%/reader.h \
	%D%/table.c \
	%D%/table.h \
	%D%/usage.c \
	%D%/usage.h \
	# end
