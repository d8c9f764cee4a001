# SPDX-License-Identifier: Apache-2.0
# A target is fuzz_NAME.c with seeds in the folder fuzz_NAME.in. See fuzz.h for the two ways in which it is built.
fuzz_targets = \
	%D%/fuzz_conf \
	%D%/fuzz_contract \
	%D%/fuzz_docs \
	%D%/fuzz_escape \
	%D%/fuzz_head \
	%D%/fuzz_json \
	%D%/fuzz_ledger \
	%D%/fuzz_reader \
	%D%/fuzz_sse \
	# end
check_PROGRAMS += $(fuzz_targets)
if FUZZ
fuzz_main = %D%/fuzz.h
else
fuzz_main = %D%/fuzz.h %D%/main.c
TESTS += $(fuzz_targets)
endif
EXTRA_DIST += %D%/main.c
FUZZ_LINK = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

%C%_fuzz_conf_SOURCES = %D%/fuzz_conf.c $(fuzz_main)
%C%_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_contract_SOURCES = %D%/fuzz_contract.c $(fuzz_main)
%C%_fuzz_contract_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_docs_SOURCES = %D%/fuzz_docs.c $(fuzz_main)
%C%_fuzz_docs_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_escape_SOURCES = %D%/fuzz_escape.c $(fuzz_main)
%C%_fuzz_escape_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_head_SOURCES = %D%/fuzz_head.c $(fuzz_main)
%C%_fuzz_head_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_json_SOURCES = %D%/fuzz_json.c $(fuzz_main)
%C%_fuzz_json_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_ledger_SOURCES = %D%/fuzz_ledger.c $(fuzz_main)
%C%_fuzz_ledger_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_reader_SOURCES = %D%/fuzz_reader.c $(fuzz_main)
%C%_fuzz_reader_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_sse_SOURCES = %D%/fuzz_sse.c $(fuzz_main)
%C%_fuzz_sse_LDFLAGS = $(FUZZ_LINK)

# Each target for SECONDS, from its seeds. What is found on the way stays in the build folder; a crash is kept as a file.
SECONDS = 60
fuzz-run: $(fuzz_targets)
if FUZZ
	@for target in $(fuzz_targets); do \
		echo "$$target, $(SECONDS) s"; \
		$(MKDIR_P) $$target.found && ./$$target -max_total_time=$(SECONDS) -max_len=8192 -timeout=5 -rss_limit_mb=1024 \
			-print_final_stats=1 -artifact_prefix=$$target- $$target.found $(srcdir)/$$target.in >$$target.run 2>&1 || \
			{ tail -n 40 $$target.run; exit 1; }; \
		grep -E 'number_of_executed_units|new_units_added' $$target.run; \
	done
else
	@echo 'configure with CC=clang --enable-fuzz first' >&2; exit 1
endif
.PHONY: fuzz-run
