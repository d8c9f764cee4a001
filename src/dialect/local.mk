# SPDX-License-Identifier: Apache-2.0
# A new API family is a file FAMILY.c here that defines `const struct dialect dialect_FAMILY`, its line in this list, and
# a folder of recordings in tests/data/dialect/. The order is that of the documentation.
dialect_families = \
	%D%/openai_chat.c \
	%D%/openai_responses.c \
	%D%/anthropic_messages.c \
	%D%/gemini.c \
	%D%/openai_embeddings.c \
	%D%/openai_images.c \
	%D%/openai_models.c \
	%D%/json_get.c \
	# end

libcometcanary_a_SOURCES += \
	$(dialect_families) \
	%D%/ask.c \
	%D%/ask.h \
	%D%/error.c \
	%D%/error.h \
	%D%/family.h \
	%D%/field.c \
	%D%/field.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/table.c \
	%D%/usage.c \
	%D%/usage.h \
	# end
nodist_libcometcanary_a_SOURCES = %D%/list.def

BUILT_SOURCES += %D%/list.def
CLEANFILES += %D%/list.def
%D%/list.def: $(srcdir)/%D%/local.mk
	$(AM_V_GEN)$(MKDIR_P) %D% && for file in $(dialect_families); do \
		name=$${file##*/}; echo "DIALECT($${name%.c})"; done >$@.tmp && mv $@.tmp $@
# also where a single program is asked for, and make does not build BUILT_SOURCES first
$(libcometcanary_a_OBJECTS): | %D%/list.def
