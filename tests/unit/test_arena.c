/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_pieces_are_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	unsigned char *before = NULL;
	for (size_t size = 1; size < 300; size += 7) {
		unsigned char *piece = arena_alloc(&arena, size);
		assert_non_null(piece);
		assert_int_equal((uintptr_t)piece % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(piece[i], 0);
		memset(piece, 0xA5, size);
		if (before)
			assert_int_equal(before[0], 0xA5);
		before = piece;
	}
	arena_done(&arena);
}

static void
test_a_piece_larger_than_a_block(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	char *small = arena_alloc(&arena, 10);
	char *large = arena_alloc(&arena, 100000);
	assert_non_null(small);
	assert_non_null(large);
	memset(large, 'x', 100000);
	assert_int_equal(small[0], 0);
	arena_done(&arena);
}

static void
test_the_cap_holds_until_reset(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 100);
	assert_non_null(arena_alloc(&arena, 60));
	assert_null(arena_alloc(&arena, 41));
	assert_true(arena.exhausted);
	assert_null(arena_alloc(&arena, 1)); /* the run is over, whatever would still fit */
	arena_reset(&arena);
	assert_false(arena.exhausted);
	assert_non_null(arena_alloc(&arena, 100));
	assert_null(arena_alloc(&arena, 1));
	arena_done(&arena);
}

static void
test_sizes_that_would_wrap(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	arena_reset(&arena);
	assert_null(arena_alloc(&arena, SIZE_MAX - 8));
	arena_done(&arena);
}

static void
test_copies(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 64);
	char text[] = "borrowed";
	struct str copy = arena_str(&arena, str_of(text));
	char *terminated = arena_dup(&arena, STR_NONE);
	text[0] = 'X';
	assert_true(str_eq(copy, STR("borrowed")));
	assert_string_equal(terminated, "");
	assert_null(arena_str(&arena, STR_NONE).at);
	struct str empty = arena_str(&arena, STR(""));
	assert_non_null(empty.at);
	assert_null(arena_dup(&arena, str_span("x", 1000)));
	arena_done(&arena);
}

static void
test_reset_gives_zeroed_memory_again(void **state)
{
	(void)state;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 20; i++) {
			unsigned char *piece = arena_alloc(&arena, 1000);
			assert_non_null(piece);
			assert_int_equal(piece[0] | piece[999], 0);
			memset(piece, 0xFF, 1000);
		}
		arena_reset(&arena);
	}
	arena_done(&arena);
	arena_done(&arena); /* twice is harmless */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(test_a_piece_larger_than_a_block),
		cmocka_unit_test(test_the_cap_holds_until_reset),
		cmocka_unit_test(test_sizes_that_would_wrap),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_reset_gives_zeroed_memory_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
