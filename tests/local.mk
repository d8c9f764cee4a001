# SPDX-License-Identifier: Apache-2.0
include tests/bench/local.mk
EXTRA_DIST += %D%/data

include tests/golden/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk
include tests/npm/local.mk
include tests/rules/local.mk
include tests/scenario/local.mk
include tests/tools/local.mk
include tests/unit/local.mk

# Tests may keep large things on the stack.
tests/%.o: WARN_CFLAGS += -Wno-frame-larger-than
