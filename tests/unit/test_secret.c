/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/buf.h"

/* A folder for the files of one test program. */
static char folder[] = "/tmp/test_secret.XXXXXX";

static const char *
in_folder(struct buf *path, const char *name)
{
	buf_reset(path);
	buf_printf(path, "%s/%s", folder, name);
	return buf_cstr(path);
}

static void
write_file(const char *path, struct str text)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	auto_buf struct buf path = BUF_INIT(4096);
	unlink(in_folder(&path, "key"));
	unlink(in_folder(&path, "fifo"));
	return rmdir(folder);
}

static void
test_files(void **state)
{
	(void)state;
	static const struct {
		struct str text, key; /* key absent = refused */
		const char *why;
	} rows[] = {
		{ { "abc", 3 }, { "abc", 3 }, NULL },
		{ { "abc\n", 4 }, { "abc", 3 }, NULL },
		{ { "abc\r\n", 5 }, { "abc", 3 }, NULL },
		{ { "abc\n\n", 5 }, { NULL, 0 }, "it holds a line break" },
		{ { "a\nb", 3 }, { NULL, 0 }, "it holds a line break" },
		{ { "abc\r", 4 }, { NULL, 0 }, "it holds a line break" },
		{ { "a\0b", 3 }, { NULL, 0 }, "it holds a control character" },
		{ { "", 0 }, { NULL, 0 }, "it is empty" },
		{ { "\n", 1 }, { NULL, 0 }, "it is empty" },
	};
	auto_buf struct buf path = BUF_INIT(4096);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why = NULL;
		write_file(in_folder(&path, "key"), rows[i].text);
		struct secret *secret = secret_read(SECRET_FILE, buf_cstr(&path), &why);
		assert_int_equal(secret != NULL, rows[i].key.at != NULL);
		if (secret)
			assert_true(str_eq(secret_bytes(secret), rows[i].key));
		else
			assert_string_equal(why, rows[i].why);
		secret_free(secret);
	}
}

static void
test_length(void **state)
{
	(void)state;
	auto_buf struct buf path = BUF_INIT(4096), text = BUF_INIT(20000);
	const char *why = NULL;
	for (int i = 0; i < 8192; i++)
		buf_char(&text, 'k');
	buf_text(&text, "\r\n");
	write_file(in_folder(&path, "key"), buf_view(&text));
	struct secret *secret = secret_read(SECRET_FILE, buf_cstr(&path), &why);
	assert_non_null(secret);
	assert_int_equal(secret_bytes(secret).len, 8192);
	secret_free(secret);
	text.len = 8192;
	buf_text(&text, "k\n");
	write_file(buf_cstr(&path), buf_view(&text));
	assert_null(secret_read(SECRET_FILE, buf_cstr(&path), &why));
	assert_string_equal(why, "it is longer than 8 KiB");
	setenv("TEST_SECRET", buf_cstr(&text), 1);
	text.len = 8193;
	setenv("TEST_SECRET", buf_cstr(&text), 1);
	assert_null(secret_read(SECRET_ENV, "TEST_SECRET", &why));
	assert_string_equal(why, "it is longer than 8 KiB");
}

static void
test_unreadable_files(void **state)
{
	(void)state;
	auto_buf struct buf path = BUF_INIT(4096);
	const char *why = NULL;
	assert_null(secret_read(SECRET_FILE, in_folder(&path, "none"), &why));
	assert_string_equal(why, "the file does not exist");
	assert_null(secret_read(SECRET_FILE, folder, &why));
	assert_string_equal(why, "the file is not a regular file");
	assert_int_equal(mkfifo(in_folder(&path, "fifo"), 0600), 0);
	assert_null(secret_read(SECRET_FILE, buf_cstr(&path), &why)); /* and does not wait for a writer */
	assert_string_equal(why, "the file is not a regular file");
}

static void
test_environment(void **state)
{
	(void)state;
	const char *why = NULL;
	setenv("TEST_SECRET", "from the environment", 1);
	struct secret *secret = secret_read(SECRET_ENV, "TEST_SECRET", &why);
	assert_non_null(secret);
	setenv("TEST_SECRET", "changed", 1);
	assert_true(str_eq(secret_bytes(secret), STR("from the environment")));
	secret_free(secret);
	unsetenv("TEST_SECRET");
	assert_null(secret_read(SECRET_ENV, "TEST_SECRET", &why));
	assert_string_equal(why, "the environment variable is not set");
}

static void
test_credential(void **state)
{
	(void)state;
	auto_buf struct buf path = BUF_INIT(4096);
	const char *why = NULL;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_null(secret_read(SECRET_CREDENTIAL, "key", &why));
	assert_non_null(strstr(why, "$CREDENTIALS_DIRECTORY is not set"));
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	write_file(in_folder(&path, "key"), STR("a credential\n"));
	struct secret *secret = secret_read(SECRET_CREDENTIAL, "key", &why);
	assert_non_null(secret);
	assert_true(str_eq(secret_bytes(secret), STR("a credential")));
	secret_free(secret);
	assert_null(secret_read(SECRET_CREDENTIAL, "../key", &why));
	assert_null(secret_read(SECRET_CREDENTIAL, "..", &why));
	assert_null(secret_read(SECRET_CREDENTIAL, "", &why));
	secret_free(NULL);
}

static void
test_telltale(void **state)
{
	(void)state;
	const char *why = NULL;
	setenv("TEST_SECRET", "sk-0123456789", 1);
	struct secret *secret = secret_read(SECRET_ENV, "TEST_SECRET", &why);
	assert_true(secret_is_in(secret, STR("sk-0123456789")));
	assert_true(secret_is_in(secret, STR("no access with Bearer sk-0123456789.")));
	assert_true(secret_is_in(secret, STR("...23456789")));
	assert_true(secret_is_in(secret, STR("sk-01234...")));
	assert_false(secret_is_in(secret, STR("...3456789")));
	assert_false(secret_is_in(secret, STR("sk-0123")));
	assert_false(secret_is_in(secret, STR("")));
	assert_false(secret_is_in(secret, STR_NONE));
	assert_false(secret_is_in(NULL, STR("sk-0123456789")));
	secret_free(secret);
	setenv("TEST_SECRET", "abc", 1);
	secret = secret_read(SECRET_ENV, "TEST_SECRET", &why);
	assert_true(secret_is_in(secret, STR("it is abc")));
	assert_false(secret_is_in(secret, STR("ab")));
	secret_free(secret);
	unsetenv("TEST_SECRET");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_unreadable_files),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_credential),
		cmocka_unit_test(test_telltale),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
