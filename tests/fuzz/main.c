/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include "fuzz.h"

enum { FILE_BYTES_MAX = 1 << 20 };

static bool
read_file(const char *path, struct buf *bytes)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	char *room;
	size_t got = 1;
	while (got > 0 && (room = buf_reserve(bytes, 4096))) {
		got = fread(room, 1, 4096, file);
		bytes->len += got;
	}
	fclose(file);
	return !bytes->overflow;
}

/* Exactly as long as it is, so that a read past its end is seen. */
static void
run_input(struct str bytes)
{
	uint8_t *copy = xmalloc(bytes.len ? bytes.len : 1);
	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	LLVMFuzzerTestOneInput(copy, bytes.len);
	free(copy);
}

/* The file as it is, and every way to cut it short (in steps, where it is long): cheap, and it finds the careless read. */
static bool
replay(const char *folder, const char *name)
{
	auto_buf struct buf path = BUF_INIT(PATH_MAX);
	auto_buf struct buf bytes = BUF_INIT(FILE_BYTES_MAX);
	if (!buf_printf(&path, "%s/%s", folder, name) || !read_file(buf_cstr(&path), &bytes))
		return false;
	struct str whole = buf_view(&bytes);
	run_input(whole);
	size_t step = 1 + whole.len / 200;
	for (size_t len = 0; len < whole.len; len += step)
		run_input(str_span(whole.at, len));
	return true;
}

static int
is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	auto_buf struct buf folder = BUF_INIT(PATH_MAX);
	const char *source = getenv("TEST_SOURCE");
	const char *name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	if (argc > 1)
		buf_text(&folder, argv[1]);
	else
		buf_printf(&folder, "%s/tests/fuzz/%s.in", source ? source : ".", name);
	struct dirent **entries;
	int count = scandir(buf_cstr(&folder), &entries, is_input, alphasort);
	if (count <= 0) {
		printf("Bail out! no inputs in %s\n", buf_cstr(&folder));
		return 99;
	}
	printf("1..%d\n", count);
	int failed = 0;
	for (int i = 0; i < count; i++) {
		printf("# %s\n", entries[i]->d_name);
		fflush(stdout);
		bool ok = replay(buf_cstr(&folder), entries[i]->d_name);
		failed += !ok;
		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return failed > 0;
}
